// Goal: a run of two years is one run: its times grow through thousands of wraps of the device's clock, no
// wait overflows, no charge is lost. Method: in virtual time, on a device whose clock of 32 bits counts
// microseconds.

import { expect, it } from 'vitest';
import { INSTRUMENTS } from '../../../firmware-sim/board/instrument.ts';
import { QUICK, rig } from '../../support/rig.ts';
import { expectContiguous } from '../../support/run-checks.ts';

const HOUR_US = 3_600_000_000;
/** 2^32 us, in whole ticks of the converter. */
const WRAP_US = 4_294_967_000;
/** 1 mAh/cm2 at 2 uA/cm2: a half-cycle takes three weeks. */
const SLOW = {
  ...QUICK,
  ...{ current_density: '0.002 mA/cm2', areal_capacity: '1 mAh/cm2', cycles: 18, record_interval: '1 h' },
};
const HALF_H = 500;
/** 1 mAh/cm2 on 1.13 cm2. */
const CHARGE_NC = 4_068_000_000;

it('is recorded in the time of the device, with half-cycles of three weeks', () => {
  const instrument = { ...INSTRUMENTS.bench, clockWrapUs: WRAP_US };
  const run = rig({ manner: 'simulate', parameters: SLOW, instrument });
  run.runToEnd(3 * 366 * 86_400_000);
  expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
  const { halfCycles, steps, samples } = expectContiguous(run.reader());
  expect(halfCycles).toHaveLength(36);
  expect((samples.timeUs.at(-1) ?? 0) / WRAP_US).toBeGreaterThan(15_000);
  const lengthsH = steps
    .filter(({ phase }) => phase === 'cycling')
    .map(({ startUs, endUs }) => ((endUs ?? 0) - startUs) / HOUR_US);
  // At so small a current the offset of the source is 3 %.
  for (const hours of lengthsH) expect(Math.abs(hours / HALF_H - 1)).toBeLessThan(0.05);
  for (const { chargeNc } of halfCycles) expect(Math.abs(chargeNc / CHARGE_NC - 1)).toBeLessThan(1e-6);
}, 60_000);
