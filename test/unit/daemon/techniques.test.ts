// Goal: held voltages, sweeps and spectra are steps like any other on an instrument that declares them, and
// are refused on one that does not. Method: a sequence of such steps on emulated instruments; samples and
// spectra are read from the run file and held against the cell.

import { describe, expect, it } from 'vitest';
import { chosenCell } from '../../../firmware-sim/cell/library/chosen-cell.ts';
import { NO_LIMITS, type Step, type StepMode } from '../../../src/steps/step.ts';
import { type DialectRig, dialectRig } from '../../support/dialect-rig.ts';
import { expectContiguous, isCellOpen } from '../../support/run-checks.ts';
import { stepOfMode, stepSequence } from '../../support/step-sequence.ts';

const CURRENT_PA = 1_130_000_000;
const SPAN = { fromMilliHz: 100_000_000, toMilliHz: 1_000_000, points: 11 } as const;
const EIS: StepMode = {
  kind: 'eis',
  bias: { kind: 'voltage', voltageNv: 0, amplitudeNv: 5_000_000 },
  ...SPAN,
};
const GEIS: StepMode = {
  kind: 'eis',
  bias: { kind: 'current', currentPa: 0, amplitudePa: 100_000_000 },
  ...SPAN,
};
const HOLD: StepMode = { kind: 'cv', voltageNv: 20_000_000 };
const LINEAR: StepMode = {
  kind: 'sweep',
  fromNv: 0,
  verticesNv: [20_000_000],
  rateNvPerS: 1_000_000,
  stepNv: 1_000_000,
  scans: 1,
};
const CYCLIC: StepMode = { ...LINEAR, verticesNv: [20_000_000, -20_000_000], scans: 2 };

function ran(
  modes: readonly StepMode[],
  dialect: 'methodscript' | 'keithley2400' = 'methodscript',
): DialectRig {
  const steps = modes.map((mode, index) => stepOfMode(`${mode.kind}-${index}`, mode, 200_000_000));
  const protocol = stepSequence(steps, CURRENT_PA);
  const run = dialectRig({ dialect, parameters: {}, protocol, errors: 'ideal', manner: 'simulate' });
  if (run.refusal === null) run.runToEnd();
  return run;
}

describe('techniques beside constant current', () => {
  it('hold a voltage and count what flows', () => {
    const run = ran([{ ...HOLD }]);
    const { samples, steps } = expectContiguous(run.reader());
    const held = steps.at(-1);
    expect(held).toMatchObject({ programStep: 'cv-0', mode: 'cv', reason: 'duration' });
    const volts = samples.voltageNv.filter((_, index) => samples.step[index] === held?.stepNumber);
    expect(volts.length).toBeGreaterThan(1000);
    for (const nv of volts) expect(Math.abs((nv ?? 0) - 20_000_000)).toBeLessThan(20_000);
    const truth = run.device.truth(1);
    // Coarse readings of a current that decays: within one part in a hundred of what the cell saw.
    expect(Math.abs((held?.endNetChargeNc ?? 0) / truth.netChargeNc - 1)).toBeLessThan(0.01);
    expect(isCellOpen(run.cellLog)).toBe(true);
  });

  it('end a held voltage at a small current, with a burst at its start, and go on from there', () => {
    const record = { everyUs: 1_000_000, voltageDeltaNv: null, currentDeltaPa: null };
    const charge = { ...stepOfMode('cc', { kind: 'cc', currentPa: CURRENT_PA }, 20_000_000), record };
    const hold = (programStep: string, currentMinPa: number): Step => ({
      ...stepOfMode(programStep, HOLD, 30_000_000),
      limits: { ...NO_LIMITS, currentMinPa },
      record: { ...record, burst: { everyUs: 100_000, forUs: 5_000_000 } },
    });
    // The cell takes some 0.3 mA at this voltage.
    const steps = [charge, hold('long', 1_000_000), charge, hold('short', 1_000_000_000), charge];
    const protocol = stepSequence(
      steps.map((step) => ({ ...step, allowsLookAhead: true })),
      CURRENT_PA,
    );
    const run = dialectRig({ dialect: 'methodscript', parameters: {}, protocol, manner: 'simulate' });
    run.runToEnd();
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    const { samples, steps: log } = expectContiguous(run.reader());
    const ended = log.slice(-5).map(({ programStep, reason }) => `${programStep} ${String(reason)}`);
    const charged = 'cc duration';
    expect(ended).toEqual([charged, 'long duration', charged, 'short current-min', charged]);
    const [long, , short] = log.slice(-4);
    const sinceStart = (of: typeof long): number[] =>
      samples.timeUs
        .filter((_, index) => samples.step[index] === of?.stepNumber)
        .map((timeUs) => timeUs - (of?.startUs ?? 0));
    // 50 in the burst, then one a second, the last 1 s later.
    const longUs = sinceStart(long);
    expect(longUs.filter((us) => us <= 5_000_000)).toHaveLength(50);
    expect(longUs.filter((us) => us > 5_000_000)).toHaveLength(25);
    // The first loop is not judged; the first reading of the next one is.
    expect(sinceStart(short)).toEqual([100_000, 200_000]);
  });

  it('sweep to a vertex, and round two of them twice', () => {
    const run = ran([LINEAR, CYCLIC]);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    const { samples, steps } = expectContiguous(run.reader());
    const [linear, cyclic] = steps
      .slice(-2)
      .map(({ stepNumber }) =>
        samples.voltageNv.filter((_, index) => samples.step[index] === stepNumber).map((nv) => nv ?? 0),
      );
    expect(Math.max(...(linear ?? []))).toBeCloseTo(20_000_000, -5);
    expect(Math.min(...(linear ?? []))).toBeGreaterThan(-1_000_000);
    expect(Math.min(...(cyclic ?? []))).toBeCloseTo(-20_000_000, -5);
    // Two scans of 80 mV in stairs of 1 mV, and the first point.
    expect(cyclic?.length).toBeGreaterThan(155);
    expect(cyclic?.length).toBeLessThan(165);
  });

  it.each<[string, StepMode]>([
    ['a voltage', EIS],
    ['a current', GEIS],
  ])('take a spectrum under %s: the impedance of the cell at each frequency', (_, mode) => {
    const run = ran([mode]);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    expectContiguous(run.reader());
    const points = run.reader().impedance(1, 100);
    expect(points.length).toBe(SPAN.points);
    const frequencies = points.map(({ frequencyMilliHz }) => frequencyMilliHz);
    expect(frequencies[0]).toBe(SPAN.fromMilliHz);
    expect(frequencies.at(-1)).toBe(SPAN.toMilliHz);
    expect(frequencies).toEqual(frequencies.toSorted((a, b) => b - a));
    // A fresh cell of the same kind, never driven: the contact check changes low frequencies by some per
    // cent.
    const { model } = chosenCell('bare-zn', { seed: 7, cell: 0 });
    for (const { frequencyMilliHz, realMicroOhm, imaginaryMicroOhm } of points) {
      const expected = model.impedanceOhm?.(0, frequencyMilliHz / 1000) ?? { real: 0, imaginary: 0 };
      const size = Math.hypot(expected.real, expected.imaginary);
      expect(Math.abs(realMicroOhm / 1e6 - expected.real) / size).toBeLessThan(0.1);
      expect(Math.abs(imaginaryMicroOhm / 1e6 - expected.imaginary) / size).toBeLessThan(0.1);
    }
    expect(isCellOpen(run.cellLog)).toBe(true);
  });

  it('are refused in one line on an instrument that does not declare them', () => {
    const { refusal, cellLog } = ran([EIS], 'keithley2400');
    expect(refusal).toEqual({
      code: 'CAPABILITY_MISSING',
      message: expect.stringMatching(
        /^step "eis-0" needs mode "eis"; this instrument has rest, cc: /,
      ) as string,
    });
    expect(cellLog.every(({ cell }) => cell === 'off')).toBe(true);
  });

  it('and bursts are refused in one line on an instrument that has none', () => {
    const step = stepOfMode('pulse', { kind: 'cc', currentPa: CURRENT_PA }, 10_000_000);
    const record = { ...step.record, burst: { everyUs: 20_000, forUs: 1_000_000 } };
    const refusalOn = (dialect: 'zahner' | 'keithley2400'): string | undefined => {
      const protocol = stepSequence([{ ...step, record }], CURRENT_PA);
      return dialectRig({ dialect, parameters: {}, protocol }).refusal?.message;
    };
    expect(refusalOn('zahner')).toMatch(/^step "pulse" asks for a burst .* does not have$/);
    expect(refusalOn('keithley2400')).toMatch(/every 0.02 s; this instrument needs 0.2 s or more$/);
  });

  it('do not change what the half-cycle behind them is compared with', () => {
    const charge = stepOfMode('strip', { kind: 'cc', currentPa: CURRENT_PA }, 20_000_000);
    const hold = stepOfMode('hold', { kind: 'cv', voltageNv: 5_000_000 }, 20_000_000);
    const guarded = stepOfMode('plate', { kind: 'cc', currentPa: -CURRENT_PA }, 100_000_000);
    const limits = { ...NO_LIMITS, lastStepChargePpm: 1_500_000 };
    const protocol = stepSequence([charge, hold, { ...guarded, limits }], CURRENT_PA);
    const run = dialectRig({ dialect: 'methodscript', parameters: {}, protocol, errors: 'ideal' });
    run.runToEnd();
    const last = run.reader().steps(1, 100).at(-1);
    expect(last).toMatchObject({ programStep: 'plate', reason: 'last-step-charge' });
    // 1.5 times 20 s of the current, not of the far smaller charge under the held voltage.
    expect(Math.abs((last?.chargeNc ?? 0) / (CURRENT_PA * 30 * 1e-3) + 1)).toBeLessThan(0.01);
  });
});
