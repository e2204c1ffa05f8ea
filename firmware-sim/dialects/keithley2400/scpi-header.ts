// Headers of SCPI: `[:SENSe[1]]:VOLTage[:DC]:NPLCycles` stands for many spellings. A pattern is unfolded once
// into all keys it allows (short words, optional words in and out); what comes in is shortened to a key and
// looked up. Must never know what a command does.
import type { ErrorCode } from './scpi-errors.ts';

interface PatternNode {
  /** Keys of this word: with and without its numeric suffix where that may be left out. */
  readonly keys: readonly string[];
  readonly isOptional: boolean;
}

/** `[` before the colon: the word may be left out. `[1]` behind it: its suffix may. */
const PATTERN_NODE = /(\[)?:?([A-Za-z*|]+)(\d*)(\[\d+\])?\]?/g;
const MNEMONIC_MAX = 12;

const shortByLong = new Map<string, string>();

/** All keys of a pattern such as `:SOURce[1]:DELay`. Words divided by `|` are alternatives. */
export function keysOf(pattern: string): readonly string[] {
  const nodes = [...pattern.matchAll(PATTERN_NODE)].map(nodeOf);
  const paths = nodes.reduce<readonly (readonly string[])[]>(
    (found, { keys, isOptional }) =>
      found.flatMap((path) => [...keys.map((key) => [...path, key]), ...(isOptional ? [path] : [])]),
    [[]],
  );
  return paths.filter((path) => path.length > 0).map((path) => path.join(':'));
}

function nodeOf(match: RegExpMatchArray): PatternNode {
  const [, bracket, words = '', suffix = '', optionalSuffix] = match;
  const keys = words.split('|').flatMap((word) => {
    const short = learn(word) + suffix;
    return optionalSuffix === undefined ? [short] : [short, short + optionalSuffix.slice(1, -1)];
  });
  return { keys, isOptional: bracket !== undefined };
}

/** `VOLTage` -> `VOLT`, remembering that VOLTAGE means it. */
function learn(word: string): string {
  const short = word.replace(/[a-z]+/g, '').toUpperCase();
  shortByLong.set(word.toUpperCase(), short);
  return short;
}

export type HeaderResult =
  | { readonly ok: true; readonly path: readonly string[]; readonly isQuery: boolean }
  | { readonly ok: false; readonly code: ErrorCode };

/**
 * Reads a header as it was sent into a path of short words from the root. `base` is where the message stands:
 * the path of the header before it without its last word (p. 14-10).
 */
export function parseHeader(text: string, base: readonly string[]): HeaderResult {
  if (/[^A-Za-z0-9_:*?]/.test(text)) return { ok: false, code: /[,;]/.test(text) ? -103 : -101 };
  const isQuery = text.endsWith('?');
  const bare = isQuery ? text.slice(0, -1) : text;
  const isFromRoot = bare.startsWith(':') || bare.startsWith('*');
  const words = bare.replace(/^:/, '').split(':');
  if (words.some((word) => !/^\*?[A-Za-z][A-Za-z_]*\d*$/.test(word))) return { ok: false, code: -102 };
  if (words.some((word) => word.length > MNEMONIC_MAX)) return { ok: false, code: -112 };
  const path = words.map(shortened);
  return { ok: true, path: isFromRoot ? path : [...base, ...path], isQuery };
}

function shortened(word: string): string {
  const upper = word.toUpperCase();
  const whole = shortByLong.get(upper);
  if (whole !== undefined) return whole;
  const bare = upper.replace(/\d+$/, '');
  return (shortByLong.get(bare) ?? bare) + upper.slice(bare.length);
}

/** The commands of one message, cut at semicolons that stand outside quotes. */
export function unitsOf(message: string): readonly string[] {
  const units: string[] = [];
  let quote = '';
  let start = 0;
  for (let index = 0; index < message.length; index += 1) {
    const char = message.charAt(index);
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === ';') {
      units.push(message.slice(start, index));
      start = index + 1;
    }
  }
  units.push(message.slice(start));
  return units.map((unit) => unit.trim()).filter((unit) => unit !== '');
}
