// One story of the swarm as data: the bench, its cells and runs, and what goes wrong when. A seed draws one
// (draw-story.ts); as JSON it is what a failure prints and `--options` takes. Times are ms of the world.
import type { DialectName } from '../../src/config/dialect-names.ts';

export interface Story {
  readonly seed: number;
  /** For so long the instruments are on when the daemon starts: times of the story count from there. */
  readonly ageMs: number;
  /** Faults begin before this; those that last end by then. */
  readonly faultsUntilMs: number;
  readonly config: StoryConfig;
  /** What the operator does with a run that holds, once all is well again. */
  readonly whenHeld: 'stop' | 'resume';
  readonly store: StoreStory;
  /** Of every line, one way. */
  readonly latencyMs: number;
  readonly instruments: readonly InstrumentStory[];
  readonly faults: readonly FaultStory[];
  readonly orders: readonly OrderStory[];
}

/** Asked of the run of a channel, should there be one. */
export type OrderStory = {
  readonly atMs: number;
  readonly instrument: string;
  readonly channel: number;
} & (
  | { readonly order: 'pause' | 'resume' | 'skip' | 'finish' }
  | { readonly order: 'set'; readonly parameters: RunStory['parameters'] }
);

/** Fields of the daemon's configuration, as a file has them. */
export interface StoryConfig {
  readonly lease: string;
  readonly on_outage: 'hold' | 'stop' | 'restart_step' | { readonly continue_within: string };
  readonly on_host_loss: 'off' | 'finish-step' | 'finish-cycle';
}

export interface StoreStory {
  /** From a commit to its answer. */
  readonly answerMs: number;
  /** When its rows are in the file: a process that is killed in between leaves them, or does not. */
  readonly stores: 'when-asked' | 'when-answered';
}

export interface InstrumentStory {
  readonly name: string;
  readonly dialect: DialectName;
  /** gvn1 only: the clock starts again at 0 after so long; null: never. */
  readonly clockWrapS: number | null;
  readonly clockDriftPpm: number;
  /** gvn1 only: samples that a channel keeps. */
  readonly ringSamples: number;
  readonly cell: string;
  /** What becomes of every cell of it, and when; null: nothing. */
  readonly cellFault: { readonly name: string; readonly value: number | null; readonly atS: number } | null;
  readonly runs: readonly RunStory[];
}

export interface RunStory {
  readonly channel: number;
  readonly protocol: string;
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** Shares of bytes (flip, drop, double, insert) and of chunks (split, merge), each way. */
export interface NoiseShares {
  readonly flip: number;
  readonly drop: number;
  readonly double: number;
  readonly insert: number;
  readonly split: number;
  readonly merge: number;
}

interface Lasting {
  readonly atMs: number;
  readonly forMs: number;
}
interface OnInstrument {
  readonly instrument: string;
}

export type FaultStory =
  /** The cable is out: both sides are told, and nothing opens until it is back. */
  | ({ readonly what: 'cut' } & Lasting & OnInstrument)
  /** Bytes vanish both ways and nobody is told. */
  | ({ readonly what: 'silence' } & Lasting & OnInstrument)
  /** What the instrument says waits, and comes in one burst. */
  | ({ readonly what: 'stall' } & Lasting & OnInstrument)
  | ({ readonly what: 'noise'; readonly shares: NoiseShares } & Lasting & OnInstrument)
  /** Bytes without an end of line, as from a cable beside a welder. */
  | { readonly what: 'babble'; readonly atMs: number; readonly instrument: string; readonly bytes: number }
  /** Power cut and given back. */
  | { readonly what: 'reset'; readonly atMs: number; readonly instrument: string }
  | ({ readonly what: 'store'; readonly how: 'full' | 'failed' | 'hang' } & Lasting)
  | ({ readonly what: 'slow-store'; readonly answerMs: number } & Lasting)
  | { readonly what: 'wall'; readonly atMs: number; readonly byMs: number }
  | ({ readonly what: 'pause'; readonly how: 'stopped' | 'suspended' } & Lasting)
  /** The daemon is killed, and started again after `forMs`. */
  | ({ readonly what: 'kill' } & Lasting)
  /** The same at the `count`th commit, acknowledgement or write from `atMs` on, just before or after it. */
  | ({
      readonly what: 'kill-at';
      readonly act: KillAct;
      readonly count: number;
      readonly when: 'before' | 'after';
    } & Lasting)
  | ({ readonly what: 'shutdown'; readonly policy: ShutdownPolicy } & Lasting)
  | { readonly what: 'stop'; readonly atMs: number; readonly instrument: string; readonly channel: number };

export type KillAct = 'commit' | 'answer' | 'write';
export type ShutdownPolicy = 'hold' | 'finish_step' | 'keep' | 'stop';
export type FaultName = FaultStory['what'];

/** Fields of `text` (JSON) replace those of the story of the seed. Throws what is wrong, in one line. */
export function parseStory(text: string, drawn: Story): Story {
  const given: unknown = JSON.parse(text);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Error('options: a JSON object is wanted, as a failure prints it');
  const known = Object.keys(drawn);
  const unknown = Object.keys(given).filter((key) => !known.includes(key));
  if (unknown.length > 0)
    throw new Error(`options: no "${unknown.join('", "')}"; known: ${known.join(', ')}`);
  return { ...drawn, ...(given as Partial<Story>) };
}
