// Texts of `send_string`: as they stand, or formatted, `f"{name}"`. How the firmware prints a number is not
// documented in what is public: seven significant digits, as single precision has, are inferred.
import { ERRORS, type ErrorCode } from './error-codes.ts';
import { type DeclaredNames, parseReference } from './references.ts';
import type { TextPart } from './script.ts';
import type { Token } from './tokens.ts';

const SIGNIFICANT_DIGITS = 7;

/** The pieces of a formatted text, or what is wrong with it. */
export function parseText(
  { text, column }: Token,
  names: DeclaredNames,
): readonly TextPart[] | { readonly code: ErrorCode } {
  const parts: TextPart[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{', at);
    if (open === -1) break;
    const close = text.indexOf('}', open);
    if (close === -1) return { code: ERRORS.braceNotClosed };
    if (open > at) parts.push(text.slice(at, open));
    const reference = parseReference({ text: text.slice(open + 1, close).trim(), column }, names);
    if (!reference.ok) return { code: reference.code };
    parts.push(reference.value);
    at = close + 1;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

/** A number as a text shows it. */
export function numberText(value: number, isInteger: boolean): string {
  return isInteger ? String(value) : String(Number(value.toPrecision(SIGNIFICANT_DIGITS)));
}
