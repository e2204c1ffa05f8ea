// Cuts the text of an expression into numbers with their unit, names and signs, each with its offset. A unit
// is one only right after a number: `2 * h` is a name, `2 h` two hours. Bounded in length; never throws.
import { findUnit, UNIT_NAMES } from '../base/quantity.ts';
import { suggestion } from '../base/suggestion.ts';
import { numberOf, quantityOf } from './dimensions.ts';
import type { ExactQuantity } from './expression.ts';

export type Token =
  | {
      readonly kind: 'literal';
      readonly offset: number;
      readonly text: string;
      readonly value: ExactQuantity;
    }
  | { readonly kind: 'name' | 'sign'; readonly offset: number; readonly text: string };

export interface TextFault {
  readonly offset: number;
  readonly message: string;
}

export type TokensResult =
  | { readonly ok: true; readonly tokens: readonly Token[] }
  | { readonly ok: false; readonly fault: TextFault };

/** Longer than any sensible line of arithmetic; the parser's depth and the tree's size follow from it. */
export const EXPRESSION_LENGTH_MAX = 400;

const NUMBER = /(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const SIGN = /<=|>=|==|!=|[-+*/(),<>=]/y;
/** `mA/cm2`, `mA cm-2`, `1/h`, `%`; without the part after the stroke where only that makes a unit. */
const UNIT = /1\/h|%|([A-Za-zµμΩΩ]+)(\/[A-Za-z]+[23²³]?|[23²³]|[ ·](?:cm|g|s)(?:\^?-[123]|⁻[¹²³]))?/y;

const DIGITS_MAX = 30;
const EXPONENT_MAX = 30;

/** All tokens of the text, or the first thing in it that is none. */
export function tokensOf(text: string): TokensResult {
  if (text.length > EXPRESSION_LENGTH_MAX) {
    const message = `an expression of ${text.length} characters; at most ${EXPRESSION_LENGTH_MAX}`;
    return { ok: false, fault: { offset: 0, message: `${message}: give a part of it a name in "values"` } };
  }
  // What is pasted from a paper: a minus sign, a cross, a dot. One character each, so offsets stay.
  const plain = text.replaceAll('−', '-').replaceAll('×', '*').replaceAll('\u00a0', ' ');
  const tokens: Token[] = [];
  let offset = skipSpace(plain, 0);
  while (offset < plain.length) {
    const token = tokenAt(plain, offset);
    if (!('kind' in token)) return { ok: false, fault: token };
    tokens.push(token);
    offset = skipSpace(plain, offset + token.text.length);
  }
  return { ok: true, tokens };
}

function tokenAt(text: string, offset: number): Token | TextFault {
  const number = matchAt(NUMBER, text, offset);
  if (number !== null) return literalAt(text, offset, number);
  const name = matchAt(NAME, text, offset);
  if (name !== null) return { kind: 'name', offset, text: name[0] };
  const sign = matchAt(SIGN, text, offset);
  if (sign !== null) return { kind: 'sign', offset, text: sign[0] };
  const found = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  if (found === '.') return { offset, message: 'found "."; write a number like 0.5' };
  return { offset, message: `found "${found}"; allowed: numbers with units, names, + - * / ( ) min max abs` };
}

function literalAt(text: string, offset: number, number: RegExpExecArray): Token | TextFault {
  const [digits, whole = '', fraction = '', exponentText = '0'] = number;
  const exponent = Number(exponentText);
  if (whole.length + fraction.length > DIGITS_MAX || Math.abs(exponent) > EXPONENT_MAX)
    return { offset, message: `a number with more than ${DIGITS_MAX} digits` };
  const end = offset + digits.length;
  const unit = unitAfter(text, end);
  if (unit !== null && 'message' in unit) return unit;
  const mantissa = BigInt(whole + fraction);
  const shift = exponent - fraction.length;
  const numerator = shift >= 0 ? mantissa * 10n ** BigInt(shift) : mantissa;
  const denominator = shift >= 0 ? 1n : 10n ** BigInt(-shift);
  if (unit === null)
    return { kind: 'literal', offset, text: digits, value: numberOf(numerator, denominator) };
  const value = quantityOf(unit.dimension, numerator * unit.factor, denominator);
  return { kind: 'literal', offset, text: text.slice(offset, unit.end), value };
}

type UnitAfter = { dimension: Parameters<typeof quantityOf>[0]; factor: bigint; end: number };

/** The unit that follows a number, null where none does, a fault where what follows is no unit. */
function unitAfter(text: string, end: number): UnitAfter | TextFault | null {
  const start = skipSpace(text, end);
  const match = matchAt(UNIT, text, start);
  if (match === null) return null;
  const [longest, shortest = longest] = match;
  for (const candidate of [longest, shortest]) {
    const unit = findUnit(candidate);
    const next = start + candidate.length;
    if (unit !== null && !/[A-Za-z0-9_]/.test(text.charAt(next)))
      return { dimension: unit.dimension, factor: unit.factor, end: next };
  }
  const word = /^[^\s()+*,<>=!-]*/.exec(text.slice(start))?.[0] ?? longest;
  return { offset: start, message: `unknown unit "${word}"; ${suggestion(word.slice(0, 40), UNIT_NAMES)}` };
}

function skipSpace(text: string, from: number): number {
  let offset = from;
  while (offset < text.length && /\s/.test(text.charAt(offset))) offset += 1;
  return offset;
}

function matchAt(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(text);
}
