// Goal: hosts of the vendors' kind work on the simulated instruments. Method: Python clients with pyserial,
// written from what PalmSens and Zahner publish and sharing nothing with this project, on ptys with a known
// resistor.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cellLogOf } from '../e2e/records.ts';
import { createRig, type Rig, root } from '../e2e/rig.ts';
import { DEBIAN_PYTHON } from '../support/require-tools.ts';

const RESISTOR_OHM = 10;

interface ScriptRun {
  /** First letters of all lines but packages. */
  readonly marks: string;
  readonly types: readonly (readonly string[])[];
  readonly rows: readonly (readonly number[])[];
  readonly status: readonly number[];
}

interface MethodscriptReport {
  readonly cp: ScriptRun;
  readonly ocp: ScriptRun;
  readonly eis: ScriptRun;
}

interface ZahnerReport {
  readonly no_output: readonly number[];
  readonly live: number;
  readonly primitives: readonly {
    readonly answer: string;
    /** Time, voltage, current. */
    readonly rows: readonly (readonly [number, number, number])[];
  }[];
}

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

async function simulator(...args: readonly string[]): Promise<void> {
  const log = ['--cell-log', rig.file('cells.jsonl'), '--cell-model', 'dummy-10-ohm', '--seed', '5'];
  await rig.galvanode('sim', '--pty', rig.file('line'), ...log, ...args).says(/^\{.*\}$/m);
}

async function report<T>(program: string, ...ports: readonly string[]): Promise<T> {
  const client = rig.launch(DEBIAN_PYTHON, [`${root}/test/smoke/${program}`, ...ports]);
  const { code } = await client.ended;
  expect(code, client.stderr()).toBe(0);
  return JSON.parse(client.stdout()) as T;
}

it('runs scripts as the examples of PalmSens do, and is found again after the port was lost', async () => {
  await simulator('--dialect', 'methodscript', '--profile', 'es4_hr', '--speed', '20');
  const found = await report<MethodscriptReport>('methodscript_client.py', rig.file('line'));
  expect(found).toMatchObject({
    idle: 'Z!0006',
    firmware: expect.stringMatching(/^tes4_hr\d+#.* R\*$/),
    language: expect.stringMatching(/^v\d\d\.\d\d\.\d\d$/),
    serial: 'iES4HRSIM0005',
    refused: 'e!4004: Line 1, Col 7',
    began: ['e', 'M000A', expect.stringMatching(/^Peb/)],
    running: 'Z',
    serial_again: 'iES4HRSIM0005',
  });
  const { cp, ocp, eis } = found;

  expect(cp).toMatchObject({ marks: 'eM*', types: [['eb', 'ba', 'ab']], status: [0] });
  expect(cp.rows).toHaveLength(20);
  for (const [index, [seconds = 0, amperes = 0, volts = 0]] of cp.rows.entries()) {
    expect(seconds).toBeCloseTo((index + 1) / 10, 6);
    expect(Math.abs(amperes - 1e-3)).toBeLessThan(2e-5);
    expect(Math.abs(volts - RESISTOR_OHM * 1e-3)).toBeLessThan(1e-3);
  }

  expect(ocp).toMatchObject({ marks: 'eM*', types: [['ab']] });
  expect(ocp.rows).toHaveLength(10);
  for (const [volts = 1] of ocp.rows) expect(Math.abs(volts)).toBeLessThan(1e-3);

  expect(eis).toMatchObject({ marks: 'eM*', types: [['dc', 'cc', 'cd']] });
  expect(eis.rows.map(([hertz]) => hertz)).toEqual(
    Array.from({ length: 11 }, (_, index) => expect.closeTo(10 ** (5 - 0.3 * index), -1)),
  );
  for (const [, real = 0, imaginary = 1] of eis.rows) {
    expect(Math.hypot(real - RESISTOR_OHM, imaginary)).toBeLessThan(0.1);
  }
  expect(cellLogOf(rig.file('cells.jsonl')).at(-1)).toMatchObject({ cell: 'off', why: 'off' });
});

it('measures as the client of Zahner does, on both ports, and is aborted in the middle', async () => {
  await simulator('--dialect', 'zahner');
  const [text, data] = [rig.file('line'), rig.file('line.data')];
  const found = await report<ZahnerReport>('zahner_client.py', text, data);
  const name = 'ZAHNER-ELEKTRIK,PP212,SIM5,1.1.0';
  expect(found).toMatchObject({
    names: [name, `${name} binary`],
    log: ['POGA start', 'POGA running', 'POGA done', 'bulk', 'POGA finishing'],
    abort: ['error 1005', 'ok'],
    blocked: ['1005', 'error 1006'],
    hard_limit: 'error 1003',
    unknown: 'error 27',
    problem: null,
  });
  expect(found).toMatchObject({ tracks: [[13], [11], [12]].map(([id]) => expect.arrayContaining([id])) });
  for (const reading of found.no_output) expect(Math.abs(reading)).toBeLessThan(1e-3);

  const [plus, minus, rest, ramp] = found.primitives;
  expect(found.primitives.map(({ answer, rows }) => [answer, rows.length])).toEqual([
    ['ok', 50],
    // 10 mC of 10 mA: ended by its charge after a second.
    ['ok', expect.closeTo(25, -1)],
    ['ok', 50],
    ['ok', 50],
  ]);
  for (const [sign, primitive] of [
    [1, plus],
    [-1, minus],
  ] as const) {
    for (const [, volts, amperes] of primitive?.rows ?? []) {
      expect(Math.abs(amperes - sign * 0.01)).toBeLessThan(1e-4);
      expect(Math.abs(volts - RESISTOR_OHM * amperes)).toBeLessThan(1e-3);
    }
  }
  for (const [, volts] of rest?.rows ?? []) expect(Math.abs(volts)).toBeLessThan(1e-3);
  expect(ramp?.rows.at(-1)?.[1]).toBeCloseTo(0.1, 2);
  // Live rows may be dropped; none is there twice.
  expect(found.live).toBeGreaterThan(100);
  expect(found.live).toBeLessThanOrEqual(found.primitives.reduce((sum, { rows }) => sum + rows.length, 0));
  expect(cellLogOf(rig.file('cells.jsonl')).at(-1)).toMatchObject({ cell: 'off' });
});
