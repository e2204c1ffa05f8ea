// The wire messages of /stream, version 1: zod schemas as the one source of types, checks and the served JSON
// Schema. Integers in base units (us, nV, pA, nC), exact, so that a client can compare them with the run
// file. Never holds a run's path: clients know runs by id only.
import { z } from 'zod';

const Integer = z.int();
const Count = z.int().min(0);
const Column = z.array(Integer);
const Measured = z.array(Integer.nullable()).describe('null: not measured.');
const RunId = z
  .string()
  .regex(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 'must be a run id: 26 characters of Crockford base 32')
  .describe('ULID of a run.');
const Half = z.enum(['plate', 'strip']).nullable();
const StoredSeq = Count.describe(
  'Every sample up to here is in the run file, or recorded as a gap; 0: none. ' +
    'On a new epoch drop every sample you hold beyond it.',
);

/** True for a well-formed run id. Never looks at the file system. */
export function isRunId(text: string): boolean {
  return RunId.safeParse(text).success;
}

export const MAX_HZ_RANGE = { min: 0.1, max: 60 } as const;

const Subscribe = z
  .strictObject({
    v: z.literal(1).optional(),
    type: z.literal('subscribe'),
    run: RunId,
    from_seq: Count.optional().describe(
      'First sample wanted. Without max_hz: every stored sample from here on, exactly once, in order.',
    ),
    max_hz: z
      .number()
      .min(MAX_HZ_RANGE.min)
      .max(MAX_HZ_RANGE.max)
      .optional()
      .describe('At most so many samples messages per second, each of lowest, highest and newest voltage.'),
  })
  .describe(
    'Without from_seq: a decimated past, then the live tail. A second one for a run replaces the first.',
  );

const Unsubscribe = z.strictObject({
  v: z.literal(1).optional(),
  type: z.literal('unsubscribe'),
  run: RunId,
});

export const ClientMessageSchema = z.discriminatedUnion('type', [Subscribe, Unsubscribe]);
export type ClientMessage = z.infer<typeof ClientMessageSchema>;
export type SubscribeMessage = z.infer<typeof Subscribe>;

const Position = z.object({
  step_number: Count,
  program_step: z.string(),
  phase: z.string(),
  cycle: Count.describe('0 outside the main cycles.'),
  half: Half,
  record_every_us: Count.describe('Record interval in cell time.'),
});

export const RunInfoSchema = z.object({
  run: RunId,
  cycler: z.string(),
  channel: Count,
  protocol: z.string(),
  cell: z.string().nullable().describe('Sample id of the cell.'),
  state: z.string(),
  reason: z.string(),
  since_ms: z.number().describe('Wall time, ms since 1970 UTC.'),
  verdict: z.string().nullable(),
  is_simulated: z.boolean(),
  time_scale: z.number().describe('Cell seconds per real second.'),
  position: Position.nullable(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  voltage_error_nv: z.number().nullable().describe('Largest error of one voltage reading.'),
  current_error_pa: z.number().nullable().describe('Largest error of one current reading.'),
});
export type RunInfo = z.infer<typeof RunInfoSchema>;

const V = { v: z.literal(1) };

const Hello = z.object({
  ...V,
  type: z.literal('hello'),
  epoch: z
    .string()
    .describe(
      'Random per start of the core. When it differs from the one you knew, samples beyond stored_seq were ' +
        'never stored and their numbers may be used again: drop them, then subscribe with ' +
        'from_seq = stored_seq + 1.',
    ),
  wall_ms: z.number(),
  runs: z.array(RunInfoSchema),
});

const Runs = z
  .object({ ...V, type: z.literal('runs'), runs: z.array(RunInfoSchema), gone: z.array(RunId) })
  .describe('Runs that are new or changed since hello, and those no longer listed. To every client.');

const Samples = z.object({
  ...V,
  type: z.literal('samples'),
  run: RunId,
  mode: z
    .enum(['exact', 'live', 'coalesced'])
    .describe(
      'exact: stored, each once. live: as received, maybe not stored yet. coalesced: a selection of live.',
    ),
  stored_seq: StoredSeq,
  at_ms: z
    .number()
    .nullable()
    .describe('Wall time at which the newest row arrived; null for rows read from the file.'),
  represents: Count.describe('Samples these rows stand for; more than there are rows only when coalesced.'),
  seq: Column.describe('Number of the sample in its run; rising, a missing number is a gap.'),
  time_us: Column.describe('Device time since the start of the run.'),
  voltage_nv: Measured,
  current_pa: Measured.describe(
    'Positive strips the working electrode, negative plates it. null: not measured.',
  ),
  charge_nc: Measured.describe("The device's net counter. null: not measured."),
  step: Column.describe('Step number.'),
  flags: Column,
});
export type SamplesMessage = z.infer<typeof Samples>;

const PlotColumns = {
  time_us: Column.describe('Time of the first sample of the point.'),
  end_us: Column.describe('Time of its last sample.'),
  count: Column.describe('Samples behind it; 1: the point is a sample.'),
  voltage_min_nv: Measured,
  voltage_max_nv: Measured,
  current_min_pa: Measured,
  current_max_pa: Measured,
};
export const PlotSchema = z.object({
  ...V,
  type: z.literal('plot'),
  run: RunId,
  stored_seq: StoredSeq,
  ...PlotColumns,
});

const Past = z
  .object({ ...V, type: z.literal('past'), run: RunId, stored_seq: StoredSeq, ...PlotColumns })
  .describe('What came before the live tail: lowest and highest of each point. Sent once, also when empty.');

const Step = z.discriminatedUnion('event', [
  z.object({
    ...V,
    type: z.literal('step'),
    run: RunId,
    event: z.literal('began'),
    step_number: Count,
    program_step: z.string(),
    phase: z.string(),
    cycle: Count,
    half: Half,
    current_pa: Integer.describe('Setpoint; 0 for a rest.'),
    duration_max_us: Count,
    record_every_us: Count,
    time_us: Integer,
    first_seq: Count,
  }),
  z.object({
    ...V,
    type: z.literal('step'),
    run: RunId,
    event: z.literal('ended'),
    step_number: Count,
    reason: z.string(),
    time_us: Integer,
    voltage_nv: Integer,
    current_pa: Integer,
    charge_nc: Integer,
    last_seq: Count,
  }),
]);

const HalfCycle = z.object({
  ...V,
  type: z.literal('half_cycle'),
  run: RunId,
  number: Count,
  cycle: Count,
  phase: z.string(),
  half: z.enum(['plate', 'strip']),
  step_number: Count,
  start_us: Integer,
  end_us: Integer,
  charge_nc: Integer.describe('Magnitude.'),
  end_charge_nc: Integer.describe('Net counter at its end.'),
  reason: z.string(),
  plateau_nv: Integer.nullable(),
  tip_nv: Integer.nullable(),
  end_nv: Integer.nullable(),
  is_interrupted: z.boolean(),
});

const State = z
  .object({
    ...V,
    type: z.literal('state'),
    run: RunId,
    state: z.string(),
    reason: z.string(),
    since_ms: z.number(),
    verdict: z.string().nullable(),
    stored_seq: StoredSeq,
  })
  .describe('Also the answer to subscribe, before anything else of that run.');

const Gap = z
  .object({ ...V, type: z.literal('gap'), run: RunId, first_seq: Count, count: Count, reason: z.string() })
  .describe(
    'Samples that never arrived; their numbers stay empty. In exact mode before the samples that span it.',
  );

const Alarm = z.object({
  ...V,
  type: z.literal('alarm'),
  run: RunId.nullable(),
  code: z.string(),
  message: z.string(),
  at_ms: z.number(),
});

const Ping = z
  .object({ ...V, type: z.literal('ping'), wall_ms: z.number() })
  .describe('Every 15 s. No answer needed.');

const ErrorSchema = z
  .object({
    ...V,
    type: z.literal('error'),
    code: z.enum(['MESSAGE_INVALID', 'RUN_UNKNOWN', 'SUBSCRIPTIONS_FULL', 'HISTORY_FAILED']),
    field: z.string().nullable(),
    message: z.string(),
  })
  .describe('After MESSAGE_INVALID the connection closes with 1008; the others leave it open.');

export const ServerMessageSchema = z.union([
  Hello,
  Runs,
  State,
  Past,
  Samples,
  Step,
  HalfCycle,
  Gap,
  Alarm,
  Ping,
  ErrorSchema,
]);
export type ServerMessage = z.infer<typeof ServerMessageSchema>;
export type ErrorMessage = z.infer<typeof ErrorSchema>;

export type ParsedClientMessage =
  | { readonly ok: true; readonly message: ClientMessage }
  | { readonly ok: false; readonly field: string | null; readonly detail: string };

/** One client message. `detail` names the field, what is wrong with it and what is allowed. */
export function parseClientMessage(text: string): ParsedClientMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { ok: false, field: null, detail: 'not JSON; send {"type":"subscribe","run":"…"}' };
  }
  const result = ClientMessageSchema.safeParse(json);
  if (result.success) return { ok: true, message: result.data };
  const issue = result.error.issues[0];
  if (issue === undefined) return { ok: false, field: null, detail: 'not a message of this protocol' };
  const field = issue.code === 'unrecognized_keys' ? (issue.keys[0] ?? null) : issue.path.join('.') || null;
  return { ok: false, field, detail: `${field ?? 'message'}: ${issue.message}; see /api/schema/stream` };
}

/** The JSON Schema served at /api/schema/stream. */
export function streamJsonSchema(): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'galvanode stream, version 1',
    $defs: {
      client: z.toJSONSchema(ClientMessageSchema),
      server: z.toJSONSchema(ServerMessageSchema),
      plot: z.toJSONSchema(PlotSchema),
      run: z.toJSONSchema(RunInfoSchema),
    },
  };
}
