// Reads test/vectors/methodscript.jsonl, which belongs to neither codec. Lines stand there without their LF.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MethodscriptVector {
  readonly name: string;
  readonly kind: 'package' | 'badpackage' | 'literal' | 'line';
  readonly line: string;
  readonly variables: readonly {
    readonly type: string;
    readonly raw: number | null;
    readonly prefix: string;
    readonly value: number | null;
    readonly metadata: readonly string[];
  }[];
  readonly value: number;
  readonly exponent: number;
  readonly text: string;
  readonly decoded: unknown;
}

const path = join(import.meta.dirname, '..', 'vectors', 'methodscript.jsonl');

const VECTORS: readonly MethodscriptVector[] = readFileSync(path, 'utf8')
  .trimEnd()
  .split('\n')
  .map((text) => JSON.parse(text) as MethodscriptVector);

/** Of one kind, by name, for `it.each`. */
export function methodscriptVectors(
  kind: MethodscriptVector['kind'],
): readonly (readonly [string, MethodscriptVector])[] {
  return VECTORS.filter((vector) => vector.kind === kind).map((vector) => [vector.name, vector]);
}
