// Reads test/vectors/gvn1.jsonl, which belongs to neither codec. Lines stand there without their LF.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Gvn1Vector {
  readonly name: string;
  readonly kind: 'frame' | 'bad' | 'fields' | 'badfields' | 'samples' | 'job';
  readonly line: string;
  readonly why: 'frame' | 'crc' | 'length';
  readonly seq: number;
  readonly type: string;
  readonly payload: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly channel: number;
  readonly first: number;
  readonly step: number;
  readonly samples: readonly (readonly number[])[];
  readonly texts: readonly string[];
  readonly id: string;
}

const path = join(import.meta.dirname, '..', 'vectors', 'gvn1.jsonl');

export const GVN1_VECTORS: readonly Gvn1Vector[] = readFileSync(path, 'utf8')
  .trimEnd()
  .split('\n')
  .map((text) => JSON.parse(text) as Gvn1Vector);

/** Of one kind, by name, for `it.each`. */
export function vectorsOf(kind: Gvn1Vector['kind']): readonly (readonly [string, Gvn1Vector])[] {
  return GVN1_VECTORS.filter((vector) => vector.kind === kind).map((vector) => [vector.name, vector]);
}
