// Goal: every measurement loop drives the cell as its technique says, and shows what a meter would. Method: a
// resistor, whose answers are known, and the zinc cell for what a resistor cannot tell (impedance, charge).
import { describe, expect, it } from 'vitest';
import { errorBounds } from '../../../../firmware-sim/board/instrument.ts';
import { chosenCell } from '../../../../firmware-sim/cell/library/chosen-cell.ts';
import { ResistiveCell } from '../../../../firmware-sim/cell/resistive-cell.ts';
import { METHODSCRIPT_PROFILES, PROFILES } from '../../../../firmware-sim/dialects/methodscript/profiles.ts';
import type { InstrumentOptions } from '../../../../firmware-sim/simulated-instrument.ts';
import { packagesOf, Rig, type Variable } from './rig.ts';

const resistor = (openCircuitV = 0, resistanceOhm = 100) =>
  new ResistiveCell({ openCircuitV, resistanceOhm });
const POTENTIOSTAT = `
  var e
  var i
  var x
  var y
  var z
  var w
  set_pgstat_chan 0
  set_pgstat_mode 3
  set_range ba 10m
  set_e 0
  cell_on`;
const GALVANOSTAT = `
  var e
  var i
  var x
  var y
  set_pgstat_chan 0
  set_pgstat_mode 6
  set_max_bandwidth 40
  set_range ab 1
  set_range db 10m
  set_i 0
  cell_on`;

const send = (...names: string[]): string =>
  ['pck_start', ...names.map((name) => `pck_add ${name}`), 'pck_end'].join('\n');
const loop = (command: string, ...names: string[]): string => `${command}\n${send(...names)}\nendloop`;

function measured(script: string, options: Partial<InstrumentOptions> = {}): Variable[][] {
  const rig = new Rig({ cell: resistor(), ...options });
  const lines = rig.run(`${script}\non_finished:\ncell_off`, 3_600_000);
  expect(lines.find((line) => line.includes('!'))).toBeUndefined();
  expect(rig.cell).toBe('off');
  return packagesOf(lines);
}

const rounded = (points: readonly Variable[][]): number[][] =>
  points.map((point) => point.map(({ value }) => Number(value.toPrecision(6))));

describe('constant levels', () => {
  it('drives a current and shows the voltage at the end of each interval', () => {
    const points = measured(`${GALVANOSTAT}\n${loop('meas_loop_cp e i 2m 500m 2', 'e', 'i')}`);
    expect(rounded(points)).toEqual(Array.from({ length: 4 }, () => [0.2, 0.002]));
    expect(points[0]?.map(({ type, metadata }) => [type, ...metadata])).toEqual([
      ['ab', '10', '205', '40'],
      ['ba', '10', '218', '40'],
    ]);
  });

  it('holds a potential and shows the current', () => {
    const points = measured(`${POTENTIOSTAT}\n${loop('meas_loop_ca e i 100m 1 3', 'e', 'i')}`);
    expect(rounded(points)).toEqual(Array.from({ length: 3 }, () => [0.1, 0.001]));
    expect(points[0]?.[0]).toMatchObject({ type: 'da', metadata: [] });
  });

  it('watches the open cell', () => {
    const script =
      'var e\nset_pgstat_mode 3\nset_range ab 1\nmeas_loop_ocp e 1 3\npck_start\npck_add e\npck_end\nendloop';
    const rig = new Rig({ cell: resistor(0.123) });
    expect(rounded(packagesOf(rig.run(script, 5000)))).toEqual([[0.123], [0.123], [0.123]]);
  });

  it.each([
    [1, [0.1, 0.001]],
    [2, [0.3, 0.003]],
    [3, [0.3, 0.002]],
  ])('pulses for amperometric detection in mode %s', (mode, point) => {
    const command = `meas_loop_pad e i 100m 300m 10m 50m 200m ${mode}`;
    expect(rounded(measured(`${POTENTIOSTAT}\n${loop(command, 'e', 'i')}`))).toEqual([
      point,
      point,
      point,
      point,
    ]);
  });
});

describe('sweeps', () => {
  it('steps a potential from begin to end, both included, at its rate', () => {
    const script = `${POTENTIOSTAT}
      timer_start
      meas_loop_lsv e i -20m 20m 10m 100m
      timer_get x
      ${send('x', 'e', 'i')}
      endloop`;
    expect(rounded(measured(script))).toEqual([
      [0.1, -0.02, -0.0002],
      [0.2, -0.01, -0.0001],
      [0.3, 0, 0],
      [0.4, 0.01, 0.0001],
      [0.5, 0.02, 0.0002],
    ]);
  });

  it('steps a current', () => {
    const points = measured(`${GALVANOSTAT}\n${loop('meas_loop_lsp e i 1m -1m 1m 1m', 'e', 'i')}`);
    expect(rounded(points)).toEqual([
      [0.1, 0.001],
      [0, 0],
      [-0.1, -0.001],
    ]);
  });

  it('cycles a potential between two vertices, scan by scan', () => {
    const rig = new Rig({ cell: resistor() });
    const command = 'meas_loop_cv e i 0 20m -10m 10m 100m nscans(2)';
    const lines = rig.run(`${POTENTIOSTAT}\n${loop(command, 'e')}`, 5000);
    const marks = lines.map((line) => (line.startsWith('P') ? 'P' : line));
    const scan = ['P', 'P', 'P', 'P', 'P', 'P'];
    expect(marks).toEqual(['e', 'M0005', 'C0000', 'P', ...scan, '-', 'C0001', ...scan, '-', '*', '']);
    const levels = rounded(packagesOf(lines)).flat().slice(0, 7);
    expect(levels).toEqual([0, 0.01, 0.02, 0.01, 0, -0.01, 0]);
  });

  it('has no marks of scans where there is one', () => {
    const rig = new Rig({ cell: resistor() });
    const lines = rig.run(`${POTENTIOSTAT}\nmeas_loop_cv e i 0 20m -10m 10m 100m\nendloop`, 5000);
    expect(lines).toEqual(['e', 'M0005', '*', '']);
  });

  it('turns a cyclic sweep when asked to', () => {
    const rig = new Rig({ cell: resistor() });
    const command = 'meas_loop_cv e i 0 1 -10m 10m 10m';
    rig.run(`${POTENTIOSTAT}\n${loop(command, 'e')}`, 3500);
    expect(rig.raw('R\n')).toBe('R\n');
    rig.clock.advance(60_000);
    const levels = rounded(packagesOf(rig.bytes.split('\n'))).flat();
    expect(levels).toEqual([0, 0.01, 0.02, 0.03, 0.02, 0.01, 0, -0.01, 0]);
  });

  it('cycles fast into arrays', () => {
    const script = `array p 10i\narray c 10i\n${POTENTIOSTAT}\nmeas_fast_cv p c x 0 20m -10m 10m 10
      ${send('x')}
      ${send('p[2i]', 'c[2i]')}`;
    const points = rounded(measured(script));
    expect(points).toEqual([[7], [0.02, 0.0002]]);
  });
});

describe('pulses', () => {
  it('shows the difference of a differential pulse', () => {
    const command = 'meas_loop_dpv e i 0 20m 10m 50m 20m 100m';
    expect(rounded(measured(`${POTENTIOSTAT}\n${loop(command, 'e', 'i')}`))).toEqual([
      [0, 0.0005],
      [0.01, 0.0005],
      [0.02, 0.0005],
    ]);
  });

  it('shows the end of a normal pulse', () => {
    const command = 'meas_loop_npv e i 0 20m 10m 20m 100m';
    expect(rounded(measured(`${POTENTIOSTAT}\n${loop(command, 'e', 'i')}`))).toEqual([
      [0, 0],
      [0.01, 0.0001],
      [0.02, 0.0002],
    ]);
  });

  it('shows both halves of a square wave, forward the way of the sweep', () => {
    const command = 'meas_loop_swv e i x y 0 -20m 10m 15m 10';
    expect(rounded(measured(`${POTENTIOSTAT}\n${loop(command, 'e', 'i', 'x', 'y')}`))).toEqual([
      [0, -0.0003, -0.00015, 0.00015],
      [-0.01, -0.0003, -0.00025, 0.00005],
      [-0.02, -0.0003, -0.00035, -0.00005],
    ]);
  });

  it('is felt by the cell: a double layer answers each pulse with more than its resistance would', () => {
    const rig = new Rig({ cell: 'bare-zn' });
    const lines = rig.run(`${POTENTIOSTAT}\n${loop('meas_loop_dpv e i 0 5m 1m 2m 5m 20m', 'e', 'i')}`, 5000);
    const currents = packagesOf(lines).map(([, current]) => current?.value ?? 0);
    expect(currents).toHaveLength(6);
    expect(Math.min(...currents)).toBeGreaterThan(0);
  });
});

describe('impedance', () => {
  it('is that of the cell, from the first frequency to the last on a logarithmic scale', () => {
    const points = measured(`${POTENTIOSTAT}\n${loop('meas_loop_eis x y z 10m 100k 1 6i 0', 'x', 'y', 'z')}`);
    expect(rounded(points)).toEqual([1e5, 1e4, 1e3, 100, 10, 1].map((hz) => [hz, 100, 0]));
    expect(points[0]?.map(({ type }) => type)).toEqual(['dc', 'cc', 'cd']);
  });

  it('falls from charge transfer to the electrolyte, capacitive between, on a zinc cell', () => {
    const points = measured(
      `${GALVANOSTAT}\n${loop('meas_loop_geis e x y 1m 100k 100m 19i 0', 'e', 'x', 'y')}`,
      {
        cell: 'bare-zn',
      },
    );
    const real = points.map(([, z]) => z?.value ?? 0);
    const imaginary = points.map(([, , z]) => z?.value ?? 0);
    expect(points).toHaveLength(19);
    expect(real.at(0)).toBeGreaterThan(0);
    expect(real.at(-1)).toBeGreaterThan((real.at(0) ?? 0) * 1.2);
    expect(Math.min(...imaginary)).toBeLessThan(0);
  });

  it('agrees with the small-signal impedance of the same cell at rest', () => {
    const points = measured(`${GALVANOSTAT}\n${loop('meas_loop_geis e x y 1m 10k 1 5i 0', 'e', 'x', 'y')}`, {
      cell: 'bare-zn',
    });
    const twin = chosenCell('bare-zn', { seed: 7, cell: 0 }).model;
    twin.switchTo(0, { kind: 'current', currentA: 0 });
    expect(points).toHaveLength(5);
    for (const [frequency, real, imaginary] of points) {
      const truth = twin.impedanceOhm?.(1, frequency?.value ?? 0) ?? { real: 0, imaginary: 0 };
      const size = Math.hypot(truth.real, truth.imaginary);
      expect(Math.abs((real?.value ?? 0) - truth.real) / size).toBeLessThan(0.01);
      expect(Math.abs((imaginary?.value ?? 0) - truth.imaginary) / size).toBeLessThan(0.01);
    }
  });

  it('comes with each step of an alternating-current sweep', () => {
    const command = 'meas_loop_acv e i x y z w 0 20m 10m 100m 10m 15';
    const points = measured(`${POTENTIOSTAT}\n${loop(command, 'e', 'i', 'x', 'y', 'z', 'w')}`);
    expect(rounded(points)[2]).toEqual([0.02, 0.0002, 0.01, 0.0001, 100, 0]);
    expect(points[0]?.map(({ type }) => type)).toEqual(['da', 'ba', 'ch', 'cj', 'cc', 'cd']);
  });
});

describe('ranges', () => {
  it.each([
    [0.29, '0'],
    [2.5, '8'],
    [3, '2'],
    [0.11, '4'],
  ])('says of %s times the nominal current what the thresholds say', (share, status) => {
    const potentialMicroV = Math.round(share * 1e5);
    const command = `meas_loop_ca e i ${potentialMicroV}u 1 1`;
    const script = `${POTENTIOSTAT}\nset_range ba 1m\n${loop(command, 'i')}`;
    expect(measured(script)[0]?.[0]?.metadata).toEqual([`1${status}`, '215', '40']);
  });

  it('follows the current where it may', () => {
    const script = `${POTENTIOSTAT}
      set_range ba 100u
      set_autoranging ba 1u 10m
      ${loop('meas_loop_lsv e i 0 1 100m 1', 'i')}`;
    const ranges = measured(script).map(([current]) => current?.metadata.join());
    expect(ranges.at(0)).toBe('14,20C,40');
    expect(ranges.at(-1)).toBe('10,218,40');
  });

  it('says that the compliance holds the leads', () => {
    const points = measured(`${GALVANOSTAT}\n${loop('meas_loop_cp e i 10m 1 1', 'e', 'i')}`, {
      cell: resistor(0, 1000),
    });
    expect(points[0]?.map(({ metadata }) => metadata[0])).toEqual(['12', '12']);
    expect(points[0]?.[0]?.value).toBe(3);
  });

  it('names the ranges of its model', () => {
    const rangeOf = (profile: string): string[] =>
      measured(`${GALVANOSTAT}\n${loop('meas_loop_cp e i 2m 1 1', 'e', 'i')}`, { profile })
        .flat()
        .map(({ metadata }) => metadata[1] ?? '');
    expect(rangeOf('es4_hr')).toEqual(['205', '218']);
    expect(rangeOf('nexus1')).toEqual(['200', '229']);
  });
});

describe('a plate and strip cycle', () => {
  const half = (currentA: string, condition: string): string => `
    timer_start
    meas_loop_cp e i ${currentA} 1 3600
    timer_get x
    ${send('x', 'e', 'i')}
    if ${condition}
    breakloop
    endif
    endloop`;
  const CYCLE = `${GALVANOSTAT}${half('-1m', 'e < -500m')}${half('1m', 'e > 500m')}`;

  it('passes exactly the same charge both ways and ends with the cell open', () => {
    const rig = new Rig({ cell: 'bare-zn' });
    const lines = rig.run(`${CYCLE}\non_finished:\ncell_off`, 7_200_000);
    expect(lines.filter((line) => !line.startsWith('P'))).toEqual(['e', 'M000A', '*', 'M000A', '*', '']);
    expect(packagesOf(lines)).toHaveLength(7200);
    expect(packagesOf(lines)[0]?.map(({ type }) => type)).toEqual(['eb', 'ab', 'ba']);
    expect(rig.instrument.truth(1)).toEqual({
      plateChargeNc: 3_600_000_000,
      stripChargeNc: 3_600_000_000,
      netChargeNc: 0,
    });
    expect(rig.cell).toBe('off');
  });

  it('leaves a half-cycle when the script says so', () => {
    const rig = new Rig({ cell: resistor(0, 600) });
    const lines = rig.run(`${CYCLE}\non_finished:\ncell_off`, 60_000);
    expect(packagesOf(lines)).toHaveLength(2);
    expect(rig.cell).toBe('off');
  });
});

describe('errors of the instrument', () => {
  it.each(METHODSCRIPT_PROFILES)('stay within what is declared of the family: %s', (name) => {
    const bounds = errorBounds(PROFILES[name].instrument);
    expect(bounds.currentGainPpm).toBeLessThanOrEqual(4000);
    expect(bounds.currentOffsetPpmOfRange).toBeLessThanOrEqual(2000);
    expect(bounds.voltageGainPpm).toBeLessThanOrEqual(2000);
    expect(bounds.voltageOffsetNv).toBeLessThanOrEqual(1_000_000);
  });

  const SCRIPT = `${GALVANOSTAT}\n${loop('meas_loop_cp e i 2m 1 5', 'e', 'i')}`;
  it('are those of its own class by default, and within its bounds', () => {
    const points = measured(SCRIPT, { errors: 'own' });
    const current = points[0]?.[1]?.value ?? 0;
    expect(Math.abs(current / 2e-3 - 1)).toBeGreaterThan(0);
    expect(Math.abs(current / 2e-3 - 1)).toBeLessThan(0.01);
  });

  it('differ from unit to unit, and are the same for the same seed', () => {
    const run = (seed: number): string => JSON.stringify(measured(SCRIPT, { errors: 'own', seed }));
    expect(run(1)).toBe(run(1));
    expect(run(1)).not.toBe(run(2));
  });

  it('are those of another class where asked for', () => {
    const points = measured(SCRIPT, { errors: 'reference' });
    expect(Math.abs((points[0]?.[1]?.value ?? 0) / 2e-3 - 1)).toBeLessThan(1e-4);
  });
});
