// Goal: whatever a cell file may say makes a cell that the board can live with: every voltage finite,
// nothing thrown. Method: random files whose numbers lie anywhere within their bounds, ends included, driven
// through a few half-cycles and a rest; many values are far from plausible on purpose.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Field } from '../../../firmware-sim/cell/library/cell-fields.ts';
import { createCellModel, describeCellFile } from '../../../firmware-sim/cell/library/cell-library.ts';
import {
  CELL_FIELDS,
  DEPOSIT_FIELDS,
  ELECTRODE_FIELDS,
  ELECTROLYTE_FIELDS,
  FILM_FIELDS,
  KINETICS_FIELDS,
  LOSS_FIELDS,
  SCRIPT_FIELDS,
  SHORT_FIELDS,
} from '../../../firmware-sim/cell/library/zinc-fields.ts';

type Fields = Readonly<Record<string, Field>>;

/** One value within bounds: evenly by decades where they span some, and the ends themselves now and then. */
function valueOf({ within: [low, high], form, canBeNever }: Field): fc.Arbitrary<unknown> {
  const least = low > 0 ? low : high * 1e-9;
  const spread = fc.double({ min: 0, max: 1, noNaN: true }).map((share) => {
    const value = low < 0 ? low + (high - low) * share : least * (high / least) ** share;
    return form === 'whole' ? Math.round(value) : Math.min(high, Math.max(low, value));
  });
  const number = fc.oneof({ weight: 8, arbitrary: spread }, fc.constant(low), fc.constant(high));
  if (form === 'pair') return fc.tuple(number, number).map((pair) => pair.sort((a, b) => a - b));
  return canBeNever === true ? fc.oneof(number, fc.constant('never')) : number;
}

/** Some of the keys of a section. */
function sectionOf(fields: Fields): fc.Arbitrary<Record<string, unknown>> {
  const entries = Object.values(fields).map((field) => [field.key, valueOf(field)] as const);
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] });
}

const eventOf = fc.oneof(
  ...Object.entries(SCRIPT_FIELDS).map(([event, fields]) =>
    fc
      .record(Object.fromEntries(Object.values<Field>(fields).map((field) => [field.key, valueOf(field)])))
      // Where it can happen within a few half-cycles.
      .map((given) => ({ event, ...given, at_plated_mAh_cm2: Number(given['at_plated_mAh_cm2']) % 2 })),
  ),
);

const fileOf = fc
  .record({
    top: sectionOf({ temperatureK: CELL_FIELDS.temperatureK }),
    kinetics: sectionOf({ ...KINETICS_FIELDS }),
    electrolyte: sectionOf({ ...ELECTROLYTE_FIELDS }),
    film: sectionOf({ ...FILM_FIELDS }),
    working: sectionOf({ ...ELECTRODE_FIELDS }),
    counter: sectionOf({ ...ELECTRODE_FIELDS }),
    deposit: sectionOf({ ...DEPOSIT_FIELDS }),
    losses: sectionOf({ ...LOSS_FIELDS }),
    shorts: fc.oneof(fc.constant('none'), sectionOf({ ...SHORT_FIELDS })),
    script: fc.array(eventOf, { maxLength: 4 }),
  })
  .map(({ top, ...sections }) => ({
    schema: 'galvanode-cell-1',
    based_on: 'bare-zn-ageing',
    ...top,
    ...sections,
  }));

it('every file within bounds makes a cell whose voltage stays finite', () => {
  fc.assert(
    fc.property(fileOf, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (file, seed) => {
      const described = describeCellFile(file, 'random.yaml');
      if (!described.ok) throw new Error(described.problems.join('\n'));
      const model = createCellModel(described.cell, { seed, cell: 0 });
      let beforeS = 0;
      for (const currentA of [0, -1.13e-3, 1.13e-3, -11.3e-3, 0, 1.13e-3]) {
        model.switchTo(beforeS, { kind: 'current', currentA });
        beforeS = 1800;
        for (const atS of [0, 1e-3, 1, 600, 1800]) {
          expect(Number.isFinite(model.voltageV(atS)), `${currentA} A, ${atS} s`).toBe(true);
        }
        const { lowV, highV } = model.voltageRangeV(0, 1800);
        expect(lowV).toBeLessThanOrEqual(highV);
      }
    }),
    { numRuns: 100, seed: 20_260 },
  );
});
