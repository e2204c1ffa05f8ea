// Cuts one line of MethodSCRIPT into tokens with their columns. First stage of loading a script; must never
// know which commands there are.
import { ERRORS, type ErrorCode } from './error-codes.ts';

export interface Token {
  /** Without quotes for texts. */
  readonly text: string;
  /** Of the first character, counted from 1. */
  readonly column: number;
  readonly kind: 'word' | 'text' | 'formatted';
}

export type TokenResult =
  | { readonly ok: true; readonly tokens: readonly Token[] }
  | { readonly ok: false; readonly code: ErrorCode; readonly column: number };

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']' };

/** Tokens of a line without its line feed. `#` outside a text begins a comment. */
export function tokenize(line: string): TokenResult {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    const character = line.charAt(at);
    if (character === '#') break;
    if (character === ' ' || character === '\t') {
      at += 1;
      continue;
    }
    const isFormatted = line.startsWith('f"', at);
    const end = isFormatted || character === '"' ? textEnd(line, at, isFormatted) : wordEnd(line, at);
    if (!end.ok) return { ok: false, code: ERRORS.unexpectedCharacter, column: end.column };
    tokens.push(tokenBetween(line, at, end.at, isFormatted));
    at = end.at;
  }
  return { ok: true, tokens };
}

type End = { readonly ok: true; readonly at: number } | { readonly ok: false; readonly column: number };

function tokenBetween(line: string, from: number, until: number, isFormatted: boolean): Token {
  const column = from + 1;
  if (isFormatted) return { text: line.slice(from + 2, until - 1), column, kind: 'formatted' };
  if (line.charAt(from) === '"') return { text: line.slice(from + 1, until - 1), column, kind: 'text' };
  return { text: line.slice(from, until), column, kind: 'word' };
}

function textEnd(line: string, from: number, isFormatted: boolean): End {
  const quote = line.indexOf('"', from + (isFormatted ? 2 : 1));
  return quote === -1 ? { ok: false, column: from + 1 } : { ok: true, at: quote + 1 };
}

/** A bracket holds its contents together, spaces included: `nscans(3)`, `name[index]`. */
function wordEnd(line: string, from: number): End {
  let closing = '';
  for (let at = from; at < line.length; at += 1) {
    const character = line.charAt(at);
    // ASCII only: what a damaged line brings in is found here.
    if (!isPrintable(character)) return { ok: false, column: at + 1 };
    if (closing === '' && (character === ' ' || character === '\t' || character === '#')) {
      return { ok: true, at };
    }
    if (character === closing) closing = '';
    else if (closing === '') closing = CLOSING[character] ?? '';
  }
  return closing === '' ? { ok: true, at: line.length } : { ok: false, column: line.length + 1 };
}

function isPrintable(character: string): boolean {
  return character === '\t' || (character >= ' ' && character <= '~');
}
