// The store as the daemon sees it: asynchronous, one commit at a time, acknowledged after COMMIT with
// synchronous=FULL. Implemented inline (`simulate`, tests) and by a writer process (bench). Callbacks, not
// promises (virtual time). Integers in base units; columns hold whole numbers below 2^53.
import type { AuxValue } from '../samples/aux-value.ts';
import type { SampleColumns } from '../samples/sample-buffer.ts';
import type { EndReason, LookAheadTree, Step } from '../steps/step.ts';

/** Numbers of a run's samples start here, so that 0 can mean "none yet". */
export const FIRST_SEQ = 1;

/** A step that began: its row in `step_log`; it stays without an end until a StepEnded of the same number. */
export interface StepBegan {
  readonly stepNumber: number;
  readonly startUs: number;
  readonly startNetChargeNc: number;
  readonly firstSeq: number;
  readonly step: Step;
}

export interface StepEnded {
  readonly stepNumber: number;
  readonly endUs: number;
  readonly endNetChargeNc: number;
  readonly lastSeq: number;
  readonly reason: EndReason;
  readonly voltageNv: number;
  readonly currentPa: number;
}

/** One plate or one strip, complete. `isInterrupted`: left out of means and baselines. */
export interface HalfCycle {
  readonly number: number;
  readonly cycle: number;
  readonly phase: string;
  readonly half: 'plate' | 'strip';
  readonly stepNumber: number;
  readonly startUs: number;
  readonly endUs: number;
  /** Magnitude, on the device's counter. */
  readonly chargeNc: number;
  readonly endNetChargeNc: number;
  readonly reason: EndReason;
  /** Median of V*sgn(I) over 40-60 % of the charge; null where no sample lies there. */
  readonly plateauNv: number | null;
  /** Largest V*sgn(I) in the first 10 % of the charge. */
  readonly tipNv: number | null;
  readonly endNv: number | null;
  readonly isInterrupted: boolean;
}

/**
 * Something that happened, in words; `detail` is small JSON without wall times and identifiers (it is
 * hashed).
 */
export interface RunEvent {
  readonly timeUs: number | null;
  readonly kind: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Journal, then act. An intent is committed before its bytes are sent; its result follows. */
export type CommandRow =
  | {
      readonly type: 'intent';
      readonly number: number;
      readonly command: 'load';
      readonly tree: LookAheadTree;
    }
  | {
      readonly type: 'intent';
      readonly number: number;
      readonly command: 'off' | 'open' | 'release' | 'clear';
      readonly tree: null;
    }
  | { readonly type: 'result'; readonly number: number; readonly result: string };

/**
 * Where the run stands, replaced as a whole with each commit that changes it. JSON, versioned by `version`.
 */
export interface Checkpoint {
  readonly version: number;
  readonly stepNumber: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ClockSync {
  readonly timeUs: number;
  readonly wallMs: number;
  readonly source: string;
  readonly errorUs: number;
}

/** A point of a spectrum. `imaginaryMicroOhm` has its mathematical sign: capacitive is negative. */
export interface ImpedanceRow {
  readonly stepNumber: number;
  readonly timeUs: number;
  readonly frequencyMilliHz: number;
  readonly realMicroOhm: number;
  readonly imaginaryMicroOhm: number;
}

/** A value from beside the cell; `errorUs` bounds the error of the time at which it was heard. */
export interface AuxRow {
  readonly timeUs: number;
  readonly errorUs: number;
  readonly name: string;
  readonly value: AuxValue;
}

/**
 * A recorded absence: numbers `fromN`..`toN` of the device never arrived. They take up `seq` numbers that
 * stay empty.
 */
export interface SampleGap {
  readonly firstSeq: number;
  readonly count: number;
  readonly reason: string;
}

/** What one transaction writes. Everything in it is stored, or nothing. */
export interface Commit {
  readonly samples: SampleColumns | null;
  readonly stepsBegan: readonly StepBegan[];
  readonly stepsEnded: readonly StepEnded[];
  readonly halfCycles: readonly HalfCycle[];
  readonly events: readonly RunEvent[];
  readonly commands: readonly CommandRow[];
  readonly clockSyncs: readonly ClockSync[];
  readonly aux: readonly AuxRow[];
  readonly impedance: readonly ImpedanceRow[];
  readonly gaps: readonly SampleGap[];
  readonly checkpoint: Checkpoint | null;
  /** Run state for the catalog, when it changed. */
  readonly state: RunStateRow | null;
  /** What went over the wire, a line an entry; absent where it is not recorded. */
  readonly wire?: readonly string[];
}

export const EMPTY_COMMIT: Commit = {
  samples: null,
  stepsBegan: [],
  stepsEnded: [],
  halfCycles: [],
  events: [],
  commands: [],
  clockSyncs: [],
  aux: [],
  impedance: [],
  gaps: [],
  checkpoint: null,
  state: null,
};

export interface RunStateRow {
  readonly state: string;
  readonly reason: string;
  readonly verdict: string | null;
}

export type StoreResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: 'STORE_FULL' | 'STORE_FAILED';
      readonly detail: string;
      /** It would be refused for ever: it contradicts the file, or the file is closed. */
      readonly isFinal?: true;
    };

/**
 * One run's file. Commits are acknowledged in order. After a failure nothing of that commit is stored, nor
 * of those that were handed over before the failure was told. A commit that contradicts the file (a hole in
 * `seq`, an end without its step) breaks an invariant: inline it throws `AssertionFailed`, across processes
 * it is STORE_FAILED and final.
 */
export interface RunStore {
  readonly path: string;
  /** The number the next sample must have. */
  readonly nextSeq: number;
  commit(commit: Commit, done: (result: StoreResult) => void): void;
  /** Closes the file for good: checkpoint, single portable file, counts and hashes, read-only. */
  seal(done: (result: StoreResult) => void): void;
  /** Closes without sealing (shutdown with the run still open). */
  close(done: (result: StoreResult) => void): void;
}

/**
 * What is known of a run before its first sample; stored in `meta`, and in the catalog where it is searched
 * for.
 */
export interface RunDescription {
  /** ULID. */
  readonly run: string;
  readonly createdWallMs: number;
  readonly protocol: {
    readonly name: string;
    readonly version: number;
    readonly sourceHash: string;
    /** What is derived from a finished run; null: nothing of its own. Absent before there was any. */
    readonly derives?: string | null;
    /** Its text, where it was written in the language of protocols. */
    readonly source?: { readonly fileName: string; readonly text: string };
  };
  /** Parameters as given and as resolved, with units. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly cell: CellDescription;
  readonly cycler: string;
  readonly channel: number;
  readonly instrument: InstrumentDescription;
  readonly isSimulated: boolean;
  readonly timeScale: number;
  /** Everything else that explains the run: software versions, seed, what differs from the bench. */
  readonly meta: Readonly<Record<string, unknown>>;
}

/**
 * Identity, capabilities, range, who enforces what; and the error bounds of a reading in the range that was
 * chosen.
 */
export interface InstrumentDescription {
  readonly voltageErrorNv: number;
  readonly currentErrorPa: number;
  readonly [detail: string]: unknown;
}

export interface CellDescription {
  readonly areaCm2: number;
  readonly sampleId: string | null;
  readonly workingElectrode: string | null;
  readonly counterElectrode: string | null;
  readonly electrolyte: string | null;
  readonly separator: string | null;
  readonly operator: string | null;
  readonly notes: string | null;
}

export type OpenResult =
  | { readonly ok: true; readonly store: RunStore }
  | {
      readonly ok: false;
      readonly code: 'STORE_FULL' | 'STORE_FAILED' | 'STORE_NEWER';
      readonly detail: string;
      /** The file is closed for good already: there is nothing left to write. */
      readonly isSealed?: boolean;
    };

/** The bench's storage: creates run files and keeps the catalog. */
export interface Store {
  createRun(description: RunDescription, done: (result: OpenResult) => void): void;
  /** Opens the unsealed file of a run again, after a restart. */
  openRun(run: string, done: (result: OpenResult) => void): void;
  /** Closes every run that is open, without sealing it. */
  close(done: () => void): void;
}
