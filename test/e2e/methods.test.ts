// Goal: every method of the field's tables runs from the command line by its name: those that need a current
// on a galvanostat, those that hold or sweep a voltage or measure a spectrum on an instrument that can, and
// these are refused, with a reason, by one that cannot. Method: the command line, in virtual time.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shortRunOf } from '../support/short-runs.ts';
import { createRig, type Rig } from './rig.ts';

/** Methods of the field that a current does, and the protocols that carry them. */
const GALVANOSTATIC = {
  'symmetric cycling': ['symmetric-cycling'],
  'Coulombic efficiency': ['coulombic-efficiency'],
  'Coulombic efficiency from a reservoir': ['reservoir-efficiency'],
  'rate performance': ['rate-performance'],
  'high depth of discharge': ['high-dod'],
  'nucleation overpotential': ['nucleation'],
  'full-cell cycling and rate': ['full-cell-cc', 'full-cell-rate'],
  'calendar ageing and shelving': ['calendar-ageing', 'shelving'],
  'temperature series': ['temperature-series'],
  'cycling under bending': ['bending'],
  'critical current': ['critical-current'],
  'resistance by interruption': ['current-interrupt'],
  'resistance by pulses': ['pulse-resistance'],
  'conductance by a probe': ['conductance-probe'],
  titration: ['gitt'],
} as const;

/** Methods that need more than a current. */
const POTENTIOSTATIC = {
  chronoamperometry: 'chronoamperometry',
  'linear sweep': 'linear-sweep',
  'corrosion by a Tafel plot': 'tafel',
  impedance: 'impedance',
  'transference number': 'bruce-vincent',
  'cyclic voltammetry': 'cyclic-voltammetry',
  'charge at constant current and voltage': 'full-cell-cccv',
} as const;

let rig: Rig;

beforeAll(() => {
  rig = createRig();
});

afterAll(() => rig.end());

function settings(name: string): string[] {
  return Object.entries(shortRunOf(name).parameters).flatMap(([key, value]) => [
    '--set',
    `${key}=${String(value)}`,
  ]);
}

function simulated(name: string, ...more: readonly string[]): string[] {
  return [
    'simulate',
    name,
    ...settings(name),
    ...more,
    '--seed',
    '7',
    '--out',
    rig.file(`${name}.db`),
    '--json',
  ];
}

describe('a method that a current does', () => {
  const cases = Object.entries(GALVANOSTATIC).flatMap(([method, names]) =>
    names.map((name) => [method, name] as const),
  );
  it.each(cases)('%s runs as %s', async (_method, name) => {
    const result = await rig.json<{ verdict: string; state: string }>(...simulated(name));
    expect(result).toMatchObject({ state: 'done', verdict: 'completed' });
  });
});

describe('a method that needs more than a current', () => {
  it.each(Object.entries(POTENTIOSTATIC))('%s runs as %s where the instrument can', async (_method, name) => {
    const { dialect, instrument } = shortRunOf(name);
    const on = instrument === 'own' ? ['--dialect', dialect] : ['--instrument', instrument];
    const result = await rig.json<{ verdict: string; state: string }>(...simulated(name, ...on));
    expect(result).toMatchObject({ state: 'done', verdict: 'completed' });
  });

  it.each(Object.entries(POTENTIOSTATIC))('%s (%s) is refused where it cannot', async (_method, name) => {
    const refused = await rig.cli(...simulated(name, '--instrument', 'bench'));
    expect(refused.code).toBe(6);
    expect(refused.stderr).toMatch(/needs mode "(cv|sweep|eis)"; this instrument has rest, cc: use one that/);
    const checked = await rig.cli('protocol', 'check', name, '--instrument', 'bench');
    expect(checked.code).toBe(6);
    expect((await rig.cli('protocol', 'check', name)).code).toBe(0);
  });
});
