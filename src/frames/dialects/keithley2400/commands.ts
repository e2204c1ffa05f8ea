// What the host says to a Keithley 2400: program messages as data (manual 2400S-900-01 section 18). Each ends
// with CR (p. 14-14). Never holds a command that drives current by its name alone: levels come with a number.
import { assert } from '../../../base/assert.ts';
import { POWER, scientificFrom } from './numbers.ts';

/** Ends a program message. What the instrument ends its replies with is a setting of its front panel. */
export const MESSAGE_END = '\r';

/**
 * Device clear, out of band: drops what runs and what is about to be answered (p. 14-14, which prints the
 * code of ^X as decimal 18: that is its hexadecimal one).
 */
export const DEVICE_CLEAR = '\u0018';

/** Replies that a query can have; each is one line. */
export type ReplyKind = 'identity' | 'readings' | 'time' | 'integer' | 'error';

/** A query and what answers it. */
export interface Query {
  readonly text: string;
  readonly kind: ReplyKind;
}

export const QUERIES = {
  identity: { text: '*IDN?', kind: 'identity' },
  /** Takes one reading: leaves idle, measures `:TRIG:COUN` times, answers. */
  read: { text: ':READ?', kind: 'readings' },
  /** Seconds since power-up, the clock of the readings too (p. 18-112). */
  time: { text: ':SYST:TIME?', kind: 'time' },
  isOutputOn: { text: ':OUTP?', kind: 'integer' },
  /** Oldest error of the queue; taken out of it (section 18, SYSTem). */
  error: { text: ':SYST:ERR?', kind: 'error' },
  /** Standard event register, cleared by the query; bit 7: powered up since (section 15). */
  events: { text: '*ESR?', kind: 'integer' },
} as const satisfies Record<string, Query>;

/** The kind of reply by the name that it goes by on the link. */
export function replyKindOf(name: string): ReplyKind {
  const found = Object.values(QUERIES).find(({ kind }) => kind === name);
  assert(found !== undefined, `no query is answered by ${name}`);
  return found.kind;
}

/** Bit of `*ESR?`. */
export const POWER_ON_EVENT = 0x80;

/** The elements of a reading, in the order in which the instrument gives them whatever it is asked for. */
export const READING_ELEMENTS = 'VOLT,CURR,TIME,STAT';

export const COMMANDS = {
  outputOff: ':OUTP OFF',
  outputOn: ':OUTP ON',
  /** Off means relay open. NORMal means a source of 0 V across the cell (p. 13-9). */
  offMeansOpen: ':OUTP:SMOD HIMP',
  clearStatus: '*CLS',
  levelZero: ':SOUR:CURR:LEV 0',
} as const;

export function currentLevel(currentPa: number): string {
  return `:SOUR:CURR:LEV ${scientificFrom(currentPa, POWER.pA)}`;
}

/** Fixed range of source and current measurement; ends autoranging (section 18, SOURce). */
export function currentRange(fullScalePa: number): string {
  return `:SOUR:CURR:RANG ${scientificFrom(fullScalePa, POWER.pA)}`;
}

export interface SourceSettings {
  readonly rangePa: number;
  /** Bound of |V|, both directions alike. */
  readonly complianceNv: number;
  /** Full scale of the voltage measurement; not below the compliance. */
  readonly voltageRangeNv: number;
  readonly isRemoteSensing: boolean;
}

/**
 * From any state of the front panel to a galvanostat that stands at 0 A with its output off: one message
 * each, in an order in which none contradicts an earlier one. Not `*RST`: it would choose NORMal for the
 * output off, 0 V across the cell, until the next message arrives.
 */
export function sourceSettings(settings: SourceSettings): readonly string[] {
  return [
    COMMANDS.outputOff,
    COMMANDS.offMeansOpen,
    ':SOUR:CLE:AUTO OFF',
    ':SOUR:FUNC CURR',
    ':SOUR:CURR:MODE FIX',
    COMMANDS.levelZero,
    currentRange(settings.rangePa),
    ':SENS:FUNC:CONC ON',
    ":SENS:FUNC 'VOLT','CURR'",
    // The range of the measurement may not exceed that of the compliance (error +824, p. B-7), so that
    // comes first.
    `:SENS:VOLT:PROT ${scientificFrom(settings.complianceNv, POWER.nV)}`,
    `:SENS:VOLT:RANG ${scientificFrom(settings.voltageRangeNv, POWER.nV)}`,
    ':SENS:VOLT:NPLC 1',
    ':SENS:AVER OFF',
    `:SYST:RSEN ${settings.isRemoteSensing ? 'ON' : 'OFF'}`,
    // Else every trigger would set the clock of the readings to zero (p. 18-113).
    ':SYST:TIME:RES:AUTO OFF',
    `:FORM:ELEM ${READING_ELEMENTS}`,
    ':ARM:COUN 1',
    ':TRIG:COUN 1',
  ];
}
