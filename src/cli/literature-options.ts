// Options of `literature replay`, parsed once: what every run of a replay has in common.
import { availableParallelism } from 'node:os';
import { INSTRUMENT_NAMES } from '../../firmware-sim/board/instrument.ts';
import { EXIT, GalvanodeError } from '../base/errors.ts';
import { parseQuantity } from '../base/quantity.ts';
import type { ReplaySettings } from './literature-plan.ts';
import { knownName, parseWhole } from './run-options.ts';

export interface ReplayOptions {
  readonly table?: string;
  readonly ref?: string;
  readonly workers?: string;
  readonly record: string;
  readonly seed: string;
  readonly instrument: string;
  readonly out?: string;
  readonly stochastic?: true;
  readonly json?: true;
}

export function settingsFrom(options: ReplayOptions): ReplaySettings {
  const record = parseQuantity(options.record, 'time');
  if (!record.ok) throw new GalvanodeError('USAGE', `"--record": ${record.message}`);
  if (record.value < 100_000 || record.value > 3_600_000_000)
    throw new GalvanodeError('USAGE', `"--record": ${options.record} is outside 100 ms … 1 h`);
  return {
    recordUs: record.value,
    seed: parseWhole(options.seed, { name: '--seed', min: 0, max: 4_294_967_295 }),
    instrument: knownName('--instrument', options.instrument, INSTRUMENT_NAMES),
  };
}

export function workersFrom({ workers }: ReplayOptions): number {
  return workers === undefined
    ? availableParallelism()
    : parseWhole(workers, { name: '--workers', min: 1, max: 256 });
}

/** Folder that keeps the run files; null: none does. An empty name would be the current one. */
export function outPathFrom({ out }: ReplayOptions): string | null {
  if (out?.trim() === '') throw new GalvanodeError('USAGE', '"--out": the name is empty; name a folder');
  return out ?? null;
}

/** What the figures were made with, for `--json`. */
export function describe({ seed, instrument, recordUs }: ReplaySettings, workers: number) {
  return { seed, instrument, recordS: recordUs / 1e6, workers };
}

/** A run that failed weighs more than one that missed: of it nothing is known. */
export function exitCodeOf(result: {
  readonly signal: NodeJS.Signals | null;
  readonly hasFailed: boolean;
  readonly hasMissed: boolean;
}): number {
  if (result.signal !== null) return result.signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  if (result.hasFailed) return EXIT.failed;
  return result.hasMissed ? EXIT.difference : EXIT.ok;
}
