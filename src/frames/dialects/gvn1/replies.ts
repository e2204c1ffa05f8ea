// What a gvn1 device answers and reports, text to record (GVN1.md §4, §5, §9, §10). Samples: see samples.ts.
// Null is nonsense: a field that is missing, odd or out of bounds. Fields the page does not know are ignored.
import { FieldReader, parseFields, parseInteger } from './fields.ts';

export interface HelloReply {
  readonly proto: string;
  readonly v: number;
  readonly dev: string;
  readonly model: string;
  readonly fw: string;
  readonly boot: number;
  readonly cause: string;
  readonly ch: number;
  readonly scale: number;
  readonly tUs: number;
  /** The device clock counts modulo this; null: it never wraps. */
  readonly twrapUs: number | null;
  readonly tickUs: number;
  readonly ring: number;
  readonly log: number;
  readonly slots: number;
  readonly rangesPa: readonly number[];
  readonly vspanNv: number;
  readonly iaccPpm: number;
  readonly iofsPpm: number;
  readonly vaccPpm: number;
  readonly vofsNv: number;
  readonly leaseUs: number;
  /** What it can beyond the bare page, in its own words; also words that this version does not know. */
  readonly features: readonly string[];
}

export interface StatReply {
  readonly ch: number;
  readonly state: 'free' | 'idle' | 'step' | 'fault';
  readonly run: string | null;
  readonly boot: number;
  readonly tUs: number;
  readonly job: string | null;
  readonly node: number;
  readonly step: number;
  readonly ended: number;
  readonly n: number;
  readonly oldest: number;
  readonly qNc: number;
  readonly leaseUs: number;
  readonly fault: string | null;
  readonly cell: 'on' | 'off';
  readonly rxbad: number;
}

export interface RangeReply {
  readonly from: number;
  readonly to: number;
}

export interface Nak {
  readonly code: string;
  /** The fields behind the code as they came, for the operator's eye. */
  readonly detail: string;
  /** The version the device speaks, with `VERSION`. */
  readonly v: number | null;
}

export const END_WORDS = [
  'vmax',
  'vmin',
  'floor',
  'qnet',
  'qstep',
  'qlast',
  'imin',
  't',
  'fault',
  'stop',
  'lease',
  'off',
] as const;
export type EndWord = (typeof END_WORDS)[number];

export interface StepEndFrame {
  readonly channel: number;
  readonly n: number;
  readonly id: number;
  readonly why: EndWord;
  readonly t0Us: number;
  readonly tUs: number;
  readonly q0Nc: number;
  readonly qNc: number;
  readonly vNv: number;
  readonly iPa: number;
  readonly last: number;
  readonly next: number;
}

export interface LiveFrame {
  readonly channel: number;
  readonly n: number;
  readonly tUs: number;
  readonly vNv: number;
  readonly iPa: number;
  readonly qNc: number;
}

export interface FaultFrame {
  readonly channel: number;
  readonly fault: string;
  readonly n: number;
  readonly tUs: number;
}

const UINT32_MAX = 0xffff_ffff;
/** No clock may wrap sooner (§4.1). */
const WRAP_MIN_US = 60_000_000;

export function parseHello(payload: string): HelloReply | null {
  const reader = readerOf(payload);
  if (reader === null) return null;
  const reply: HelloReply = {
    proto: reader.word('proto'),
    v: reader.integer('v', 1),
    dev: reader.word('dev'),
    model: reader.word('model'),
    fw: reader.word('fw'),
    boot: reader.integer('boot', 0, UINT32_MAX),
    cause: reader.word('cause'),
    ch: reader.integer('ch', 1, 65_535),
    scale: reader.integer('scale', 1),
    tUs: reader.integer('t_us', 0),
    twrapUs: reader.optionalInteger('twrap_us', WRAP_MIN_US),
    tickUs: reader.integer('tick_us', 1),
    ring: reader.integer('ring', 1),
    log: reader.integer('log', 1),
    slots: reader.integer('slots', 1),
    rangesPa: reader.integers('ranges'),
    vspanNv: reader.integer('vspan_nv', 1),
    iaccPpm: reader.integer('iacc_ppm', 0),
    iofsPpm: reader.integer('iofs_ppm', 0),
    vaccPpm: reader.integer('vacc_ppm', 0),
    vofsNv: reader.integer('vofs_nv', 0),
    leaseUs: reader.integer('lease_us', 1),
    features: reader.optionalWords('feat'),
  };
  return reader.isComplete && isRising(reply.rangesPa) && hasPossibleClock(reply) ? reply : null;
}

/** The protocol and version of a `hello` answer, however the rest of it looks. */
export function parseProtocol(payload: string): { readonly proto: string; readonly v: number } | null {
  const reader = readerOf(payload);
  if (reader === null) return null;
  const protocol = { proto: reader.word('proto'), v: reader.integer('v', 1) };
  return reader.isComplete ? protocol : null;
}

export function parseClock(payload: string): number | null {
  const reader = readerOf(payload);
  const tUs = reader?.integer('t_us', 0) ?? null;
  return reader?.isComplete === true ? tUs : null;
}

export function parseStat(payload: string): StatReply | null {
  const reader = readerOf(payload);
  if (reader === null) return null;
  const state = reader.oneOf('state', ['free', 'idle', 'step', 'fault']);
  const cell = reader.oneOf('cell', ['on', 'off']);
  const rest = {
    ch: reader.integer('ch', 1),
    run: reader.wordOrNone('run'),
    boot: reader.integer('boot', 0, UINT32_MAX),
    tUs: reader.integer('t_us', 0),
    job: reader.wordOrNone('job'),
    node: reader.integer('node', 0),
    step: reader.integer('step', 0),
    ended: reader.integer('ended', 0),
    n: reader.integer('n', 0),
    oldest: reader.integer('oldest', 0),
    qNc: reader.integer('q_nc'),
    leaseUs: reader.integer('lease_us', -1),
    fault: reader.wordOrNone('fault'),
    rxbad: reader.integer('rxbad', 0),
  };
  return state !== null && cell !== null && reader.isComplete ? { ...rest, state, cell } : null;
}

export function parseRange(payload: string): RangeReply | null {
  const reader = readerOf(payload);
  if (reader === null) return null;
  // An empty range may be written with a `to` just below 0.
  const range = { from: reader.integer('from', 0), to: reader.integer('to', -1) };
  return reader.isComplete ? range : null;
}

export function parseNak(payload: string): Nak | null {
  const fields = parseFields(payload);
  const code = fields?.get('code');
  if (fields === null || code === undefined) return null;
  const detail = payload.split(' ').filter((field) => !field.startsWith('code='));
  return { code, detail: detail.join(' '), v: parseInteger(fields.get('v')) };
}

/** `t_us` may be below `t0_us`: a clock that wraps shows each by itself (§4.1). */
export function parseStepEnd(payload: string): StepEndFrame | null {
  const [channel, reader] = channelAndReader(payload);
  if (reader === null) return null;
  const why = reader.oneOf('why', END_WORDS);
  const rest = {
    channel,
    n: reader.integer('n', 1),
    id: reader.integer('id', 1),
    t0Us: reader.integer('t0_us', 0),
    tUs: reader.integer('t_us', 0),
    q0Nc: reader.integer('q0_nc'),
    qNc: reader.integer('q_nc'),
    vNv: reader.integer('v_nv'),
    iPa: reader.integer('i_pa'),
    last: reader.integer('last', 0),
    next: reader.integer('next', 0),
  };
  return why !== null && reader.isComplete ? { ...rest, why } : null;
}

export function parseLive(payload: string): LiveFrame | null {
  const [channel, reader] = channelAndReader(payload);
  if (reader === null) return null;
  const live = {
    channel,
    n: reader.integer('n', 0),
    tUs: reader.integer('t_us', 0),
    vNv: reader.integer('v_nv'),
    iPa: reader.integer('i_pa'),
    qNc: reader.integer('q_nc'),
  };
  return reader.isComplete ? live : null;
}

export function parseFault(payload: string): FaultFrame | null {
  const [channel, reader] = channelAndReader(payload);
  if (reader === null) return null;
  const fault = {
    channel,
    fault: reader.word('fault'),
    n: reader.integer('n', 0),
    tUs: reader.integer('t_us', 0),
  };
  return reader.isComplete ? fault : null;
}

/** A clock wraps on the grid of ticks and never shows what it wraps at. */
function hasPossibleClock({ tUs, tickUs, twrapUs }: HelloReply): boolean {
  return twrapUs === null || (tUs < twrapUs && twrapUs % tickUs === 0);
}

function readerOf(payload: string): FieldReader | null {
  const fields = parseFields(payload);
  return fields === null ? null : new FieldReader(fields);
}

/** Frames that a device sends on its own begin with the channel, positional. */
function channelAndReader(payload: string): [number, FieldReader | null] {
  const space = payload.indexOf(' ');
  const channel = parseInteger(payload.slice(0, Math.max(space, 0)));
  if (channel === null || channel < 1) return [0, null];
  return [channel, readerOf(payload.slice(space + 1))];
}

function isRising(values: readonly number[]): boolean {
  return values.every((value, index) => value > (index === 0 ? 0 : (values[index - 1] ?? value)));
}
