// Everything that can be made to go wrong, as data: name, value with unit, bounds and default, when, and for
// which dialects. Help, parser and README follow from it. Faults of `dialect` are made by the emulator of
// that dialect, all others by this folder.
import { assert } from '../../src/base/assert.ts';
import { DIALECT_NAMES, type DialectName } from '../dialects/dialect-name.ts';
import type { Fault } from './fault.ts';

export interface FaultValue {
  /** `s` is real seconds, what a host waits for; `device s` is scaled by the speed, as `@` is. */
  readonly unit: string;
  /** null: the emulator's own choice. */
  readonly default: number | null;
  readonly min: number;
  readonly max: number;
}

export interface FaultEntry {
  readonly name: string;
  readonly place: 'line' | 'instrument' | 'cell' | 'dialect';
  /** null: the fault takes none. */
  readonly value: FaultValue | null;
  /** `optional`: from the start where nobody says when. `required`: it is an instant. `never`: always. */
  readonly when: 'optional' | 'required' | 'never';
  readonly dialects: readonly DialectName[];
  readonly about: string;
}

const SHARE = { unit: 'share', default: 0.01, min: 0, max: 1 } as const;
const DURATION = { unit: 's', default: 10, min: 0, max: 1_000_000 } as const;
const ALL = { dialects: DIALECT_NAMES } as const;
const COMPLIANCE = { unit: 'V', default: null, min: 0, max: 1000 } as const;

export const FAULT_MENU: readonly FaultEntry[] = [
  {
    name: 'silent',
    place: 'line',
    value: DURATION,
    when: 'optional',
    ...ALL,
    about: 'the instrument says nothing; it still hears and acts',
  },
  {
    name: 'tx-blocked',
    place: 'line',
    value: DURATION,
    when: 'optional',
    ...ALL,
    about: 'what it says waits, and comes in one burst at the end',
  },
  {
    name: 'byte-flips',
    place: 'line',
    value: { ...SHARE, default: 0.0001 },
    when: 'optional',
    ...ALL,
    about: 'this share of bytes, both ways, has one bit turned',
  },
  {
    name: 'drop-lines',
    place: 'line',
    value: SHARE,
    when: 'optional',
    ...ALL,
    about: 'this share of lines, both ways, is lost (text only)',
  },
  {
    name: 'double-lines',
    place: 'line',
    value: SHARE,
    when: 'optional',
    ...ALL,
    about: 'this share of lines, both ways, comes twice (text only)',
  },
  {
    name: 'split-lines',
    place: 'line',
    value: { ...SHARE, default: 1 },
    when: 'optional',
    ...ALL,
    about: 'this share of what it writes is cut in two; the rest comes 5 ms later',
  },
  {
    name: 'slow-replies',
    place: 'line',
    value: { unit: 'ms', default: 200, min: 0, max: 600_000 },
    when: 'optional',
    ...ALL,
    about: 'what it says comes so much later',
  },
  {
    name: 'xoff-storm',
    place: 'line',
    value: DURATION,
    when: 'optional',
    dialects: ['methodscript', 'keithley2400'],
    about: 'XOFF and XON again and again',
  },
  {
    name: 'reset',
    place: 'instrument',
    value: null,
    when: 'required',
    ...ALL,
    about: 'power is cut and given back: cell open, what was not stored is lost; the line stays',
  },
  {
    name: 're-enumerate',
    place: 'instrument',
    value: null,
    when: 'required',
    ...ALL,
    about: 'the line ends and comes back as PATH.2, PATH.3 … or on the next TCP port; measuring goes on',
  },
  {
    name: 'clock-drift',
    place: 'instrument',
    value: { unit: 'ppm', default: 100, min: -100_000, max: 100_000 },
    when: 'never',
    ...ALL,
    about: 'its clock runs fast by so much; the cell lives in true time',
  },
  {
    name: 'cell-short',
    place: 'cell',
    value: { unit: 'mohm', default: 10, min: 1e-3, max: 1e9 },
    when: 'optional',
    ...ALL,
    about: 'a dendrite: a resistor across every cell',
  },
  {
    name: 'cell-soft-short',
    place: 'cell',
    value: { unit: 'ohm', default: 50, min: 1e-6, max: 1e9 },
    when: 'optional',
    ...ALL,
    about: 'the same, of a resistance like that of the cell',
  },
  {
    name: 'cell-open',
    place: 'cell',
    value: null,
    when: 'optional',
    ...ALL,
    about: 'a lead falls off every cell',
  },
  {
    name: 'overload-0032',
    place: 'dialect',
    value: null,
    when: 'required',
    dialects: ['methodscript'],
    about: 'runtime error !0032 in the running script; the cell is left ON',
  },
  {
    name: 'late-z',
    place: 'dialect',
    value: { unit: 'ms', default: null, min: 0, max: 600_000 },
    when: 'optional',
    dialects: ['methodscript'],
    about: 'Z is acknowledged so much later',
  },
  {
    name: 'compliance',
    place: 'dialect',
    value: COMPLIANCE,
    when: 'optional',
    dialects: ['methodscript', 'keithley2400', 'zahner'],
    about: 'the source gives up the set current at this voltage',
  },
  {
    name: 'clock-wrap',
    place: 'dialect',
    value: { unit: 'device s', default: 99_990, min: 0, max: 99_999.999 },
    when: 'never',
    dialects: ['keithley2400'],
    about: 'the timestamp begins here; it wraps at 99,999.999 s',
  },
  {
    name: 'abor-order',
    place: 'dialect',
    value: { unit: '0 or 1', default: null, min: 0, max: 1 },
    when: 'optional',
    dialects: ['zahner'],
    about: '0: `ok` of ABOR comes first, 1: the error of what it ended does',
  },
  {
    name: 'drop-live',
    place: 'dialect',
    value: { ...SHARE, default: null },
    when: 'optional',
    dialects: ['zahner'],
    about: 'this share of live samples is lost; the bulk at the end has them',
  },
  {
    name: 'hard-limit',
    place: 'dialect',
    value: null,
    when: 'optional',
    dialects: ['zahner'],
    about:
      'a hard limit strikes the next measurement: output off, error 1003, everything answers 1006 until *CLS',
  },
];

/** Asserts that the menu has it: a fault comes from the parser, or from code that names it. */
export function faultEntry(name: string): FaultEntry {
  const entry = FAULT_MENU.find((candidate) => candidate.name === name);
  assert(entry !== undefined, `there is no fault ${name}`);
  return entry;
}

/** What the fault was given, else its default. Asserts that it has either. */
export function faultValue(fault: Fault): number {
  const value = fault.value ?? faultEntry(fault.name).value?.default ?? null;
  assert(value !== null, `fault ${fault.name} has no value and no default`);
  return value;
}
