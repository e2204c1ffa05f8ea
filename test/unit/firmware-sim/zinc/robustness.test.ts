// Goal: nothing that is legal makes a cell loop, throw or say NaN. Method: absurd parameters, drives and
// times; everything it can be asked must be finite. That calls over 1e9 s return at all shows that pieces
// are few.
import { describe, expect, test } from 'vitest';
import type { Drive } from '../../../../firmware-sim/cell/cell-model.ts';
import type { ZincCell } from '../../../../firmware-sim/cell/zinc-cell.ts';
import type { ScriptedEvent } from '../../../../firmware-sim/cell/zinc-parameters.ts';
import { type Changes, changed, COPPER, current, FAILING, held, PLAIN, zincCell } from './rig.ts';

const LONG_S = 1e9;

function numbersOf(cell: ZincCell, atS: number): readonly number[] {
  const { plateChargeC, stripChargeC, hidden } = cell.truth(atS);
  const { lowV, highV } = cell.voltageRangeV(0, atS);
  const { real, imaginary } = cell.impedanceOhm(atS, 0.1);
  return [
    ...[cell.voltageV(atS), cell.currentA(atS), lowV, highV, real, imaginary],
    ...[cell.steadyVoltageV(1e-3), cell.steadyVoltageV(-1e-3)],
    ...[cell.currentAtVoltageA(1), cell.currentAtVoltageA(-1), cell.currentAtVoltageA(0)],
    ...[plateChargeC, stripChargeC, ...Object.values(hidden)],
    ...cell
      .events(atS)
      .flatMap((event) => [event.lifeS, event.throughputCPerCm2, ...Object.values(event.detail)]),
  ];
}

function expectFinite(cell: ZincCell, drives: readonly (readonly [Drive, number])[], note: string): void {
  let elapsedS = 0;
  for (const [drive, durationS] of drives) {
    cell.switchTo(elapsedS, drive);
    elapsedS = durationS;
    for (const atS of [0, 1e-9, durationS / 3, durationS])
      expect(
        numbersOf(cell, atS).filter((value) => !Number.isFinite(value)),
        `${note} at ${atS}`,
      ).toEqual([]);
  }
}

const DRIVES: readonly (readonly [Drive, number])[] = [
  [current(-1e-12), 1000],
  [current(1e-12), 1000],
  [current(-1), 60],
  [current(1), 900],
  [held(5), 100],
  [held(-5), 100],
  [held(0), 1e5],
  [current(0), 1e5],
  [current(-1e-3), 3600],
  [current(5e-324), 10],
  [current(1e-3), 1e7],
  [current(0), LONG_S],
  [held(0.01), LONG_S],
  [current(-1e-3), LONG_S],
];

const hardShort: ScriptedEvent = {
  kind: 'hard-short',
  atPlatedCPerCm2: 0,
  conductanceSPerCm2: 2,
  onsetS: 1,
};
const softShort: ScriptedEvent = {
  kind: 'soft-short',
  atPlatedCPerCm2: 0,
  conductanceSPerCm2: 1e-4,
  onsetS: 0.001,
  lastsPlatedCPerCm2: Number.POSITIVE_INFINITY,
};

const CASES: Readonly<Record<string, Changes>> = {
  'no zinc on either electrode': { working: { zincCPerCm2: 0 }, counter: { zincCPerCm2: 0 } },
  'everything becomes dead zinc': { ...COPPER, losses: { deadFraction: 1, deadSpread: 0 } },
  'a bubble over 99 % of the area': {
    script: [{ kind: 'gas', atPlatedCPerCm2: 0, coveredShare: 0.99, lastsPlatedCPerCm2: 0 }],
  },
  'two marks at no charge': { script: [softShort, hardShort] },
  'a bridge from the first instant on bare copper': { ...COPPER, script: [softShort] },
  'a bridge and no zinc at all': {
    working: { zincCPerCm2: 0 },
    counter: { zincCPerCm2: 0 },
    script: [hardShort],
  },
  'a broken contact beside a bridge': {
    script: [softShort, { kind: 'open-circuit', atPlatedCPerCm2: 1e-9 }],
  },
  'a substrate that is charged beyond its side reactions': {
    working: { zincCPerCm2: 0, bareV: 1.2 },
    losses: { sideReactionV: 0.1 },
  },
  'extreme surfaces': {
    deposit: {
      freshActivity: 0.1,
      initialCoverage: 0.001,
      coverageCPerCm2: 36,
      nucleationPerDecade: 0,
      agedNucleationV: 0.5,
      islandCPerCm2: 36,
    },
    kinetics: { concentrationExponent: 1 },
  },
  'an electrolyte that is all but empty': {
    electrolyte: { concentrationMolPerM3: 1, diffusivityM2PerS: 1e-12, separatorM: 1e-3 },
    script: [softShort],
  },
  'a cell at -50 degrees C that dries': {
    temperatureK: 223.15,
    losses: { dryOutCPerCm2: 0, hydrogenExchangeAPerCm2: 1e-6, gasPerCPerCm2: 100 },
  },
};

describe('a cell', () => {
  test.each(Object.entries(CASES))('stays finite with %s', (name, changes) => {
    expectFinite(zincCell(changed(PLAIN, changes)), DRIVES, name);
  });

  test.each(Object.entries(FAILING))('stays finite under absurd drives: %s', (name, parameters) => {
    expectFinite(zincCell(parameters), DRIVES, name);
    expectFinite(zincCell(parameters), [...DRIVES].reverse(), `${name}, reversed`);
  });

  test('with a bridge discharges a bare substrate at rest and plates no more than the current brings', () => {
    const cell = zincCell(changed(PLAIN, { ...COPPER, script: [softShort] }));
    cell.switchTo(0, current(1e-9));
    cell.switchTo(1, current(0));
    // 10 mF through 10 kohm: 100 s.
    expect(cell.voltageV(100)).toBeGreaterThan(0.25);
    expect(cell.voltageV(100)).toBeLessThan(0.33);
    expect(Math.abs(cell.voltageV(1e5))).toBeLessThan(1e-6);
    const { hidden } = cell.truth(1e5);
    expect(hidden['workingTailMAhPerCm2']).toBeLessThan(1e-9);
    expect(hidden['workingZincMAhPerCm2']).toBeLessThan(1e-9);
  });
});
