// Goal: a cell's life does not depend on who asks what when. Method: the same drives again and again, under
// every habit of asking; events, charges and the voltages at common instants must be equal to the last bit.
import { describe, expect, test } from 'vitest';
import { normalAt, randomKey, uniformAt } from '../../../../src/base/prng.ts';
import type { ZincCell } from '../../../../firmware-sim/cell/zinc-cell.ts';
import { BARE_ZINC_SHORTS, type ZincCellParameters } from '../../../../firmware-sim/cell/zinc-parameters.ts';
import { changed, current, FAILING, held, PLAIN, type Stretch, zincCell } from './rig.ts';

const KEY = randomKey(7, 'invariance-test');

/** Half-cycles at 2 mA/cm2 of 600 s, more or less, with rests; the second one holds a voltage in between. */
const CYCLING: readonly Stretch[] = Array.from({ length: 24 }, (_, half): readonly Stretch[] => [
  { drive: current(half % 2 === 0 ? -2e-3 : 2e-3), durationS: 600 + 40 * normalAt(KEY, half) },
  { drive: current(0), durationS: 30 },
]).flat();
const HOLDING: readonly Stretch[] = CYCLING.flatMap((stretch, index) =>
  index % 6 === 3 ? [stretch, { drive: held(index % 12 === 3 ? -0.08 : 0.7), durationS: 50 }] : [stretch],
);

type Habit = (cell: ZincCell, durationS: number) => void;

function every(stepS: number): Habit {
  return (cell, durationS) => {
    for (let atS = 0; atS < durationS; atS += stepS) cell.voltageV(atS);
  };
}

const HABITS: Readonly<Record<string, Habit>> = {
  'every 0.1 s': every(0.1),
  'every 1 s': every(1),
  'every 60 s': every(60),
  backwards: (cell, durationS) => {
    for (let atS = durationS; atS > 0; atS -= 7.3) cell.voltageV(atS);
  },
  'at random, everything': (cell, durationS) => {
    for (let draw = 0; draw < 40; draw += 1) {
      const atS = durationS * uniformAt(KEY, draw);
      cell.truth(atS);
      cell.voltageRangeV(atS / 2, atS);
      cell.currentA(atS);
      cell.events(atS);
      cell.steadyVoltageV(1e-3);
      cell.currentAtVoltageA(0.1);
      cell.impedanceOhm(atS, 1);
    }
  },
  'far beyond': (cell, durationS) => {
    cell.voltageRangeV(0, 3 * durationS);
    cell.events(10 * durationS);
  },
};

/** What is to be equal: events, charges, hidden truth, and the voltage and current at common instants. */
function record(cell: ZincCell, life: readonly Stretch[], habit: Habit): unknown {
  const seen: unknown[] = [];
  let elapsedS = 0;
  for (const { drive, durationS } of life) {
    cell.switchTo(elapsedS, drive);
    elapsedS = durationS;
    habit(cell, durationS);
    for (const share of [0, 0.013, 0.5, 0.77, 1])
      seen.push(cell.voltageV(share * durationS), cell.currentA(share * durationS));
    seen.push(cell.truth(durationS));
  }
  return { seen, events: cell.events(elapsedS) };
}

const ageing: ZincCellParameters = changed(FAILING['ageing'] ?? PLAIN, {
  shorts: {
    ...BARE_ZINC_SHORTS,
    scaleCPerCm2: 12,
    softEvents: 20,
    fusePerHalfCycle: 0.2,
    dissolutionSPerC: 8e-3,
  },
});
const LIVES: readonly (readonly [string, ZincCellParameters, readonly Stretch[]])[] = [
  ...Object.entries({ ...FAILING, ageing }).map(([name, of]) => [name, of, CYCLING] as const),
  ['ageing, held', ageing, HOLDING],
  ['thin, held', FAILING['thin'] ?? PLAIN, HOLDING],
  ['scripted copper, held', FAILING['scripted copper'] ?? PLAIN, HOLDING],
];

describe('the life of a cell', () => {
  test.each(LIVES)(
    'is the same under every habit of asking: %s',
    (_name, parameters, life) => {
      const unasked = record(zincCell(parameters, 5), life, () => undefined);
      for (const [habit, ask] of Object.entries(HABITS))
        expect(record(zincCell(parameters, 5), life, ask), habit).toStrictEqual(unasked);
    },
    60_000,
  );

  test('has every kind of event in these tests', () => {
    const kinds = new Set<string>();
    for (const [, parameters, life] of LIVES) {
      const cell = zincCell(parameters, 5);
      let elapsedS = 0;
      for (const { drive, durationS } of life) {
        cell.switchTo(elapsedS, drive);
        elapsedS = durationS;
      }
      for (const { kind } of cell.events(elapsedS)) kinds.add(kind);
    }
    expect([...kinds].sort()).toEqual([
      'contact-changed',
      'dried-out',
      'exhausted',
      'gas-arrived',
      'gas-left',
      'hard-short',
      'open-circuit',
      'soft-short-began',
      'soft-short-ended',
    ]);
  });

  test('is that of its seed and its number', () => {
    const never: Habit = () => undefined;
    const lifeOf = (seed: number, cell: number): unknown =>
      record(zincCell(ageing, seed, cell), CYCLING, never);
    expect(lifeOf(5, 1)).toStrictEqual(lifeOf(5, 1));
    expect(lifeOf(6, 1)).not.toEqual(lifeOf(5, 1));
    expect(lifeOf(5, 2)).not.toEqual(lifeOf(5, 1));
  });

  test('does not depend on where a rest is divided', () => {
    const resting = changed(FAILING['copper'] ?? PLAIN, { losses: { deadFraction: 0 } });
    const restedV = (cuts: readonly number[]): number => {
      const cell = zincCell(resting);
      cell.switchTo(0, current(-2e-3));
      cell.switchTo(900, current(0));
      for (const cutS of cuts) cell.switchTo(cutS, current(0));
      return cell.truth(7200 - cuts.reduce((sum, cutS) => sum + cutS, 0)).hidden['workingZincMAhPerCm2'] ?? 0;
    };
    expect(restedV([100, 1000, 50])).toBeCloseTo(restedV([]), 13);
  });
});
