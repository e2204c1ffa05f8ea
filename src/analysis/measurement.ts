// With what a run was measured: area of the cell and error bounds of the instrument, from the `meta` that is
// stored with every run. Never guesses: a file without them is an error, not a default.
import { z } from 'zod';
import { GalvanodeError } from '../base/errors.ts';

/** Bounds as the instrument declares them, in the range that the run used. */
export interface Measurement {
  readonly areaCm2: number;
  readonly currentGainPpm: number;
  readonly currentOffsetPpmOfRange: number;
  readonly rangeFullScalePa: number;
  /** Limits are judged and steps end on this grid. */
  readonly tickUs: number;
}

const META = z.object({
  cell: z.object({ areaCm2: z.number().positive() }),
  instrument: z.object({
    rangeFullScalePa: z.number().positive(),
    capabilities: z.object({
      tickUs: z.number().positive(),
      accuracy: z.object({
        currentGainPpm: z.number().nonnegative(),
        currentOffsetPpmOfRange: z.number().nonnegative(),
      }),
    }),
  }),
});

/** Throws STORE_FAILED where the file does not say. */
export function measurementOf(meta: Readonly<Record<string, unknown>>): Measurement {
  const parsed = META.safeParse(meta);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') ?? 'meta';
    throw new GalvanodeError('STORE_FAILED', `the run file does not say its ${field}`);
  }
  const { cell, instrument } = parsed.data;
  const { tickUs, accuracy } = instrument.capabilities;
  return { areaCm2: cell.areaCm2, rangeFullScalePa: instrument.rangeFullScalePa, tickUs, ...accuracy };
}
