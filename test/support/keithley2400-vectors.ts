// Reads test/vectors/keithley2400.jsonl, which belongs to neither codec. Lines stand there without
// terminator.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Keithley2400Vector {
  readonly name: string;
  readonly kind: 'reading' | 'block' | 'error' | 'idn' | 'time' | 'integer' | 'bad' | 'command';
  readonly line: string;
  /** Of a reading: what the line holds, in this order. */
  readonly elements: readonly string[];
  /** What the line says; of a block, one for each reading. */
  readonly means: unknown;
  /** Of a bad line: the kind that it is not. */
  readonly of: string;
  /** Of a command: what it sets, in base units. */
  readonly sets: Readonly<Record<string, number>>;
}

const path = join(import.meta.dirname, '..', 'vectors', 'keithley2400.jsonl');

export const KEITHLEY2400_VECTORS: readonly Keithley2400Vector[] = readFileSync(path, 'utf8')
  .trimEnd()
  .split('\n')
  .map((text) => JSON.parse(text) as Keithley2400Vector);

/** Of one kind, by name, for `it.each`. */
export function keithley2400VectorsOf(
  kind: Keithley2400Vector['kind'],
): readonly (readonly [string, Keithley2400Vector])[] {
  return KEITHLEY2400_VECTORS.filter((vector) => vector.kind === kind).map((vector) => [vector.name, vector]);
}
