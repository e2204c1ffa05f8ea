// Goal: a driver that others wrote works on the simulated SourceMeter as it is. Method: PyMeasure and PyVISA
// of Debian, unmodified, on a pty with a known resistor behind it; what they read against what the cell saw.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cellLogOf } from '../e2e/records.ts';
import { createRig, type Rig, root } from '../e2e/rig.ts';
import { DEBIAN_PYTHON } from '../support/require-tools.ts';

interface Report {
  readonly pyvisa: Readonly<
    Record<'idn' | 'no_error' | 'complete' | 'function' | 'error' | 'several', string>
  >;
  readonly pymeasure: {
    readonly voltage_v: number;
    readonly voltage_reversed_v: number;
    readonly buffer_v: readonly number[];
    /** Volts, amperes. */
    readonly mean: readonly [number, number];
    readonly std: readonly [number, number];
    readonly extremes_v: readonly [number, number];
  };
}

/** The cell, and the 1-year specification: 2 V range 0.012 % + 0.3 mV, 10 mA range 0.045 % + 2 uA. */
const RESISTOR_OHM = 10;
const CURRENT_A = 5e-3;
const BOUND_V = RESISTOR_OHM * (CURRENT_A * 4.5e-4 + 2e-6) + 3e-4 + 6e-6;

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

it('drives a resistor through PyMeasure, and reads what the cell had', async () => {
  const cellLog = rig.file('cells.jsonl');
  const where = ['--dialect', 'keithley2400', '--pty', rig.file('meter'), '--cell-log', cellLog];
  const simulator = rig.galvanode('sim', ...where, '--cell-model', 'dummy-10-ohm', '--seed', '5');
  await simulator.says(/^\{.*\}$/m);
  const client = rig.launch(DEBIAN_PYTHON, [`${root}/test/smoke/pymeasure_keithley.py`, rig.file('meter')]);
  const { code } = await client.ended;
  expect(code, client.stderr()).toBe(0);
  const { pyvisa, pymeasure } = JSON.parse(client.stdout()) as Report;

  expect(pyvisa).toMatchObject({ no_error: '0,"No error"', complete: '1', function: 'VOLT' });
  expect(pyvisa.idn).toMatch(/^KEITHLEY INSTRUMENTS INC\.,MODEL 2400,SIM0*5,C30/);
  expect(pyvisa.error).toBe('-113,"Undefined header"');
  expect(pyvisa.several).toBe('0;VOLT;2.100000E+01');

  expect(pymeasure).toMatchObject({
    ...{ id: pyvisa.idn, mode: 'current', source_a: CURRENT_A, compliance_v: 2, source_range_a: 0.0105 },
    ...{ enabled: true, full_before: false, full_after: true, enabled_at_end: false, errors_at_end: [] },
    errors: [[-222, 'Parameter data out of range']],
  });
  const due = RESISTOR_OHM * CURRENT_A;
  expect(Math.abs(pymeasure.voltage_v - due)).toBeLessThan(BOUND_V);
  expect(Math.abs(pymeasure.voltage_reversed_v + due * 0.4)).toBeLessThan(BOUND_V);
  expect(pymeasure.buffer_v).toHaveLength(10);
  const mean = pymeasure.buffer_v.reduce((sum, volts) => sum + volts, 0) / 10;
  expect(pymeasure.mean[0]).toBeCloseTo(mean, 6);
  expect(Math.abs(pymeasure.mean[1] - CURRENT_A)).toBeLessThan(BOUND_V / RESISTOR_OHM);
  expect(pymeasure.extremes_v).toEqual([Math.min(...pymeasure.buffer_v), Math.max(...pymeasure.buffer_v)]);
  expect(pymeasure.std[0]).toBeLessThan(1e-4);

  const seen = cellLogOf(cellLog);
  const near = (pa: number, amperes: number): boolean => Math.abs(pa / 1e12 - amperes) < 1e-5;
  expect(seen.some(({ cell, i_pa }) => cell === 'on' && near(i_pa, CURRENT_A))).toBe(true);
  expect(seen.some(({ cell, i_pa }) => cell === 'on' && near(i_pa, -0.4 * CURRENT_A))).toBe(true);
  expect(seen.at(-1)).toMatchObject({ cell: 'off', why: 'off' });
});
