// What a Keithley 2400 answers: one line for each query, without its terminator, read by the kind of query.
// There is no checksum: a line that does not have the form of its kind is null, and nothing is made of it.
import type { ReplyKind } from './commands.ts';
import { measuredFrom, POWER, scaledInteger, type Measured } from './numbers.ts';

export interface InstrumentReading {
  readonly voltageNv: Measured;
  readonly currentPa: Measured;
  /** Of the instrument's clock, which wraps. */
  readonly timeUs: number;
  readonly status: number;
}

export interface IdentityReply {
  /** `2400`, as printed on the front. */
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
}

export type Reply =
  | { readonly kind: 'identity'; readonly identity: IdentityReply }
  | { readonly kind: 'readings'; readonly readings: readonly InstrumentReading[] }
  | { readonly kind: 'time'; readonly timeUs: number }
  | { readonly kind: 'integer'; readonly value: number }
  /** `code` 0: the queue is empty. */
  | { readonly kind: 'error'; readonly code: number; readonly text: string };

/** The clock counts to 99 999.999 s and starts again at 0 (manual 2400S-900-01 p. 18-50). */
export const CLOCK_WRAP_US = 100_000_000_000;

/** Bits of the status word that this project reads (section 18, FORMat). */
export const STATUS_BITS = {
  /** Measured beyond the range. */
  overRange: 1 << 0,
  /** The source stands at its voltage limit: the current that was set does not flow. */
  compliance: 1 << 3,
  /** The same at the full scale of the measurement range. */
  rangeCompliance: 1 << 16,
} as const;

const ELEMENTS = 4;
const STATUS_MAX = 2 ** 24 - 1;

const PARSERS: Readonly<Record<ReplyKind, (line: string) => Reply | null>> = {
  identity: parseIdentity,
  readings: parseReadings,
  time: parseTime,
  integer: parseInteger,
  error: parseError,
};

/** Reads a line as the answer to a query of this kind; null: it is none. */
export function parseReply(kind: ReplyKind, line: string): Reply | null {
  return PARSERS[kind](line);
}

/** `KEITHLEY INSTRUMENTS INC.,MODEL 2400,1234567,C30 Mar 17 2006 09:29:29/A02  /K/J` (section 16). */
function parseIdentity(line: string): Reply | null {
  // What was on its way before the instrument heard us may stand in front.
  const match = /KEITHLEY INSTRUMENTS[^,]*,MODEL ([^,]+),([^,]+),(.+)$/.exec(line);
  if (match === null) return null;
  const [, model = '', serial = '', firmware = ''] = match;
  const identity = { model: model.trim(), serial: serial.trim(), firmware: firmware.trim() };
  return { kind: 'identity', identity };
}

function parseReadings(line: string): Reply | null {
  const fields = line.split(',');
  if (fields.length % ELEMENTS !== 0) return null;
  const readings: InstrumentReading[] = [];
  for (let at = 0; at < fields.length; at += ELEMENTS) {
    const reading = readingFrom(fields.slice(at, at + ELEMENTS));
    if (reading === null) return null;
    readings.push(reading);
  }
  return { kind: 'readings', readings };
}

function readingFrom([
  voltage = '',
  current = '',
  time = '',
  stat = '',
]: readonly string[]): InstrumentReading | null {
  const voltageNv = measuredFrom(voltage, POWER.nV);
  const currentPa = measuredFrom(current, POWER.pA);
  const timeUs = clockFrom(time);
  const status = scaledInteger(stat, 0);
  if (voltageNv === null || currentPa === null || timeUs === null || status === null) return null;
  if (status < 0 || status > STATUS_MAX) return null;
  return { voltageNv, currentPa, timeUs, status };
}

function parseTime(line: string): Reply | null {
  const timeUs = clockFrom(line);
  return timeUs === null ? null : { kind: 'time', timeUs };
}

/** Seven digits: from 10 000 s on it is told to 10 ms only. Rounded up to the wrap, it is the next zero. */
function clockFrom(text: string): number | null {
  const timeUs = scaledInteger(text, POWER.us);
  if (timeUs === null || timeUs < 0 || timeUs > CLOCK_WRAP_US) return null;
  return timeUs % CLOCK_WRAP_US;
}

function parseInteger(line: string): Reply | null {
  const value = /^[+-]?\d+$/.test(line) ? scaledInteger(line, 0) : null;
  return value === null ? null : { kind: 'integer', value };
}

/** `-113,"Undefined header"`; `0,"No error"` (codes: appendix B). */
function parseError(line: string): Reply | null {
  const match = /^([+-]?\d{1,5}),\s*"(.*)"$/.exec(line);
  const code = scaledInteger(match?.[1] ?? '', 0);
  return code === null ? null : { kind: 'error', code, text: match?.[2] ?? '' };
}
