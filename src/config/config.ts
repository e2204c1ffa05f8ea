// The configuration of a bench: one schema with unit, range and default for every field; parsed once, unknown
// keys refused. Never read again while the daemon runs; what a run needs of it is stored with the run.
import { z } from 'zod';
import { suggestion } from '../base/suggestion.ts';
import { auxProblems, auxSchema } from './aux-schema.ts';
import { DIALECT_NAMES } from './dialect-names.ts';
import { diskSchema } from './disk-schema.ts';
import { duration } from './duration.ts';
import { outageSchema } from './outage-schema.ts';

const cyclerSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'lower-case letters, digits and "-", at most 32')
    .describe('how the operator calls it'),
  dialect: z.enum(DIALECT_NAMES).describe('wire language of the instrument'),
  port: z
    .string()
    .min(1)
    .describe('/dev/serial/by-id/… or usb:SERIAL (also with @baud), COM3, or tcp://host:port'),
  data_port: z
    .string()
    .min(1)
    .optional()
    .describe('second port of instruments that have one (zahner), written as port'),
  remote_sense: z
    .boolean()
    .default(false)
    .describe('measure the voltage at leads of its own (4-wire), where the instrument has them'),
  accept_no_dead_man: z
    .boolean()
    .default(false)
    .describe('let runs drive an instrument that goes on by itself when this computer falls silent'),
});

const configSchema = z.strictObject({
  cyclers: z.array(cyclerSchema).max(64).default([]).describe('instruments of this bench'),
  aux: z.array(auxSchema).max(64).default([]).describe('thermometers and markers beside the instruments'),
  web: z
    .strictObject({
      port: z
        .number()
        .int()
        .min(0)
        .max(65_535)
        .default(8733)
        .describe('loopback port of page and stream; 0: any free one'),
    })
    .prefault({})
    .describe('page and stream'),
  disk: diskSchema.prefault({}).describe('what happens as the disk of the data folder fills'),
  lease: duration({
    initial: '5 s',
    minMs: 1000,
    maxMs: 60_000,
    about: 'dead-man: longest silence of the host, 1 … 60 s',
  }),
  on_host_loss: z
    .enum(['off', 'finish-step', 'finish-cycle'])
    .default('off')
    .describe('what the device does when the lease expires'),
  on_outage: outageSchema,
  on_shutdown: z
    .enum(['hold', 'finish_step', 'keep', 'stop'])
    .default('hold')
    .describe('what happens to running cells when the daemon is told to end'),
  alarm_command: z
    .array(z.string().min(1).max(1000))
    .max(32)
    .default([])
    .describe('program and arguments, started for each alarm (no shell); []: none'),
  record_wire: z
    .boolean()
    .default(true)
    .describe('keep in each run what went over the wire, for galvanode replay'),
  log_level: z
    .enum(['error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('verbosity on stderr'),
});

export type Config = z.output<typeof configSchema>;
export type CyclerConfig = z.output<typeof cyclerSchema>;

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Parses what a YAML or JSON file held (null: an empty file). Each problem is one line that names the field.
 */
export function parseConfig(given: unknown): ConfigResult {
  const parsed = configSchema.safeParse(given ?? {});
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error.issues) };
  const names = parsed.data.cyclers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    return { ok: false, problems: [`"cyclers": two are called "${twice}"; names must differ`] };
  const problems = auxProblems(parsed.data.aux, names);
  if (problems.length > 0)
    return { ok: false, problems: problems.map(({ index, message }) => `"aux.${index}": ${message}`) };
  return { ok: true, config: parsed.data };
}

/** A misspelt key makes another one missing: where keys are unknown, only they are told. */
function problemsOf(issues: readonly z.core.$ZodIssue[]): string[] {
  const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? unknownKeys(issue) : []));
  return unknown.length > 0 ? unknown : issues.map(problemOf);
}

function unknownKeys({
  path,
  keys,
}: {
  readonly path: readonly PropertyKey[];
  readonly keys: readonly string[];
}): string[] {
  const known = knownKeys(path[0]);
  return keys.map((key) => `unknown key "${[...path, key].join('.')}"; ${suggestion(key, known)}`);
}

function problemOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.length === 0 ? '(file)' : issue.path.join('.');
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return `"${path}": ${isMissing ? `is missing; it must be a ${issue.expected}` : issue.message}`;
}

function knownKeys(section: PropertyKey | undefined): readonly string[] {
  if (section === 'cyclers') return Object.keys(cyclerSchema.shape);
  if (section === 'aux') return Object.keys(auxSchema.shape);
  if (section === 'disk') return Object.keys(diskSchema.shape);
  return section === 'web' ? ['port'] : Object.keys(configSchema.shape);
}

/** For `config show`: each field with its value in use and its meaning. */
export function describeConfig(
  config: Config,
): { readonly key: string; readonly value: unknown; readonly about: string }[] {
  return Object.entries(configSchema.shape).map(([key, schema]) => ({
    key,
    value: config[key as keyof Config],
    about: schema.description ?? '',
  }));
}
