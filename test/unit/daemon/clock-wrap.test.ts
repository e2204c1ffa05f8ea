// Goal: a run does not notice that the clock of its device wraps: its record is that of the same run on a
// device whose clock does not. Method: whole runs in virtual time, on two devices that differ in nothing
// else.

import { describe, expect, it } from 'vitest';
import { type Instrument, INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import { QUICK, type Rig, type RigOptions, rig } from '../../support/rig.ts';
import { expectContiguous, type RunRecord, recordOf } from '../../support/run-checks.ts';

const WRAP_US = 60_000_000;
const HOUR_MS = 3_600_000;
const ENDLESS = INSTRUMENTS.bench;
const WRAPPING: Instrument = { ...ENDLESS, clockWrapUs: WRAP_US };

/** Half-cycles of 3.6 s: with the preliminaries five minutes and more. */
const FIVE_MINUTES = { ...QUICK, cycles: 40 };

/** The same on both devices; the record of the one whose clock wraps is looked at first. */
function onBoth(options: RigOptions, act: (run: Rig) => void): { wrapping: RunRecord; endless: RunRecord } {
  const ran = [WRAPPING, ENDLESS].map((instrument) => {
    const run = rig({ ...options, instrument });
    act(run);
    run.runToEnd(HOUR_MS);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    return run;
  });
  const [wrapping, endless] = ran;
  if (wrapping === undefined || endless === undefined) throw new Error('there are two devices');
  expect(endless.reader().events(1, 10_000)).toEqual(wrapping.reader().events(1, 10_000));
  return { wrapping: expectContiguous(wrapping.reader()), endless: recordOf(endless.reader()) };
}

function wrapsIn({ samples }: RunRecord): number {
  return Math.floor((samples.timeUs.at(-1) ?? 0) / WRAP_US);
}

function longestGapUs({ samples }: RunRecord): number {
  const { timeUs } = samples;
  return Math.max(...timeUs.slice(1).map((us, index) => us - (timeUs[index] ?? us)));
}

function edgesOf({ steps }: RunRecord): (number | null)[][] {
  return steps.map(({ startUs, endUs, endNetChargeNc }) => [startUs, endUs, endNetChargeNc]);
}

describe('symmetric cycling over many wraps', () => {
  it.each(['bench', 'simulate'] as const)('records what it would without them: manner %s', (manner) => {
    const { wrapping, endless } = onBoth({ manner, parameters: FIVE_MINUTES }, () => undefined);
    expect(wrapsIn(wrapping)).toBeGreaterThanOrEqual(4);
    expect(wrapping).toEqual(endless);
  });

  it('keeps every time where a step is longer than the wrap; the device only adds samples', () => {
    const parameters = { ...QUICK, areal_capacity: '0.5 mAh/cm2', record_interval: '60 s' };
    const { wrapping, endless } = onBoth({ manner: 'simulate', parameters }, () => undefined);
    expect(wrapsIn(wrapping)).toBeGreaterThanOrEqual(20);
    expect(edgesOf(wrapping)).toEqual(edgesOf(endless));
    expect(longestGapUs(endless)).toBeGreaterThan(WRAP_US / 2);
    expect(longestGapUs(wrapping)).toBeLessThanOrEqual(WRAP_US / 4);
  });
});

describe('a run whose line is bad', () => {
  it('gets its samples back with the times that they had', () => {
    const lose = (run: Rig): void => {
      let count = 0;
      run.line.loses = (frame) => {
        count += 1;
        return / [sel] /.test(frame) && count % 7 === 0;
      };
    };
    const { wrapping, endless } = onBoth({ parameters: FIVE_MINUTES }, lose);
    expect(wrapsIn(wrapping)).toBeGreaterThanOrEqual(4);
    expect(wrapping).toEqual(endless);
  });
});

describe('a run whose host was away for two wraps and a half', () => {
  it('goes on in the time of the device, and what was missed is dated as it was', () => {
    const away = (run: Rig): void => {
      run.runToHalfCycle(1, 1000);
      run.line.cut();
      run.clock.advance(150_000);
      run.line.plugIn();
    };
    const parameters = { ...QUICK, areal_capacity: '0.5 mAh/cm2' };
    const { wrapping, endless } = onBoth({ manner: 'simulate', parameters }, away);
    expect(wrapsIn(wrapping)).toBeGreaterThanOrEqual(20);
    expect(wrapping).toEqual(endless);
  });
});
