// Parameters of SCPI commands: numbers in all their spellings, booleans, names, quoted strings, lists. Parse
// functions throw nothing: what is wrong is an error number of the instrument.
import type { NumberRange } from './error-queue.ts';
import type { ErrorCode } from './scpi-errors.ts';

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: ErrorCode };

/** What `MINimum`, `MAXimum` and `DEFault` stand for. */
export interface Limits {
  readonly min: number;
  readonly max: number;
  readonly def: number;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:\s*[eE]\s*[+-]?\d+)?$/;
const BASES: Readonly<Record<string, { readonly base: number; readonly digits: RegExp }>> = {
  B: { base: 2, digits: /^[01]+$/ },
  Q: { base: 8, digits: /^[0-7]+$/ },
  H: { base: 16, digits: /^[0-9A-Fa-f]+$/ },
};
const refuse = (code: ErrorCode): { readonly ok: false; readonly code: ErrorCode } => ({ ok: false, code });

/** Cut at commas that stand outside quotes and brackets. */
export function splitParameters(text: string): readonly string[] {
  if (text.trim() === '') return [];
  const parameters: string[] = [];
  let start = 0;
  let depth = 0;
  let quote = '';
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === ',' && depth === 0) {
      parameters.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  return [...parameters, text.slice(start).trim()];
}

/** A plain number: `1`, `-1e-3`, `#B101`, `#Q7`, `#HFF`. */
export function parseNumber(text: string): Parsed<number> {
  if (text === '') return refuse(-109);
  if (DECIMAL.test(text)) {
    const value = Number(text.replace(/\s+/g, ''));
    return Number.isFinite(value) ? { ok: true, value } : refuse(-222);
  }
  if (text.startsWith('#')) return parseNonDecimal(text);
  if (/^["']/.test(text)) return refuse(-158);
  if (/^[+-]?[\d.]/.test(text)) return refuse(/^[+-]?[\d.]+\s*[A-Za-z]+$/.test(text) ? -131 : -121);
  return refuse(/^[A-Za-z]/.test(text) ? -141 : -120);
}

function parseNonDecimal(text: string): Parsed<number> {
  const kind = BASES[text.charAt(1).toUpperCase()];
  const digits = text.slice(2);
  if (kind === undefined || digits === '') return refuse(-120);
  return kind.digits.test(digits) ? { ok: true, value: Number.parseInt(digits, kind.base) } : refuse(-121);
}

/** A number, or one of the names that stand for one. Outside the limits: -222. */
export function parseNumeric(text: string, limits: Limits): Parsed<number> {
  const named = namedNumber(text, limits);
  const parsed: Parsed<number> = named === null ? parseNumber(text) : { ok: true, value: named };
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  return value >= limits.min && value <= limits.max ? parsed : refuse(-222);
}

/** MINimum, MAXimum, DEFault and INFinity; null for anything else. */
export function namedNumber(text: string, limits: Limits): number | null {
  if (isName(text, 'MINimum')) return limits.min;
  if (isName(text, 'MAXimum')) return limits.max;
  if (isName(text, 'DEFault')) return limits.def;
  if (isName(text, 'INFinite') || isName(text, 'INFinity')) return Number.POSITIVE_INFINITY;
  return null;
}

/** ON, OFF, 1, 0. */
export function parseBoolean(text: string): Parsed<boolean> {
  if (text === '') return refuse(-109);
  if (isName(text, 'ON')) return { ok: true, value: true };
  if (isName(text, 'OFF')) return { ok: true, value: false };
  const number = parseNumber(text);
  if (!number.ok) return number;
  if (number.value !== 0 && number.value !== 1) return refuse(-224);
  return { ok: true, value: number.value === 1 };
}

/** One of `names`, each written like `FIXed`; gives its short form, `FIX`. */
export function parseName(text: string, names: readonly string[]): Parsed<string> {
  if (text === '') return refuse(-109);
  if (/^["']/.test(text)) return refuse(-158);
  const found = names.find((name) => isName(text, name));
  return found === undefined ? refuse(-141) : { ok: true, value: shortNameOf(found) };
}

/** Text in either kind of quotes; a doubled quote stands for one. */
export function parseString(text: string): Parsed<string> {
  if (text === '') return refuse(-109);
  const quote = text.charAt(0);
  if (quote !== '"' && quote !== "'") return refuse(-104);
  const inner = text.slice(1, -1);
  if (text.length < 2 || !text.endsWith(quote)) return refuse(-151);
  if (inner.replaceAll(quote + quote, '').includes(quote)) return refuse(-151);
  return { ok: true, value: inner.replaceAll(quote + quote, quote) };
}

/** `(-110:-222, -220)`, as the error queue is told what to let in. */
export function parseRanges(text: string): Parsed<readonly NumberRange[]> {
  if (!/^\(.*\)$/.test(text)) return refuse(-120);
  const ranges: NumberRange[] = [];
  for (const item of text.slice(1, -1).split(',')) {
    const ends = item.split(':').map((end) => parseNumber(end.trim()));
    const [first, last = first] = ends;
    if (first === undefined || last === undefined || ends.length > 2) return refuse(-120);
    if (!first.ok) return first;
    if (!last.ok) return last;
    ranges.push({ low: Math.min(first.value, last.value), high: Math.max(first.value, last.value) });
  }
  return { ok: true, value: ranges };
}

/** Is `text` the short or the long form of `name`, in any case? */
export function isName(text: string, name: string): boolean {
  const upper = text.toUpperCase();
  return upper === name.toUpperCase() || upper === shortNameOf(name);
}

/** `FIXed` -> `FIX`, `SENSe1` -> `SENS1`. */
export function shortNameOf(name: string): string {
  return name.replace(/[a-z]+/g, '');
}
