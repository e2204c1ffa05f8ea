// Trials in virtual time: stories of the swarm, each with the one fault of its row instead of drawn ones,
// lived through by the real daemon code on real emulators and judged by the checkers of the invariants.
// What a row looks at besides is its own business.
import { CHECKERS } from '../checkers/checkers.ts';
import type { Trial, Violation } from '../checkers/evidence.ts';
import { livedThrough } from '../swarm/trial.ts';
import type { InstrumentStory, Story } from '../swarm/story.ts';
import type { Figures } from './row.ts';

/** A run of half a minute on one cell: pre-flight, then half-cycles of 3.6 s at 11.3 mA. */
export const GVN1: InstrumentStory = {
  name: 'cycler',
  dialect: 'gvn1',
  clockWrapS: null,
  clockDriftPpm: 0,
  ringSamples: 65_536,
  cell: 'bare-zn',
  cellFault: null,
  runs: [
    {
      channel: 1,
      protocol: 'symmetric-cycling',
      parameters: {
        ...{ current_density: '10 mA/cm2', areal_capacity: '0.01 mAh/cm2', cycles: 4 },
        ...{ wetting: '0 s', conditioning_cycles: 0, record_interval: '100 ms' },
      },
    },
  ],
};

/** Half-cycles of ten seconds at a tenth of that: what a line at 9600 baud can report. */
export const SLOWER = {
  ...{ current_density: '1 mA/cm2', areal_capacity: '0.00278 mAh/cm2', cycles: 2 },
  ...{ wetting: '0 s', conditioning_cycles: 0, record_interval: '1 s' },
} as const;

/** Nothing goes wrong in it. */
export function quietStory(seed: number, lastsMs: number, instrument: InstrumentStory = GVN1): Story {
  return {
    seed,
    ageMs: 0,
    faultsUntilMs: lastsMs,
    config: { lease: '5 s', on_outage: { continue_within: '10 min' }, on_host_loss: 'off' },
    whenHeld: 'stop',
    store: { answerMs: 3, stores: 'when-asked' },
    latencyMs: 1,
    instruments: [instrument],
    faults: [],
    orders: [],
  };
}

export interface Lived {
  readonly trial: Trial;
  readonly violations: readonly Violation[];
}

export function live(story: Story): Lived {
  const { trial } = livedThrough(story);
  return { trial, violations: CHECKERS.flatMap((check) => check(trial)) };
}

/** What the invariants come to: each violation is a problem, and those of samples are counted besides. */
export function figuresOf(
  lived: readonly Lived[],
  own: { readonly problems: readonly string[]; readonly notes: Readonly<Record<string, unknown>> },
): Figures {
  const all = lived.flatMap(({ violations }) => violations);
  const count = (wanted: Violation['invariant']): number =>
    all.filter(({ invariant }) => invariant === wanted).length;
  const runs = lived.flatMap(({ trial }) => trial.runs);
  const repeated = runs.reduce((sum, { samples }) => sum + repeatedIn(samples.timeUs), 0);
  return {
    trials: lived.length,
    lost: count('I1'),
    duplicated: repeated,
    unflaggedGaps: count('I2'),
    unsafeS: 0,
    problems: [...all.map(({ invariant, what }) => `${invariant}: ${what}`), ...own.problems],
    late: [],
    notes: { samples: runs.reduce((sum, { samples }) => sum + samples.seq.length, 0), ...own.notes },
  };
}

function repeatedIn(timesUs: readonly number[]): number {
  return timesUs.filter((timeUs, index) => timeUs <= (timesUs[index - 1] ?? -1)).length;
}
