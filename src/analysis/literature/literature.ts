// The published figures as the review prints them: 82 rows of two tables, and the claims of its text that say
// how a cell failed. Parsed once, checked, frozen. Never mends a row: bounds stay bounds, what is missing
// stays null, and a number with `=` is a duration, not a failure time.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { assert } from '../../base/assert.ts';

/** `=` as printed; `>` at least; `~` about. */
export type Qualifier = '=' | '>' | '~';

/** Null where the review prints `-`. */
export interface Condition {
  readonly currentDensityMAPerCm2: number | null;
  readonly arealCapacityMAhPerCm2: number | null;
}

/** Zn||Zn: how long it was cycled. The tables do not say why it ended. */
export interface PublishedLife extends Condition {
  readonly hours: number;
  readonly qualifier: '=' | '>';
}

/** Zn||Cu or Zn||Ti. The tables do not say whether the figure is a mean or the last cycle. */
export interface PublishedEfficiency extends Condition {
  readonly percent: number;
  /** Printed decimals: `99.0` and `99` differ. */
  readonly decimals: number;
  readonly qualifier: Qualifier;
  readonly cycles: number;
  readonly cyclesQualifier: '=' | '>';
}

export interface PublishedRow {
  readonly table: 1 | 2;
  /** The review's reference number; with the table it names the row. */
  readonly ref: number;
  readonly method: string;
  readonly material: string;
  readonly life: PublishedLife | null;
  readonly efficiency: PublishedEfficiency | null;
  /** What looks odd in the row; values stay as printed. */
  readonly notes: readonly string[];
}

/** A claim of the text that states how a symmetric cell failed, and when. */
export interface PublishedFailure extends Condition {
  readonly id: string;
  readonly refs: readonly number[];
  readonly system: string;
  readonly hours: number;
  /** In the review's words. */
  readonly failure: string;
  readonly quote: string;
}

const conditionShape = {
  current_density_mA_cm2: z.number().positive().nullable(),
  areal_capacity_mAh_cm2: z.number().positive().nullable(),
};

const rowSchema = z.strictObject({
  ref: z.number().int().positive(),
  method: z.string().min(1),
  interphase_type: z.string().min(1).nullable(),
  material: z.string().min(1),
  symmetric: z
    .strictObject({ hours: z.number().positive(), hours_is_lower_bound: z.boolean(), ...conditionShape })
    .nullable(),
  asymmetric: z
    .strictObject({
      coulombic_efficiency_pct: z.number().positive().max(100),
      ce_decimals: z.number().int().min(0).max(4),
      ce_qualifier: z.enum(['=', '~', '>']),
      cycles: z.number().int().positive(),
      cycles_is_lower_bound: z.boolean(),
      ...conditionShape,
    })
    .nullable(),
  source_line: z.number().int().positive(),
  raw: z.strictObject({ material: z.string(), symmetric: z.string(), asymmetric: z.string() }),
  notes: z.array(z.string().min(1)),
});

const tableSchema = z.strictObject({
  title: z.string(),
  source: z.string(),
  row_count: z.number().int(),
  rows: z.array(rowSchema),
});

const claimSchema = z.strictObject({
  id: z.string().regex(/^c\d{3}$/),
  ref: z.array(z.number().int().positive()),
  system: z.string().min(1),
  test: z.string().min(1),
  conditions: z.record(z.string(), z.unknown()),
  value: z.number().nullable(),
  qualifier: z.enum(['=', '~', '>', '<', 'qualitative']),
  unit: z.string(),
  line: z.number().int().positive(),
  quote: z.string().min(1),
  control_for: z.string().optional(),
  note: z.string().optional(),
});

const claimsSchema = z.strictObject({
  title: z.string(),
  source: z.string(),
  claim_count: z.number().int(),
  claims: z.array(claimSchema),
});

/** Of a claim that says how a symmetric cell failed. Other keys of the conditions do not concern a run. */
const failureSchema = z.object({
  failure: z.string().min(1),
  current_density_mA_cm2: z.number().positive().optional(),
  areal_capacity_mAh_cm2: z.number().positive().optional(),
});

export interface Literature {
  /** In the order of the tables. */
  readonly rows: readonly PublishedRow[];
  readonly failures: readonly PublishedFailure[];
}

/** Reads the three files. Throws where a file is not what it says: they are part of the program. */
export function readLiterature(): Literature {
  const rows = ([1, 2] as const).flatMap((table) => {
    const { rows: found, row_count } = tableSchema.parse(readJson(`table${table}.json`));
    assertCount(found.length, row_count, `table${table}.json`);
    return found.map((row) => publishedRow(table, row));
  });
  const { claims, claim_count } = claimsSchema.parse(readJson('text-claims.json'));
  assertCount(claims.length, claim_count, 'text-claims.json');
  return { rows, failures: claims.flatMap(publishedFailure) };
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

function assertCount(found: number, said: number, name: string): void {
  assert(found === said, `${name} says that it has ${said} entries, found ${found}`);
}

function publishedRow(table: 1 | 2, row: z.infer<typeof rowSchema>): PublishedRow {
  const { ref, method, material, symmetric, asymmetric, notes } = row;
  return {
    ...{ table, ref, method, material, notes },
    life: symmetric && {
      hours: symmetric.hours,
      qualifier: symmetric.hours_is_lower_bound ? '>' : '=',
      ...conditionOf(symmetric),
    },
    efficiency: asymmetric && {
      percent: asymmetric.coulombic_efficiency_pct,
      decimals: asymmetric.ce_decimals,
      qualifier: asymmetric.ce_qualifier,
      cycles: asymmetric.cycles,
      cyclesQualifier: asymmetric.cycles_is_lower_bound ? '>' : '=',
      ...conditionOf(asymmetric),
    },
  };
}

function publishedFailure(claim: z.infer<typeof claimSchema>): PublishedFailure[] {
  const { id, ref, system, test, unit, value, quote } = claim;
  if (test !== 'symmetric_galvanostatic' || unit !== 'h' || value === null) return [];
  const stated = failureSchema.safeParse(claim.conditions);
  if (!stated.success) return [];
  const { failure, current_density_mA_cm2 = null, areal_capacity_mAh_cm2 = null } = stated.data;
  const condition = conditionOf({ current_density_mA_cm2, areal_capacity_mAh_cm2 });
  return [{ id, refs: ref, system, hours: value, failure, quote, ...condition }];
}

function conditionOf(printed: {
  readonly current_density_mA_cm2: number | null;
  readonly areal_capacity_mAh_cm2: number | null;
}): Condition {
  return {
    currentDensityMAPerCm2: printed.current_density_mA_cm2,
    arealCapacityMAhPerCm2: printed.areal_capacity_mAh_cm2,
  };
}
