// Goal: data packages are byte for byte those of real instruments. Method: published packages are decoded by
// hand-written arithmetic and encoded by the emulator; then the rule's edges.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { variableText } from '../../../../firmware-sim/dialects/methodscript/package.ts';
import { floatValue, type Metadata } from '../../../../firmware-sim/dialects/methodscript/value.ts';
import { variablesOf } from './rig.ts';

interface Vector {
  readonly kind: string;
  readonly name: string;
  readonly line: string;
}

const vectors = readFileSync(join(import.meta.dirname, '../../../vectors/methodscript.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line): Vector => JSON.parse(line))
  .filter(({ kind, name }) => kind === 'package' && name.startsWith('recorded'));

/** Exact decimal exponents: what a decoder gets. */
const EXPONENTS: Readonly<Record<string, number>> = { f: -15, p: -12, n: -9, u: -6, m: -3, ' ': 0, i: 0 };

function metadataOf(words: readonly string[]): Metadata | null {
  const [status, range] = words;
  if (status === undefined || range === undefined) return null;
  return { status: Number.parseInt(status.slice(1), 16), range: Number.parseInt(range.slice(1), 16) };
}

describe('a data package', () => {
  it('has eight published ones to agree with', () => {
    expect(vectors).toHaveLength(8);
  });

  it.each(vectors)('is encoded as $name', ({ line }) => {
    const texts = line
      .slice(1)
      .split(';')
      .map((text, index) => {
        const variable = variablesOf(line)[index];
        const prefix = variable?.prefix ?? ' ';
        const raw = Number.parseInt(text.slice(2, 9), 16) - 0x8000000;
        const exponent = EXPONENTS[prefix] ?? 0;
        const value = exponent < 0 ? raw / 10 ** -exponent : raw;
        const metadata = metadataOf(variable?.metadata ?? []);
        return variableText(
          { value, isInteger: prefix === 'i', type: text.slice(0, 2), metadata },
          variable?.metadata[2] ?? null,
        );
      });
    expect(`P${texts.join(';')}`).toBe(line);
  });

  it.each([
    [0, 'ab8000000 '],
    [-0, 'ab8000000 '],
    [1e-21, 'ab8000000 '],
    [Number.NaN, 'ab     nan'],
    [0.134217727, 'abFFFFFFFn'],
    [0.134217728, 'ab8020C4Au'],
    [-0.134217727, 'ab0000001n'],
    [1e-18, 'ab8000001a'],
    [1e25, 'ab8989680E'],
    [1e30, 'ab     nan'],
  ])('gives %s V the finest prefix its digits allow', (value, text) => {
    expect(variableText(floatValue(value, 'ab'), null)).toBe(text);
  });

  it('changes the prefix of a time at 134.2 s and at 37.3 h', () => {
    const prefixAt = (seconds: number): string => variableText(floatValue(seconds, 'eb'), null).slice(-1);
    expect([134.217, 134.218, 134_217, 134_218].map(prefixAt)).toEqual(['u', 'm', 'm', ' ']);
  });

  it('sends integers as they are, and the largest where they do not fit', () => {
    const integer = (value: number) => ({ value, isInteger: true, type: 'ja', metadata: null });
    expect(variableText(integer(-1), null)).toBe('ja7FFFFFFi');
    expect(variableText(integer(1e9), null)).toBe('jaFFFFFFFi');
  });

  it('sends metadata as status, range and noise', () => {
    const overloaded = floatValue(1, 'ba', { status: 2, range: 9 });
    expect(variableText(overloaded, '40')).toBe('ba80F4240u,12,209,40');
    expect(variableText(overloaded, null)).toBe('ba80F4240u,12,209');
  });
});
