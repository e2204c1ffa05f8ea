// Goal: whatever the clock of the host does, the time of a run is the device's, and each jump of wall time
// is in the record (pitfalls R10). Method: whole runs in virtual time, of which wall time is set forward
// and back by a second to a year; compared with the same run on a clock that nobody touched.

import { describe, expect, it } from 'vitest';
import { QUICK, type Rig, rig } from '../../support/rig.ts';
import { expectContiguous, recordOf } from '../../support/run-checks.ts';

const SECOND = 1000;
const HOUR = 3_600_000;
const YEAR = 365 * 86_400_000;
/** Virtual time zero is 2026: back to 1970, as a machine without a battery begins. */
const TO_1970 = -56 * YEAR;
const STEPS = [
  ...[SECOND, -SECOND, 5 * SECOND, -5 * SECOND, 60 * SECOND, -60 * SECOND, 600 * SECOND, -600 * SECOND],
  ...[HOUR, -HOUR, 2 * HOUR, -2 * HOUR, 86_400 * SECOND, -86_400 * SECOND, 30 * 86_400 * SECOND],
  ...[-30 * 86_400 * SECOND, YEAR, -YEAR, TO_1970, -TO_1970],
];
/**
 * What two relations of the same clocks may differ by: the error of each reading, and drift over a minute.
 */
const NEAR_MS = 10;

function wallAheadMs(run: Rig): number[] {
  return run
    .reader()
    .clockSyncs(1, 1000)
    .map(({ timeUs, wallMs }) => wallMs - timeUs / 1000);
}

describe('a run whose host clock is set', () => {
  it.each([SECOND, -SECOND, HOUR, -HOUR, YEAR, -YEAR, TO_1970, -TO_1970])(
    'by %d ms keeps its times, and has a row that says so',
    (byMs) => {
      const undisturbed = rig({ parameters: QUICK });
      const disturbed = rig({ parameters: QUICK });
      for (const run of [undisturbed, disturbed]) run.runToHalfCycle(2, 1500);
      disturbed.clock.stepWall(byMs);
      for (const run of [undisturbed, disturbed]) run.runToEnd();
      expect(disturbed.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
      expect(expectContiguous(disturbed.reader())).toEqual(recordOf(undisturbed.reader()));
      expect(wallAheadMs(undisturbed)).toHaveLength(1);
      const [before = 0, after = 0, ...more] = wallAheadMs(disturbed);
      expect(more).toEqual([]);
      expect(Math.abs(after - before - byMs)).toBeLessThan(NEAR_MS);
    },
  );

  it('again and again has a row for each time', () => {
    const run = rig({ parameters: { ...QUICK, cycles: 12 } });
    for (const [index, byMs] of STEPS.entries()) {
      run.runToHalfCycle(index + 1, 900);
      run.clock.stepWall(byMs);
    }
    run.runToEnd();
    expectContiguous(run.reader());
    const ahead = wallAheadMs(run);
    const jumps = ahead.slice(1).map((ms, index) => ms - (ahead[index] ?? 0));
    expect(jumps).toHaveLength(STEPS.length);
    jumps.forEach((ms, index) => expect(Math.abs(ms - (STEPS[index] ?? 0))).toBeLessThan(NEAR_MS));
  });

  it('while the link is away has the row when the link is back', () => {
    const run = rig({ parameters: QUICK });
    run.runToHalfCycle(1, 500);
    run.line.cut();
    run.clock.advance(1500);
    run.clock.stepWall(HOUR);
    run.clock.advance(500);
    run.line.plugIn();
    run.runToEnd();
    const ahead = wallAheadMs(run);
    expect(Math.abs((ahead.at(-1) ?? 0) - (ahead[0] ?? 0) - HOUR)).toBeLessThan(NEAR_MS);
  });
});
