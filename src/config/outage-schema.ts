// What a run does after an outage, as a field of the configuration: a word, or `continue_within` with a
// duration.
import { z } from 'zod';
import { parseQuantity } from '../base/quantity.ts';

const WORDS = ['stop', 'hold', 'restart_step'] as const;
type Word = (typeof WORDS)[number];

const MAX_MS = 7 * 86_400_000;
const ALLOWED = `${WORDS.map((word) => `"${word}"`).join(', ')} or {"continue_within": "10 min"}`;
const ABOUT =
  'what a run does whose cell was opened by an outage: stop, hold, restart_step, or continue_within a time';

/** The same as OutagePolicy of the steps. */
type ParsedPolicy = Word | { readonly continue_within_ms: number };

export const outageSchema = z
  .unknown()
  .optional()
  .transform((given, context): ParsedPolicy => {
    const refuse = (message: string): never => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (given === undefined) return { continue_within_ms: 600_000 };
    const word = WORDS.find((one) => one === given);
    if (word !== undefined) return word;
    const isObject = typeof given === 'object' && given !== null;
    if (!isObject || !('continue_within' in given) || Object.keys(given).length !== 1)
      return refuse(`${JSON.stringify(given)} is not allowed: ${ALLOWED}`);
    const parsed = parseQuantity(String(given.continue_within), 'time');
    if (!parsed.ok) return refuse(parsed.message);
    const ms = parsed.value / 1000;
    if (ms > 0 && ms <= MAX_MS) return { continue_within_ms: ms };
    return refuse(`"continue_within": "${String(given.continue_within)}" is outside 1 ms … 7 d`);
  })
  .describe(ABOUT);
