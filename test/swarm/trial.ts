// One trial: a story is lived through in a folder of its own, its run files are read, and every checker has
// its say. The same story gives the same digest on every machine.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKERS } from '../checkers/checkers.ts';
import type { RollupRow, RunRecord, Specimen, Trial, Violation } from '../checkers/evidence.ts';
import { openReadOnly } from '../../src/store/open-database.ts';
import { openRunReader, type RunReader } from '../../src/store/readers.ts';
import { parameterChanges } from '../../src/cli/run-shown.ts';
import type { CatalogRun } from '../../src/store/catalog-reader.ts';
import type { InstrumentStory, Story } from './story.ts';
import { World } from './world.ts';

export interface TrialResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly digest: string;
  readonly figures: TrialFigures;
}

export interface TrialFigures {
  readonly runs: number;
  readonly samples: number;
  readonly lives: number;
  readonly faults: number;
  readonly endedAs: readonly string[];
}

const ALL = 100_000;
/** A ring of this length forgets nothing within a story. */
const RING_IS_LONG = 10_000;
/** In memory where the system has that: nothing here is about the disk. */
const MEMORY_FOLDER = '/dev/shm';

export function runTrial(story: Story): TrialResult {
  const { trial, digest } = livedThrough(story);
  const violations = CHECKERS.flatMap((check) => check(trial));
  const { evidence, runs } = trial;
  return {
    ...{ seed: story.seed, violations, digest },
    figures: {
      runs: runs.length,
      samples: runs.reduce((sum, { samples }) => sum + samples.seq.length, 0),
      lives: evidence.notes.filter(({ what }) => what === 'started').length,
      faults: story.faults.length,
      endedAs: runs.map(({ state }) => state),
    },
  };
}

/** The evidence of a story, before anybody judges it. */
export function livedThrough(story: Story): { readonly trial: Trial; readonly digest: string } {
  const folder = existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir();
  const dataPath = mkdtempSync(join(folder, 'galvanode-swarm-'));
  try {
    const world = new World(story, dataPath);
    world.run();
    const instruments = story.instruments.map((instrument) => specimenOf(instrument, story));
    const runs = world.catalog().map((run) => recordOf(run, instruments));
    const trial: Trial = {
      ...{ evidence: world.witness.evidence, runs, instruments, healedAtMs: world.healedAtMs },
      absentMs: story.faults.reduce((sum, fault) => sum + ('forMs' in fault ? fault.forMs : 0), 0),
    };
    return { trial, digest: world.witness.digest() };
  } finally {
    rmSync(dataPath, { recursive: true, force: true });
  }
}

const SPECIMENS = {
  gvn1: { tickUs: 1000, deadMan: 'device' },
  methodscript: { tickUs: 1000, deadMan: 'step-bound' },
  keithley2400: { tickUs: 20_000, deadMan: 'nobody' },
  zahner: { tickUs: 1_000_000, deadMan: 'step-bound' },
} as const;

function specimenOf({ name, dialect, ringSamples }: InstrumentStory, { faults }: Story): Specimen {
  const isReset = faults.some((fault) => fault.what === 'reset' && fault.instrument === name);
  return { name, dialect, ...SPECIMENS[dialect], mayForget: isReset || ringSamples < RING_IS_LONG };
}

function readRollups(path: string): RollupRow[] {
  const db = openReadOnly(path);
  try {
    const sql = 'SELECT level, bucket, n, t0, t1, vmin, vmax, imin, imax FROM rollup ORDER BY level, bucket';
    return db.prepare<[], RollupRow>(sql).all();
  } finally {
    db.close();
  }
}

function recordOf(found: CatalogRun, instruments: readonly Specimen[]): RunRecord {
  const { run, path, cycler, channel, protocol, isSealed } = found;
  const instrument = instruments.find(({ name }) => name === cycler);
  if (instrument === undefined)
    throw new Error(`run ${run} is on "${cycler}", which the story does not have`);
  const reader = openRunReader(path);
  const { state, reason, verdict } = reader.state();
  const events = reader.events(1, ALL);
  const problems = events.filter(({ kind }) => kind === 'incomplete');
  return {
    ...{ run, instrument, channel, protocol, state, reason, verdict, isSealed, events },
    cycles: cyclesOf(reader),
    problem: problems.length === 0 ? null : JSON.stringify(problems.at(-1)?.detail),
    steps: reader.steps(1, ALL),
    halfCycles: reader.halfCycles(1, ALL),
    samples: reader.samplesFrom(1, ALL),
    gaps: reader.gaps(),
    rollups: readRollups(path),
  };
}

/** By the plan, or by the last change that took effect; NaN: one that ended the run where it was. */
function cyclesOf(reader: RunReader): number {
  const plan = reader.meta()['plan'];
  const planned = typeof plan === 'object' && plan !== null && 'cycles' in plan ? Number(plan.cycles) : 0;
  const inForce = parameterChanges(reader).filter(({ isInForce }) => isInForce);
  const last = inForce.findLast(({ changes }) => changes['cycles'] !== undefined);
  if (last === undefined) return planned;
  return last.cycle === 0 ? Number.NaN : Number(last.changes['cycles']?.to);
}
