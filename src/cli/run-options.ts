// Options that describe a run, shared by `simulate` and `run start`: parameters, cell, electrodes.
import type { Command } from 'commander';
import { GalvanodeError } from '../base/errors.ts';
import { parseQuantity } from '../base/quantity.ts';
import { suggestion } from '../base/suggestion.ts';
import type { CellDescription } from '../store/run-store.ts';

export interface RunOptions {
  readonly set: Readonly<Record<string, string>>;
  readonly area?: string;
  readonly sampleId?: string;
  readonly working?: string;
  readonly counter?: string;
  readonly electrolyte?: string;
  readonly separator?: string;
  readonly operator?: string;
  readonly notes?: string;
}

/** Adds `--set`, `--area` and what describes the specimen. */
export function addRunOptions(command: Command): Command {
  return command
    .option('--set <name=value>', 'a parameter with its unit; may be repeated', collectSetting, {})
    .option('--area <area>', 'geometric area of the cell, e.g. "1.13 cm2"')
    .option('--sample-id <id>', 'name of the specimen')
    .option('--working <material>', 'working electrode')
    .option('--counter <material>', 'counter electrode')
    .option('--electrolyte <text>', 'electrolyte')
    .option('--separator <text>', 'separator')
    .option('--operator <name>', 'who started it')
    .option('--notes <text>', 'anything else');
}

/** One `name=value` more; USAGE where it is none. */
export function collectSetting(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const split = text.indexOf('=');
  if (split < 1) throw new GalvanodeError('USAGE', `"${text}": write it as name=value, e.g. cycles=500`);
  return { ...before, [text.slice(0, split).trim()]: text.slice(split + 1).trim() };
}

/** A path, or a name that ends as files of text do; nothing that ships has a name of either kind. */
export function isFilePath(text: string): boolean {
  return /[/\\]/.test(text) || /\.(ya?ml|json)$/i.test(text);
}

/** Area in 1e-6 cm2, within 1 mm2 to 1 m2. */
export function parseArea(text: string): number {
  const parsed = parseQuantity(text, 'area');
  if (!parsed.ok) throw new GalvanodeError('PARAMS_INVALID', `"--area": ${parsed.message}`);
  if (parsed.value < 10_000 || parsed.value > 10_000_000_000) {
    throw new GalvanodeError('PARAMS_INVALID', `"--area": ${text} is outside 0.01 cm2 … 10000 cm2`);
  }
  return parsed.value;
}

export function cellFrom(options: RunOptions): Omit<CellDescription, 'areaCm2'> {
  return {
    sampleId: options.sampleId ?? null,
    workingElectrode: options.working ?? null,
    counterElectrode: options.counter ?? null,
    electrolyte: options.electrolyte ?? null,
    separator: options.separator ?? null,
    operator: options.operator ?? null,
    notes: options.notes ?? null,
  };
}

/** A whole number within bounds, or USAGE. */
export function parseWhole(
  text: string,
  options: { readonly name: string; readonly min: number; readonly max: number },
): number {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= options.min && value <= options.max) return value;
  throw new GalvanodeError(
    'USAGE',
    `"${options.name}": "${text}" is not a whole number of ${options.min} … ${options.max}`,
  );
}

/** `name` where it is known, else USAGE with what there is. */
export function knownName<Name extends string>(option: string, name: string, known: readonly Name[]): Name {
  const found = known.find((candidate) => candidate === name);
  if (found !== undefined) return found;
  throw new GalvanodeError('USAGE', `"${option}": no "${name}"; ${suggestion(name, known)}`);
}

/** What else might have been meant where a port or a cycler is asked for; empty where there is no cycler. */
export function cyclersKnown(cyclers: readonly { readonly name: string }[]): string {
  return cyclers.length === 0 ? '' : `, or a cycler: ${cyclers.map(({ name }) => name).join(', ')}`;
}
