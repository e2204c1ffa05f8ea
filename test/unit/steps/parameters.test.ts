// Goal: parameters are refused with the field, what was found and what is allowed, or frozen as exact
// integers. Method: a small table of every kind of parameter, fed with good and bad values.

import { describe, expect, it } from 'vitest';
import { describeParameters, type ParameterTable, parseParameters } from '../../../src/steps/parameters.ts';

const TABLE = {
  current_density: {
    kind: 'quantity',
    dimension: 'currentDensity',
    default: '1 mA/cm2',
    min: '1 uA/cm2',
    max: '200 mA/cm2',
    about: 'current per area',
  },
  wetting: { kind: 'quantity', dimension: 'time', default: '6 h', min: '0 s', max: '30 d', about: 'rest' },
  cycles: { kind: 'count', default: 1000, min: 1, max: 1_000_000, about: 'cycles' },
  first_half: { kind: 'choice', default: 'plate', choices: ['plate', 'strip'], about: 'direction' },
} as const satisfies ParameterTable;

function problemsOf(given: Readonly<Record<string, unknown>>): readonly string[] {
  const result = parseParameters(TABLE, given);
  return result.ok ? [] : result.problems;
}

describe('parameters', () => {
  it('take their defaults where nothing is given', () => {
    expect(parseParameters(TABLE, {})).toEqual({
      ok: true,
      values: { current_density: 1_000_000_000, wetting: 21_600_000_000, cycles: 1000, first_half: 'plate' },
    });
  });

  it('take texts, and plain numbers for counts', () => {
    const given = { current_density: '0.5 mA/cm2', cycles: 7, first_half: 'strip', wetting: '0 s' };
    expect(parseParameters(TABLE, given)).toMatchObject({
      values: { current_density: 500_000_000, cycles: 7, first_half: 'strip', wetting: 0 },
    });
    expect(parseParameters(TABLE, { cycles: ' 12 ' })).toMatchObject({ values: { cycles: 12 } });
  });

  it('are frozen once parsed', () => {
    const result = parseParameters(TABLE, {});
    expect(result.ok && Object.isFrozen(result.values)).toBe(true);
  });

  it.each<[Readonly<Record<string, unknown>>, RegExp]>([
    [{ curent_density: '1 mA/cm2' }, /^unknown parameter "curent_density"; did you mean "current_density"\?/],
    [{ Cycles: 5 }, /^unknown parameter "Cycles"; did you mean "cycles"\?/],
    [
      { temperature: '25 C' },
      /^unknown parameter "temperature"; known: current_density, wetting, cycles, first_half$/,
    ],
    [{ constructor: 1 }, /^unknown parameter "constructor"/],
    [{ current_density: '1 mA' }, /^"current_density": "1 mA" is a current, expected a current density/],
    [{ current_density: '1' }, /^"current_density": "1" has no unit/],
    [{ current_density: 1 }, /^"current_density": "1" has no unit/],
    [{ current_density: true }, /^"current_density": true is neither a text nor a number$/],
    [{ current_density: '1 A/cm2' }, /^"current_density": 1000 mA\/cm2 is outside 1 uA\/cm2 … 200 mA\/cm2$/],
    [{ current_density: '0 mA/cm2' }, /^"current_density": 0 mA\/cm2 is outside/],
    [{ current_density: '-1 mA/cm2' }, /^"current_density": -1 mA\/cm2 is outside/],
    [{ wetting: '31 d' }, /^"wetting": 2678400 s is outside 0 s … 30 d$/],
    [{ cycles: 0 }, /^"cycles": 0 is outside 1 … 1000000$/],
    [{ cycles: 1_000_001 }, /^"cycles": 1000001 is outside/],
    [{ cycles: -1 }, /^"cycles": -1 is outside/],
    [{ cycles: 1.5 }, /^"cycles": "1.5" is not a whole number$/],
    [{ cycles: '1e3' }, /^"cycles": "1e3" is not a whole number$/],
    [{ cycles: Number.NaN }, /^"cycles": "NaN" is not a whole number$/],
    [{ cycles: '' }, /^"cycles": "" is not a whole number$/],
    [{ cycles: true }, /^"cycles": true is neither a text nor a number$/],
    [{ cycles: [5] }, /^"cycles": \[5\] is neither a text nor a number$/],
    [{ first_half: 'Plate' }, /^"first_half": "Plate" .*did you mean "plate"\?/],
    [{ first_half: 'sideways' }, /^"first_half": "sideways" .*: plate, strip$/],
  ])('%j are refused in one line', (given, message) => {
    const problems = problemsOf(given);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  it('report every problem at once', () => {
    const problems = problemsOf({ cycels: 5, wetting: '6 hours', first_half: 'x' });
    expect(problems.map((problem) => problem.split(/[:;]/)[0])).toEqual([
      'unknown parameter "cycels"',
      '"wetting"',
      '"first_half"',
    ]);
  });

  it('are shown as an operator writes them, and read back the same', () => {
    const first = parseParameters(TABLE, { current_density: '0.123456 mA/cm2', wetting: '90 min' });
    if (!first.ok) throw new Error(first.problems.join());
    const shown = describeParameters(TABLE, first.values);
    expect(shown).toEqual({
      current_density: '0.123456 mA/cm2',
      wetting: '5400 s',
      cycles: 1000,
      first_half: 'plate',
    });
    expect(parseParameters(TABLE, shown)).toEqual(first);
  });
});
