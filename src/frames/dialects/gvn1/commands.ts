// The commands of gvn1 as a table (GVN1.md §3, §6, §7, §10): fields in the order they are sent, with bounds.
// Encoding is driven by the table; a value out of bounds is a refusal with a reason, never a frame.
import { isWord } from './fields.ts';

const SAFE = Number.MAX_SAFE_INTEGER;
const CHANNELS_MAX = 65_535;
const NODE_ID_MAX = 2 ** 31;
const DURATION_MAX_US = 90 * 86_400 * 1_000_000;

interface IntegerForm {
  readonly form: 'integer';
  readonly min: number;
  readonly max: number;
  /** A value outside the bounds that has a meaning of its own. */
  readonly also?: number;
}
interface WordForm {
  readonly form: 'word';
  readonly pattern: RegExp;
}
interface FieldRule {
  readonly key: string;
  readonly rule: IntegerForm | WordForm;
  readonly isOptional?: true;
}

/** `dt_us,dv_nv,di_pa`, and behind it the burst: `bdt_us,bfor_us`. */
const RECORD_RULE =
  /^[1-9][0-9]{0,15},(?:0|[1-9][0-9]{0,15}),(?:0|[1-9][0-9]{0,15})(?:,[1-9][0-9]{0,15},[1-9][0-9]{0,15})?$/;

const integer = (min: number, max: number): IntegerForm => ({ form: 'integer', min, max });
const word = (pattern: RegExp): WordForm => ({ form: 'word', pattern });
const field = (key: string, rule: IntegerForm | WordForm): FieldRule => ({ key, rule });
const optional = (key: string, rule: IntegerForm | WordForm): FieldRule => ({ key, rule, isOptional: true });

const anyInteger = integer(-SAFE, SAFE);
const count = integer(0, SAFE);
const oneOrMore = integer(1, SAFE);
const ch = field('ch', integer(1, CHANNELS_MAX));
const job = field('job', word(/^[0-9a-f]{8}$/));
const token = field('token', word(/^[A-Za-z0-9._:,-]{1,32}$/));
/** Underscores and the like are no characters of a value (§2). */
const run = field('run', word(/^(?!-$)[A-Za-z0-9._:,-]{1,32}$/));

export const COMMANDS = {
  hello: [field('v', integer(1, 65_535)), token, optional('force', integer(1, 1))],
  clock: [],
  stat: [ch],
  open: [
    ch,
    run,
    field('range', integer(0, 255)),
    field('vhi_nv', anyInteger),
    field('vlo_nv', anyInteger),
    field('ihi_pa', count),
    field('qhi_nc', count),
    token,
  ],
  close: [ch, run],
  job: [ch, job, field('nodes', integer(1, 65_535))],
  /** Up to `id` the order is the page's; the job id is made of what follows it. `on` stays last. */
  node: [
    ch,
    job,
    field('id', integer(1, NODE_ID_MAX)),
    field('n', oneOrMore),
    field('mode', word(/^(?:cc|rest|cv)$/)),
    optional('i_pa', anyInteger),
    optional('v_nv', anyInteger),
    field('t_us', integer(1, DURATION_MAX_US)),
    optional('qstep_nc', oneOrMore),
    optional('qnet_nc', anyInteger),
    optional('qlast_ppm', oneOrMore),
    optional('vmax_nv', anyInteger),
    optional('vmin_nv', anyInteger),
    optional('vdb_us', count),
    optional('floor_nv', oneOrMore),
    optional('fdb_us', count),
    optional('imin_pa', oneOrMore),
    field('rec', word(RECORD_RULE)),
    optional('cyc', integer(1, 1)),
    field('on', word(/^(?:-|[a-z]+:[0-9]+(?:,[a-z]+:[0-9]+)*)$/)),
  ],
  commit: [ch, job, token],
  lease: [
    ch,
    token,
    field('t_us', { form: 'integer', min: 100_000, max: SAFE, also: -1 }),
    field('policy', word(/^(?:off|finish-step|finish-cycle)$/)),
  ],
  off: [ch],
  clr: [ch, field('fault', word(/^[a-z]+$/))],
  live: [ch, field('p_us', { form: 'integer', min: 100_000, max: SAFE, also: 0 })],
  flush: [ch, field('p_us', count)],
  replay: [ch, field('from', count), field('to', count)],
  ends: [ch, field('from', count)],
} as const satisfies Record<string, readonly FieldRule[]>;

export type CommandName = keyof typeof COMMANDS;
/** Undefined: an optional field that is not sent. */
export type CommandValues = Readonly<Record<string, number | string | undefined>>;
export type EncodedCommand =
  | { readonly ok: true; readonly payload: string }
  /** One line: which field, what was found, what is allowed. */
  | { readonly ok: false; readonly detail: string };

/** The payload of a command, without its frame: that needs the sequence number of the moment it is sent. */
export function encodeCommand(name: CommandName, values: CommandValues): EncodedCommand {
  const rules: readonly FieldRule[] = COMMANDS[name];
  const texts: string[] = [];
  for (const { key, rule, isOptional } of rules) {
    const value = values[key];
    if (value === undefined && isOptional === true) continue;
    const problem = problemOf(rule, value);
    if (problem !== null) return { ok: false, detail: `${name}: ${key} ${problem}` };
    texts.push(`${key}=${value}`);
  }
  const unknown = Object.keys(values).find((key) => !rules.some((rule) => rule.key === key));
  if (unknown !== undefined)
    return { ok: false, detail: `${name}: ${unknown} is not a field of this command` };
  return { ok: true, payload: texts.join(' ') };
}

function problemOf(rule: IntegerForm | WordForm, value: number | string | undefined): string | null {
  if (value === undefined) return 'is missing';
  if (rule.form === 'word') {
    const text = String(value);
    return isWord(text) && rule.pattern.test(text)
      ? null
      : `must match ${rule.pattern.source}, found "${text}"`;
  }
  const isAllowed = typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0);
  if (isAllowed && ((value >= rule.min && value <= rule.max) || value === rule.also)) return null;
  return `must be an integer from ${rule.min} to ${rule.max}, found ${value}`;
}
