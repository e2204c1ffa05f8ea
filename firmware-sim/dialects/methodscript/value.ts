// What a variable holds, and the arithmetic on it. Integers stay integers; a result has the data type of the
// variable it goes to (inferred: the public examples never mix the two in a way that would tell).
import { ERRORS, type ErrorCode } from './error-codes.ts';
import type { Operator } from './script.ts';

/** What a measured value says of itself in a data package. */
export interface Metadata {
  /** 1 timing not met, 2 overload, 4 underload, 8 overload warning; added up. */
  readonly status: number;
  /** Index of the range; the table is the model's. */
  readonly range: number;
}

export interface Value {
  readonly value: number;
  readonly isInteger: boolean;
  /** Two letters, `ba`. */
  readonly type: string;
  readonly metadata: Metadata | null;
}

export type ValueResult =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: ErrorCode };

/** What a declared variable and the elements of a new array hold. */
export const UNSET: Value = { value: 0, isInteger: false, type: 'aa', metadata: null };

/** A measured or computed float. */
export function floatValue(value: number, type: string, metadata: Metadata | null = null): Value {
  return { value, isInteger: false, type, metadata };
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  add_var: (a, b) => a + b,
  sub_var: (a, b) => a - b,
  mul_var: (a, b) => a * b,
  div_var: (a, b) => a / b,
  mod_var: (a, b) => a % b,
  pow_var: (a, b) => a ** b,
};

const BITWISE: Readonly<Record<string, (a: number, b: number) => number>> = {
  bit_and_var: (a, b) => a & b,
  bit_or_var: (a, b) => a | b,
  bit_xor_var: (a, b) => a ^ b,
  bit_lsl_var: (a, b) => a << b,
  bit_lsr_var: (a, b) => a >>> b,
};

export function isArithmetic(name: string): boolean {
  return Object.hasOwn(ARITHMETIC, name) || Object.hasOwn(BITWISE, name);
}

/** `name` of the language applied in place: what the first variable holds afterwards. */
export function applied(name: string, first: Value, second: Value): ValueResult {
  const bitwise = BITWISE[name];
  if (bitwise !== undefined) {
    if (!first.isInteger || !second.isInteger) return { ok: false, code: ERRORS.wrongDatatype };
    return { ok: true, value: { ...first, value: bitwise(first.value, second.value) | 0 } };
  }
  const arithmetic = ARITHMETIC[name];
  if (arithmetic === undefined) return { ok: false, code: ERRORS.notSupported };
  const operand = first.isInteger ? Math.trunc(second.value) : second.value;
  if ((name === 'div_var' || name === 'mod_var') && operand === 0) {
    return { ok: false, code: ERRORS.dividedByZero };
  }
  return stored(first, arithmetic(first.value, operand));
}

/** A new number in a variable of this type: it must stay a number, and an integer within 32 bits. */
export function stored(into: Value, number: number): ValueResult {
  if (!Number.isFinite(number)) return { ok: false, code: ERRORS.notANumber };
  if (!into.isInteger) return { ok: true, value: { ...into, value: number } };
  const whole = Math.trunc(number);
  if (Math.abs(whole) > 0x7fffffff) return { ok: false, code: ERRORS.overflow };
  return { ok: true, value: { ...into, value: whole } };
}

export function isTrue(left: Value, operator: Operator, right: Value): boolean {
  switch (operator) {
    case '<':
      return left.value < right.value;
    case '<=':
      return left.value <= right.value;
    case '>':
      return left.value > right.value;
    case '>=':
      return left.value >= right.value;
    case '==':
      return left.value === right.value;
    case '!=':
      return left.value !== right.value;
  }
}
