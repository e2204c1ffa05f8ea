// Numbers, variables and elements as a script names them, looked up among what is declared so far. Shared by
// the arguments of commands and by formatted texts.
import type { ArgumentSpec } from './command-table.ts';
import { ERRORS, type ErrorCode } from './error-codes.ts';
import { isLiteral, parseLiteral } from './literal.ts';
import type { ElementArgument, LiteralArgument, VariableArgument } from './script.ts';
import type { Token } from './tokens.ts';

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: ErrorCode; readonly column: number };

/** Names declared so far in the script that is being loaded. */
export interface DeclaredNames {
  readonly variables: Set<string>;
  readonly arrays: Set<string>;
}

export const NAME = /^[a-z][a-z0-9_]*$/;

export function parseNumber(token: Token, spec: ArgumentSpec): Parsed<LiteralArgument> {
  const { column } = token;
  const literal = parseLiteral(token.text);
  if (!literal.ok) return fault(literal.code, column);
  const broken = boundBroken(literal.value, spec);
  if (broken !== null) return fault(broken, column);
  return {
    ok: true,
    value: { kind: 'literal', value: literal.value, isInteger: literal.isInteger, column },
  };
}

/** The error a number breaks its bound with; null where it keeps it. */
export function boundBroken(value: number, { bound }: ArgumentSpec): ErrorCode | null {
  if (bound === 'not-negative') return value < 0 ? ERRORS.mustNotBeNegative : null;
  if (bound === 'not-zero') return value === 0 ? ERRORS.mustNotBeZero : null;
  if (bound === 'positive') return value <= 0 ? ERRORS.mustBePositive : null;
  return null;
}

/** A variable, or an element of an array. */
export function parseReference(
  { text, column }: Pick<Token, 'text' | 'column'>,
  names: DeclaredNames,
): Parsed<VariableArgument | ElementArgument> {
  const bracket = text.indexOf('[');
  if (bracket === -1) return parseVariable({ text, column }, names);
  const name = text.slice(0, bracket);
  const inside = text.slice(bracket + 1, -1);
  if (!text.endsWith(']') || inside === '') return fault(ERRORS.badElement, column);
  if (!names.arrays.has(name)) return fault(ERRORS.undeclared, column);
  const indexColumn = column + bracket + 1;
  const index = isLiteral(inside)
    ? parseNumber({ text: inside, column: indexColumn, kind: 'word' }, { kind: 'value' })
    : parseVariable({ text: inside, column: indexColumn }, names);
  return index.ok ? { ok: true, value: { kind: 'element', name, index: index.value, column } } : index;
}

function parseVariable(
  { text, column }: { readonly text: string; readonly column: number },
  names: DeclaredNames,
): Parsed<VariableArgument> {
  if (!NAME.test(text)) return fault(ERRORS.badReference, column);
  if (names.variables.has(text)) return { ok: true, value: { kind: 'variable', name: text, column } };
  return fault(names.arrays.has(text) ? ERRORS.arrayNotAllowed : ERRORS.undeclared, column);
}

export function fault(code: ErrorCode, column: number): { ok: false; code: ErrorCode; column: number } {
  return { ok: false, code, column };
}
