// Goal: what cannot work is refused in one line before anything is created, and nothing is sent to the cell.
// Method: starts that must fail; the data folder stays empty and the wire silent.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../src/base/errors.ts';
import { rangeWarning } from '../../../src/cli/range-warning.ts';
import { dialectRig } from '../../support/dialect-rig.ts';
import { QUICK, type Rig, type RigOptions, rig } from '../../support/rig.ts';

function expectNothingStarted(run: Rig): void {
  expect(existsSync(join(run.dataPath, 'runs'))).toBe(false);
  const types = run.happenings.flatMap((entry) =>
    entry.type === 'sent' ? [entry.frame.split(' ')[1]?.split('*')[0]] : [],
  );
  for (const type of ['open', 'lease', 'job', 'node', 'commit']) expect(types).not.toContain(type);
  expect(run.cellLog.every(({ cell }) => cell === 'off')).toBe(true);
}

describe('the start of a run', () => {
  it.each<[string, RigOptions, ErrorCode, RegExp]>([
    [
      'a current beyond the largest range',
      { parameters: { ...QUICK, current_density: '150 mA/cm2', areal_capacity: '1 mAh/cm2' } },
      'RANGE_EXCEEDED',
      /^the largest current, 169.5 mA, is beyond the largest range \(100 mA\) of cycler "rig"; lower it/,
    ],
    [
      'a current so near to full scale that the range has no margin',
      { parameters: { ...QUICK, current_density: '88 mA/cm2', areal_capacity: '1 mAh/cm2' } },
      'RANGE_EXCEEDED',
      /^the largest current, 99.44 mA/,
    ],
    [
      'an unknown parameter',
      { parameters: { cycels: 3 } },
      'PARAMS_INVALID',
      /unknown parameter "cycels"; did you mean "cycles"/,
    ],
    [
      'a misspelt unit',
      { parameters: { current_density: '1 mA/cm3' } },
      'PARAMS_INVALID',
      /"current_density": .*did you mean "mA\/cm2"/,
    ],
    [
      'two wrong parameters',
      { parameters: { current_density: '1', wetting: '6 hrs' } },
      'PARAMS_INVALID',
      /"current_density": .*"wetting": /,
    ],
    [
      'a channel that the cycler does not have',
      { channel: 2 },
      'CHANNEL_UNKNOWN',
      /"channel": 2 is outside 1 … 1 of cycler "rig"/,
    ],
    ['channel 0', { channel: 0 }, 'CHANNEL_UNKNOWN', /"channel": 0 is outside/],
  ])('is refused for %s: one line with code, field and what to do', (_, options, code, message) => {
    const run = rig(options);
    expect(run.refusal?.code).toBe(code);
    expect(run.refusal?.message).toMatch(message);
    expect(run.refusal?.message).not.toContain('\n');
    expectNothingStarted(run);
  });

  it('takes the smallest range that fits with a margin, and says so in the file', () => {
    const run = rig();
    expect(run.reader().meta()).toMatchObject({
      instrument: { rangeIndex: 2, rangeFullScalePa: 100_000_000_000 },
    });
    const small = rig({ parameters: { ...QUICK, current_density: '0.8 mA/cm2' } });
    expect(small.reader().meta()).toMatchObject({ instrument: { rangeIndex: 0, isRangePoorlyUsed: false } });
  });

  it('goes on where the smallest range is used below a fifth, and says so in the file', () => {
    const run = rig({ parameters: { ...QUICK, current_density: '0.1 mA/cm2' } });
    const meta = run.reader().meta();
    expect(meta).toMatchObject({ instrument: { rangeIndex: 0, isRangePoorlyUsed: true } });
    expect(rangeWarning(meta)).toMatch(
      /^warning: the largest current is 11 % of its range \(1 mA\), whose offset/,
    );
    expect(
      rangeWarning(
        rig({ parameters: { ...QUICK, current_density: '0.8 mA/cm2' } })
          .reader()
          .meta(),
      ),
    ).toBeNull();
    expect(run.state).toBe('resting');
  });

  it('needs an explicit word for an instrument that nothing stops when the host falls silent', () => {
    const refused = dialectRig({ dialect: 'keithley2400', parameters: QUICK, acceptsNoDeadMan: false });
    expect(refused.refusal).toMatchObject({ code: 'CAPABILITY_MISSING' });
    expect(refused.refusal?.message).toMatch(/set "accept_no_dead_man: true" for it in the configuration/);
    expect(refused.cellLog.every(({ cell }) => cell === 'off')).toBe(true);
    const accepted = dialectRig({ dialect: 'keithley2400', parameters: QUICK });
    expect(accepted.reader().meta()).toMatchObject({ acceptsNoDeadMan: true });
  });

  it('stores what was asked for, as an operator would write it', () => {
    const run = rig();
    expect(run.reader().meta()).toMatchObject({
      protocol: { name: 'symmetric-cycling', version: 2 },
      parameters: { current_density: '10 mA/cm2', cycles: 4, first_half: 'plate' },
      cell: { areaCm2: 1.13, sampleId: 'A-1' },
    });
  });
});
