// What the core process tells the web process over the fork channel, and the little the web process answers.
// Plain objects and number arrays, passed on by reference from reports and commits: making one costs the core
// nothing. Never carries anything the core waits for: the web process may die, hang or lag at any time.
import type { EndReason, StepMode, StepPhase } from '../steps/step.ts';

/** Where a run stands: its step. */
export interface StepPosition {
  readonly stepNumber: number;
  readonly programStep: string;
  readonly phase: StepPhase;
  readonly cycle: number;
  readonly half: 'plate' | 'strip' | null;
  /** Record interval of the step, in cell time; the page calls a value stale by it. */
  readonly recordEveryUs: number;
}

/** All that a list of runs shows of one run, finished or not. */
export interface RunSummary {
  /** ULID. */
  readonly run: string;
  /** The run file. Never leaves the machine: clients know runs by id only. */
  readonly path: string;
  readonly cycler: string;
  readonly channel: number;
  readonly protocol: string;
  /** Sample id of the cell, or what the operator would call it; null: none was given. */
  readonly cellLabel: string | null;
  readonly state: string;
  readonly reason: string;
  readonly sinceWallMs: number;
  readonly isSimulated: boolean;
  /** Cell seconds per real second. */
  readonly timeScale: number;
  readonly verdict: string | null;
  readonly position: StepPosition | null;
  /** As the operator would write them (`"1 mA/cm2"`); `cycles` as a number lets the page show progress. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Largest error of one reading; the page shows no digit below it. null: unknown. */
  readonly voltageErrorNv: number | null;
  readonly currentErrorPa: number | null;
}

/**
 * Every run there is. Sent first (right after `epoch`), and whenever a run is added, removed or re-described.
 */
export interface RunsFeed {
  readonly type: 'runs';
  readonly runs: readonly RunSummary[];
}

export interface StateFeed {
  readonly type: 'state';
  readonly run: string;
  readonly state: string;
  readonly reason: string;
  readonly sinceWallMs: number;
  readonly verdict: string | null;
}

/**
 * Samples as they came, numbered, in `seq` order, before they are stored. Row k has `seq = firstSeq + k`.
 * All of one step, like the report they came in. May be left out when the channel is congested.
 */
export interface LiveFeed {
  readonly type: 'live';
  readonly run: string;
  readonly firstSeq: number;
  readonly stepNumber: number;
  readonly timeUs: readonly number[];
  readonly voltageNv: readonly number[];
  readonly currentPa: readonly number[];
  readonly netChargeNc: readonly number[];
  readonly flags: readonly number[];
  /** Wall time at which the core received them. */
  readonly atWallMs: number;
}

/**
 * A commit was acknowledged: everything up to and including `storedSeq` is in the file. Sent after each
 * commit with samples.
 */
export interface StoredFeed {
  readonly type: 'stored';
  readonly run: string;
  readonly storedSeq: number;
}

/** The parts of a stored step, half-cycle and gap that clients are told; the store's own rows fit. */
export interface StepBeganRow {
  readonly stepNumber: number;
  readonly startUs: number;
  readonly firstSeq: number;
  readonly step: {
    readonly programStep: string;
    readonly phase: StepPhase;
    readonly cycle: number;
    readonly half: 'plate' | 'strip' | null;
    readonly mode: StepMode;
    readonly durationMaxUs: number;
    readonly record: { readonly everyUs: number };
  };
}

export interface StepEndedRow {
  readonly stepNumber: number;
  readonly endUs: number;
  readonly endNetChargeNc: number;
  readonly lastSeq: number;
  readonly reason: EndReason;
  readonly voltageNv: number;
  readonly currentPa: number;
}

export interface HalfCycleRow {
  readonly number: number;
  readonly cycle: number;
  readonly phase: string;
  readonly half: 'plate' | 'strip';
  readonly stepNumber: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly chargeNc: number;
  readonly endNetChargeNc: number;
  readonly reason: EndReason;
  readonly plateauNv: number | null;
  readonly tipNv: number | null;
  readonly endNv: number | null;
  readonly isInterrupted: boolean;
}

export interface GapRow {
  readonly firstSeq: number;
  readonly count: number;
  readonly reason: string;
}

export type StepFeed =
  | { readonly type: 'step'; readonly run: string; readonly event: 'began'; readonly row: StepBeganRow }
  | { readonly type: 'step'; readonly run: string; readonly event: 'ended'; readonly row: StepEndedRow };

export interface HalfCycleFeed {
  readonly type: 'half_cycle';
  readonly run: string;
  readonly row: HalfCycleRow;
}

export interface GapFeed {
  readonly type: 'gap';
  readonly run: string;
  readonly row: GapRow;
}

/**
 * Something an operator should look at. `run` null: the whole bench. `code` is stable, `message` one line.
 */
export interface AlarmFeed {
  readonly type: 'alarm';
  readonly run: string | null;
  readonly code: string;
  readonly message: string;
  readonly atWallMs: number;
}

/**
 * The very first message to a web process: random, new with each start of the core, the same for a respawned
 * web process.
 */
export interface EpochFeed {
  readonly type: 'epoch';
  readonly epoch: string;
}

export type FeedMessage =
  | EpochFeed
  | RunsFeed
  | StateFeed
  | LiveFeed
  | StoredFeed
  | StepFeed
  | HalfCycleFeed
  | GapFeed
  | AlarmFeed;

const FEED_TYPES: ReadonlySet<unknown> = new Set<FeedMessage['type']>([
  'epoch',
  'runs',
  'state',
  'live',
  'stored',
  'step',
  'half_cycle',
  'gap',
  'alarm',
]);

/** The channel joins two processes of one build, so the tag is all that is checked. null: not for us. */
export function parseFeedMessage(message: unknown): FeedMessage | null {
  if (typeof message !== 'object' || message === null || !('type' in message)) return null;
  return FEED_TYPES.has(message.type) ? (message as FeedMessage) : null;
}

/** What the web process reports to the core. After `failed` it exits with 1. */
export type WebReport =
  | { readonly type: 'listening'; readonly url: string; readonly port: number }
  | { readonly type: 'failed'; readonly code: 'port-busy' | 'failed'; readonly message: string };

/** The core's side of the same channel. null: not a report. */
export function parseWebReport(message: unknown): WebReport | null {
  if (typeof message !== 'object' || message === null || !('type' in message)) return null;
  return message.type === 'listening' || message.type === 'failed' ? (message as WebReport) : null;
}
