// From fields to schemas: each complaint is one sentence with what was found, what is allowed and what to
// write. Unknown keys are refused, with the one that was meant.
import { z } from 'zod';
import { suggestion } from '../../../src/base/suggestion.ts';
import { allowedText, type Field, type GivenValue } from './cell-fields.ts';

type Shape = Readonly<Record<string, z.ZodType>>;

/** What a section holds, each key optional: a cell file says only what differs from its base. */
export function sectionShape(fields: Readonly<Record<string, Field>>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.values(fields).map((field) => [field.key, fieldSchema(field).optional()]));
}

/** The same, each key required. */
export function completeShape(fields: Readonly<Record<string, Field>>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.values(fields).map((field) => [field.key, fieldSchema(field)]));
}

export function strict(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') {
        const { keys } = issue as { readonly keys?: readonly string[] };
        return keyAdvice(keys?.[0] ?? '', Object.keys(shape));
      }
      const keys = Object.keys(shape).join(', ');
      return `${shown(issue.input)} is no section; write it as keys and values: ${keys}`;
    },
  });
}

/** A key whose unit was left out is nearer to what was meant than spelling tells. */
function keyAdvice(key: string, known: readonly string[]): string {
  const near = known.find((one) => one.startsWith(`${key}_`));
  return near === undefined ? suggestion(key, known) : `did you mean "${near}"?`;
}

function fieldSchema(field: Field): z.ZodType<GivenValue> {
  return z
    .custom<GivenValue>()
    .superRefine((value, context) => {
      const problem = problemWith(field, value);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem });
    })
    .describe(`${field.about} (${allowedText(field)})`);
}

function problemWith(field: Field, value: unknown): string | null {
  if (field.form === 'pair') return problemWithPair(field, value);
  if (value === 'never' && field.canBeNever === true) return null;
  return problemWithNumber(field, value);
}

function problemWithPair(field: Field, value: unknown): string | null {
  const [from, to]: readonly unknown[] = Array.isArray(value) ? value : [];
  if (!Array.isArray(value) || value.length !== 2 || typeof from !== 'number' || typeof to !== 'number')
    return `${shown(value)} is not a pair; write the bounds of the draw, e.g. [${field.within.join(', ')}]`;
  if (from > to) return `${shown(value)} runs backwards; write the smaller one first`;
  return problemWithNumber(field, from) ?? problemWithNumber(field, to);
}

function problemWithNumber(field: Field, value: unknown): string | null {
  const { within, unit, form, about } = field;
  if (value === undefined) return `is missing; it is ${about}, ${allowedText(field)}`;
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    const how = unit.name === '1' ? 'a plain number' : `a plain number, in ${unit.name} as its name says`;
    return `${shown(value)} is not a number; write ${how}`;
  }
  if (value < within[0] || value > within[1]) return `${value} is outside ${allowedText(field)}`;
  if (form === 'whole' && !Number.isInteger(value)) return `${value} is not a whole number`;
  return null;
}

/** What was found, short enough for a line. */
export function shown(value: unknown): string {
  // What JSON has no word for: .inf and .nan are found where they were meant, or a text too large a number.
  const words = (_key: string, one: unknown): unknown =>
    typeof one === 'number' && !Number.isFinite(one) ? String(one) : one;
  const text = value === undefined ? 'nothing' : JSON.stringify(value, words);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

/** One line for each thing that is wrong, the field first. Where keys are unknown, only they are told. */
export function problemsOf(issues: readonly z.core.$ZodIssue[]): string[] {
  const unknown = issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [];
    return issue.keys.map((key) => `unknown key "${[...issue.path, key].join('.')}"; ${issue.message}`);
  });
  if (unknown.length > 0) return unknown;
  return issues.map(({ path, message }) => {
    const field = path.length === 0 ? '(file)' : path.join('.');
    return `"${field}": ${message}`;
  });
}
