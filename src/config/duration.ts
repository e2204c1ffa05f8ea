// A duration with a unit, as a field of the configuration: text in, milliseconds within bounds out.
import { z } from 'zod';
import { parseQuantity } from '../base/quantity.ts';

export interface DurationField {
  readonly initial: string;
  readonly minMs: number;
  readonly maxMs: number;
  readonly about: string;
}

/** E.g. `5 s`, as ms; a problem names the bounds in seconds. */
export function duration({ initial, minMs, maxMs, about }: DurationField) {
  return z
    .string()
    .default(initial)
    .transform((text, context) => {
      const parsed = parseQuantity(text, 'time');
      if (!parsed.ok) {
        context.addIssue({ code: 'custom', message: parsed.message });
        return z.NEVER;
      }
      const ms = parsed.value / 1000;
      if (ms >= minMs && ms <= maxMs) return ms;
      context.addIssue({
        code: 'custom',
        message: `"${text}" is outside ${minMs / 1000} … ${maxMs / 1000} s`,
      });
      return z.NEVER;
    })
    .describe(about);
}
