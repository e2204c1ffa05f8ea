// `NAME[=VALUE][@SECONDS]` as a fault, judged by the menu. Whatever is wrong is one line that says what would
// be right. Must never throw.
import { suggestion } from '../../src/base/suggestion.ts';
import type { DialectName } from '../dialects/dialect-name.ts';
import type { Fault } from './fault.ts';
import { FAULT_MENU, type FaultEntry } from './fault-menu.ts';

export type FaultResult =
  | { readonly ok: true; readonly fault: Fault }
  | { readonly ok: false; readonly problem: string };

type NumberResult =
  | { readonly ok: true; readonly number: number | null }
  | { readonly ok: false; readonly problem: string };

/** Three hundred years: beyond any run, and far from where a double loses its microseconds. */
const AT_LONGEST_S = 1e10;

/** One fault of `dialect` as an operator writes it. The value is null where none was written. */
export function parseFault(text: string, dialect: DialectName): FaultResult {
  const [, name = '', valueText, atText] = /^([^=@]*)(?:=([^@]*))?(?:@(.*))?$/s.exec(text) ?? [];
  const known = FAULT_MENU.filter(({ dialects }) => dialects.includes(dialect)).map((entry) => entry.name);
  const entry = FAULT_MENU.find((candidate) => candidate.name === name);
  if (entry === undefined) return wrong(`no fault "${name}"; ${suggestion(name, known)}`);
  if (!entry.dialects.includes(dialect)) {
    return wrong(`"${name}" is a fault of ${entry.dialects.join(', ')}; ${dialect} has ${known.join(', ')}`);
  }
  const value = valueOf(entry, valueText);
  if (!value.ok) return value;
  const at = atOf(entry, atText);
  if (!at.ok) return at;
  return { ok: true, fault: { name, value: value.number, atS: at.number } };
}

function valueOf({ name, value }: FaultEntry, text: string | undefined): NumberResult {
  if (text === undefined) return { ok: true, number: null };
  if (value === null) return wrong(`"${name}" takes no value, found "${text}"`);
  const number = numberOf(text);
  if (number >= value.min && number <= value.max) return { ok: true, number };
  return wrong(`"${name}": "${text}" is not within ${value.min} … ${value.max} (${value.unit})`);
}

function atOf({ name, when }: FaultEntry, text: string | undefined): NumberResult {
  if (text === undefined) {
    if (when === 'required') return wrong(`"${name}": say when, in seconds of the device: ${name}@60`);
    return { ok: true, number: null };
  }
  if (when === 'never') return wrong(`"${name}" holds from power-up on; leave out "@${text}"`);
  const number = numberOf(text);
  if (number >= 0 && number <= AT_LONGEST_S) return { ok: true, number };
  return wrong(`"${name}": "@${text}" is not a number of seconds from 0 on`);
}

/** NaN for what is no plain decimal number. */
function numberOf(text: string): number {
  return /^-?\d+(\.\d+)?(e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

function wrong(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
