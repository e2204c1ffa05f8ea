// Makes values of the lines of one auxiliary input: a thermometer that says `23.51` or `T1=23.51 C`, or texts
// that are markers. Never guesses: a line that does not fit is left out, and the caller is told why.
import { parseTemperature, type AuxValue } from '../samples/aux-value.ts';
import type { AuxConfig } from '../config/aux-schema.ts';

export type AuxHeard =
  | { readonly ok: true; readonly value: AuxValue }
  | { readonly ok: false; readonly why: 'other-line' | 'implausible' | 'too-soon'; readonly line: string };

/** A name and a unit may stand around the number; of another number beside it nothing is known. */
const BARE_NUMBER = /^(?:[A-Za-z][\w .-]{0,31}[=:])?\s*([+-]?\d{1,9}(?:\.\d{1,9})?)\s*(?:[^\d\s]{1,5})?$/;
const NUMBER = /^[+-]?\d{1,9}(?:\.\d{1,9})?$/;
/** Whoever types is slower; a device that floods must not fill the disk. */
const MARKER_EVERY_MS = 100;
const MARKER_LENGTH_MAX = 200;

export class AuxReader {
  readonly #input: AuxConfig;
  readonly #everyMs: number;
  #storedMs = Number.NEGATIVE_INFINITY;

  constructor(input: AuxConfig) {
    this.#input = input;
    this.#everyMs = input.kind === 'marker' ? MARKER_EVERY_MS : input.every;
  }

  /** `line`: without its line feed. `atMs`: monotonic time at which it was heard. */
  read(line: string, atMs: number): AuxHeard {
    const text = line.trim();
    const refused = (why: 'other-line' | 'implausible' | 'too-soon'): AuxHeard => ({
      ok: false,
      why,
      line: text,
    });
    const found = this.#find(text);
    if (found === null) return refused('other-line');
    const value = this.#valueOf(found);
    if (value === null) return refused('implausible');
    if (atMs - this.#storedMs < this.#everyMs) return refused('too-soon');
    this.#storedMs = atMs;
    return { ok: true, value };
  }

  /** The part of a line that is the value: the first group of the pattern, or all that it matched. */
  #find(text: string): string | null {
    const { kind, pattern } = this.#input;
    if (text === '') return null;
    if (pattern === undefined && kind === 'marker') return text;
    const matched = (pattern ?? BARE_NUMBER).exec(text);
    return matched?.[1] ?? matched?.[0] ?? null;
  }

  #valueOf(found: string): AuxValue | null {
    const { kind, scale, unit } = this.#input;
    if (kind === 'marker') {
      const text = readable(found);
      return text === '' ? null : { kind, text };
    }
    if (!NUMBER.test(found)) return null;
    const temperatureUk = parseTemperature(Number(found) * scale, unit);
    return temperatureUk === null ? null : { kind, temperatureUk };
  }
}

/** Ports carry bytes as latin1; what is valid UTF-8 was meant as such. Control characters are left out. */
function readable(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  const decoded = bytes.toString('utf8');
  const meant = decoded.includes('\uFFFD') ? text : decoded;
  return meant.replaceAll(/\p{Cc}/gu, '').slice(0, MARKER_LENGTH_MAX);
}
