// `--fault` of `galvanode sim`: what an operator writes, checked by the menu of faults, and the menu as help.
// Whatever is wrong is said before anything is started.
import { DIALECT_NAMES, type DialectName } from '../../firmware-sim/dialects/dialect-name.ts';
import type { Fault } from '../../firmware-sim/faults/fault.ts';
import { FAULT_MENU, type FaultEntry } from '../../firmware-sim/faults/fault-menu.ts';
import { parseFault } from '../../firmware-sim/faults/parse-fault.ts';
import { GalvanodeError } from '../base/errors.ts';

/** Commander's collector: an option that may be repeated. */
export function collectFault(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** The faults meant by the operator. Throws USAGE for the first that is none of this dialect. */
export function faultsFrom(texts: readonly string[], dialect: DialectName): readonly Fault[] {
  return texts.map((text) => {
    const parsed = parseFault(text, dialect);
    if (parsed.ok) return parsed.fault;
    throw new GalvanodeError('USAGE', `"--fault": ${parsed.problem}`);
  });
}

const HEADINGS = [
  { place: 'line', heading: 'of the line' },
  { place: 'instrument', heading: 'of the instrument' },
  { place: 'cell', heading: 'of the cell' },
  { place: 'dialect', heading: 'of one dialect' },
] as const;

/** The menu, for the end of a command's help. */
export function faultHelp(): string {
  const width = Math.max(...FAULT_MENU.map((entry) => usageOf(entry).length));
  const lines = HEADINGS.flatMap(({ place, heading }) => [
    ` ${heading}`,
    ...FAULT_MENU.filter((entry) => entry.place === place).map(
      (entry) => `  ${usageOf(entry).padEnd(width)}  ${meaningOf(entry)}`,
    ),
  ]);
  return `
Faults, NAME[=VALUE][@SECONDS]; @ is the instrument's time since its start, which --speed scales; a value in s
or ms is real time:
${lines.join('\n')}`;
}

function usageOf({ name, value, when }: FaultEntry): string {
  const given = value === null ? '' : `[=${value.unit}]`;
  return `${name}${given}${{ optional: '[@s]', required: '@s', never: '' }[when]}`;
}

function meaningOf({ about, dialects, value }: FaultEntry): string {
  const isOfAll = dialects.length === DIALECT_NAMES.length;
  const notes = [
    ...(value === null || value.default === null ? [] : [`default ${value.default}`]),
    ...(isOfAll ? [] : [dialects.join(', ')]),
  ];
  return notes.length === 0 ? about : `${about} (${notes.join('; ')})`;
}
