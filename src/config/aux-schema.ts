// Auxiliary inputs of the configuration: plain text lines from beside the instruments, a thermometer or a
// note-taking script. What a field means, in which unit and within which bounds, stands here only.
import { z } from 'zod';
import { duration } from './duration.ts';

/** Runs on one channel (`left/2`), or on every channel of a cycler (`left`). */
const PLACE = /^[a-z0-9][a-z0-9-]{0,31}(?:\/[1-9][0-9]{0,2})?$/;

const pattern = z
  .string()
  .max(200)
  .transform((text, context) => {
    try {
      return new RegExp(text);
    } catch {
      context.addIssue({ code: 'custom', message: `"${text}" is no regular expression` });
      return z.NEVER;
    }
  });

export const auxSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'lower-case letters, digits, "-" and "_", at most 32')
      .describe('what it is called in the record, e.g. bath'),
    port: z
      .string()
      .min(1)
      .describe('/dev/serial/by-id/… (115200 baud, else @baud) or tcp://host:port; inputs may share one'),
    kind: z.enum(['temperature', 'marker']).describe('a number a line, or a line that is stored as it is'),
    unit: z.enum(['degC', 'K', 'degF']).default('degC').describe('unit of a temperature, after "scale"'),
    scale: z
      .number()
      .min(1e-6)
      .max(1e6)
      .default(1)
      .describe('what the number of a line is multiplied by, e.g. 0.01 where 2351 means 23.51'),
    pattern: pattern
      .optional()
      .describe('regular expression of the lines that count; its first group is the value'),
    channels: z
      .array(z.string().regex(PLACE, 'write "left" or "left/2": a cycler, or a channel of it'))
      .min(1)
      .optional()
      .describe('cyclers or channels whose runs it belongs to; default: all'),
    every: duration({
      initial: '1 s',
      minMs: 100,
      maxMs: 3_600_000,
      about: 'a temperature is stored at most this often, 0.1 … 3600 s',
    }),
  })
  .describe('one auxiliary input');

export type AuxConfig = z.output<typeof auxSchema>;

export interface AuxProblem {
  readonly index: number;
  readonly message: string;
}

/** What the schema of one input cannot see: names that are taken, cyclers that do not exist. */
export function auxProblems(inputs: readonly AuxConfig[], cyclers: readonly string[]): AuxProblem[] {
  return inputs.flatMap(({ name, channels = [] }, index) => {
    const isTwice = inputs.findIndex((other) => other.name === name) !== index;
    const twice = isTwice ? [`two are called "${name}"; names must differ`] : [];
    const unknown = channels.flatMap((place) => {
      const [cycler = ''] = place.split('/');
      return cyclers.includes(cycler) ? [] : [`"${place}" is on no cycler of this configuration`];
    });
    return [...twice, ...unknown].map((message) => ({ index, message }));
  });
}
