// The dialects this build can drive: name to factory. A new instrument adds one line here, and its files.
import type { Cycler } from './cycler.ts';
import { createGvn1Cycler, type Gvn1Options } from './drivers/gvn1.ts';

const FACTORIES = {
  gvn1: createGvn1Cycler,
} as const satisfies Record<string, (options: Gvn1Options) => Cycler>;

export type DialectName = keyof typeof FACTORIES;

/** Options every dialect takes; a dialect's own are optional and have defaults. */
export function createCycler(dialect: DialectName, options: Gvn1Options): Cycler {
  return FACTORIES[dialect](options);
}
