// The Cycler interface: what the daemon may ask of an instrument, whatever its dialect. Drivers implement it.
// Callbacks, not promises: the same code runs in virtual time, where nothing may wait for a microtask.
// `done` is called exactly once. Reports arrive in device order per channel.
import type { AuxValue } from '../samples/aux-value.ts';
import type { EndReason, LookAheadTree, StepModeKind } from '../steps/step.ts';
import type { WireRecorder } from './wire-recorder.ts';

/** Bounds of error: gain in ppm of the reading, offset in ppm of the range (current) or nV (voltage). */
export interface Accuracy {
  readonly currentGainPpm: number;
  readonly currentOffsetPpmOfRange: number;
  readonly voltageGainPpm: number;
  readonly voltageOffsetNv: number;
}

/** Who enforces a limit; the run records it. */
export type EnforcedBy = 'device' | 'host' | 'nobody';

/** More samples at the start of a step (`RecordRule.burst`): who sees to them, and how close they can be. */
export interface RecordBursts {
  readonly by: Exclude<EnforcedBy, 'nobody'>;
  /** Shortest time between two samples of a burst, us. A burst that asks for less is refused. */
  readonly everyMinUs: number;
}

/** What the instrument can do; the daemon asks nothing else of it. */
export interface Capabilities {
  readonly channels: number;
  readonly modes: readonly StepModeKind[];
  readonly limits: {
    readonly voltage: EnforcedBy;
    readonly charge: EnforcedBy;
    readonly shortFloor: EnforcedBy;
  };
  readonly recordRules: EnforcedBy;
  /** null: it has none, and a step that asks for a burst is refused before the run. */
  readonly recordBursts: RecordBursts | null;
  /**
   * What opens the cell when the host falls silent: a lease on the device; the bound of what was loaded; or
   * nobody, which a run must accept in so many words.
   */
  readonly deadMan: 'device' | 'step-bound' | 'nobody';
  readonly hasChargeCounter: boolean;
  readonly hasStepEndLog: boolean;
  /** Samples a channel keeps for back-fill; 0: none. */
  readonly ringSamples: number;
  /** Nodes of a look-ahead tree the device holds; 1: no look-ahead. */
  readonly lookAheadSlots: number;
  /** Full scale of each current range, rising. */
  readonly currentRangesPa: readonly number[];
  readonly voltageSpanNv: number;
  readonly accuracy: Accuracy;
  /** Limits are judged and steps end on this grid. */
  readonly tickUs: number;
  /**
   * The device clock is counted modulo this; absent: it never wraps. Within a process the driver unwraps it.
   */
  readonly clockWrapUs?: number;
  readonly leaseMaxMs: number;
  /** Cell seconds per real second: 1 on hardware. Anything else marks the run as simulated. */
  readonly timeScale: number;
}

export interface Identity {
  readonly dialect: string;
  readonly deviceId: string;
  readonly model: string;
  readonly firmware: string;
  /** Changes at each power-up. */
  readonly bootId: number;
}

/** Samples in device order, columns of equal length; `n` counts from `firstN`. All of one step. */
export interface SamplesReport {
  readonly type: 'samples';
  readonly firstN: number;
  readonly stepNumber: number;
  /** Start of the step; absent where it is one tick before the first sample of the step. */
  readonly stepStartUs?: number;
  readonly timeUs: readonly number[];
  readonly voltageNv: readonly number[];
  readonly currentPa: readonly number[];
  readonly netChargeNc: readonly number[];
  readonly flags: readonly number[];
  /** True for a back-fill that was asked for. */
  readonly isReplay: boolean;
}

export interface StepEndReport {
  readonly type: 'stepEnded';
  readonly stepNumber: number;
  readonly nodeId: number;
  readonly reason: EndReason;
  readonly startUs: number;
  readonly endUs: number;
  readonly startNetChargeNc: number;
  readonly endNetChargeNc: number;
  readonly voltageNv: number;
  readonly currentPa: number;
  readonly lastN: number;
  /** Node the device went on with by itself; 0: it rests, cell open. */
  readonly nextNodeId: number;
  readonly isReplay: boolean;
}

/** Unnumbered and never stored: for host limits and display. */
export interface LiveReport {
  readonly type: 'live';
  readonly stepNumber: number;
  readonly timeUs: number;
  readonly voltageNv: number;
  readonly currentPa: number;
  readonly netChargeNc: number;
}

export interface FaultReport {
  readonly type: 'fault';
  /** The device's own word: `wdg`, `stop`, `vhard`, `overload` … */
  readonly fault: string;
  readonly stepNumber: number;
  readonly timeUs: number;
}

/** Of a sensor of the instrument itself. Unnumbered: what is lost is lost; stored apart from the samples. */
export interface AuxReport {
  readonly type: 'aux';
  /** What the record calls it, e.g. `instrument`. */
  readonly name: string;
  readonly timeUs: number;
  readonly value: AuxValue;
}

/** One point of a spectrum. Unnumbered, like what a sensor tells. */
export interface ImpedanceReport {
  readonly type: 'impedance';
  readonly stepNumber: number;
  readonly timeUs: number;
  readonly frequencyMilliHz: number;
  readonly realMicroOhm: number;
  /** With its mathematical sign: capacitive is negative. */
  readonly imaginaryMicroOhm: number;
}

export type DeviceReport =
  | SamplesReport
  | StepEndReport
  | LiveReport
  | FaultReport
  | AuxReport
  | ImpedanceReport;

/** Of the cycler as a whole. After `lost` every pending `done` has been called with a failure. */
export type LinkReport =
  | { readonly type: 'up'; readonly identity: Identity; readonly capabilities: Capabilities }
  | { readonly type: 'lost'; readonly reason: LinkLossReason; readonly detail: string };
export type LinkLossReason = 'closed' | 'timeout' | 'absent' | 'busy' | 'denied' | 'failed' | 'nonsense';

export type DeviceResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: DeviceFailure; readonly detail: string };
/**
 * `stale`: the device has moved on; `no-lease`: the lease has run out; `refused`: it said no; the rest: it
 * could not be asked.
 */
export type DeviceFailure = 'stale' | 'fault' | 'no-lease' | 'refused' | 'timeout' | 'closed' | 'nonsense';
export type Done<T> = (result: DeviceResult<T>) => void;

export interface ChannelStatus {
  readonly state: 'free' | 'idle' | 'step' | 'fault';
  readonly run: string | null;
  readonly timeUs: number;
  readonly nodeId: number;
  /** Step running, else 0. */
  readonly stepNumber: number;
  readonly endedStepNumber: number;
  readonly nextN: number;
  readonly oldestN: number;
  readonly netChargeNc: number;
  readonly fault: string | null;
  readonly isCellOn: boolean;
}

/** Absolute limits of the cell, above every step's own. */
export interface HardLimits {
  readonly voltageMaxNv: number;
  readonly voltageMinNv: number;
  readonly currentMaxPa: number;
  readonly netChargeMaxNc: number;
}

export interface RunSetup {
  readonly run: string;
  readonly rangeIndex: number;
  readonly limits: HardLimits;
}

/** What the dead-man does when the host falls silent. `waived` is an explicit choice of the operator. */
export type LeasePolicy = 'off' | 'finish-step' | 'finish-cycle';
export type Lease = { readonly durationMs: number; readonly policy: LeasePolicy } | 'waived';

/** One potentiostat channel of a cycler. */
export interface CyclerChannel {
  onReport(receive: (report: DeviceReport) => void): void;
  /** Gives the channel to a run. Idempotent for the same run. */
  open(setup: RunSetup, done: Done<null>): void;
  /** Takes the run off the channel; the cell is open before and after. */
  release(run: string, done: Done<null>): void;
  /** Loads a tree: starts its root when nothing runs, else replaces the future of the running step. */
  load(tree: LookAheadTree, done: Done<null>): void;
  renewLease(lease: Lease, done: Done<null>): void;
  /** Cell open now. Goes ahead of everything that is queued; works without a session. */
  off(done: Done<null>): void;
  status(done: Done<ChannelStatus>): void;
  clearFault(fault: string, done: Done<null>): void;
  /** Live reports every `periodMs` of real time; 0: none. `flushMs`: longest age of an unsent sample. */
  setReporting(options: { readonly livePeriodMs: number; readonly flushMs: number }, done: Done<null>): void;
  /** Asks for samples again: they come as reports with `isReplay`, then `done` with the range there was. */
  replaySamples(range: { readonly from: number; readonly to: number }, done: Done<SampleRange>): void;
  /** Asks for step ends again, from a step number on; they arrive as reports with `isReplay`. */
  replayStepEnds(fromStepNumber: number, done: Done<SampleRange>): void;
}

/** Inclusive; empty when `from` > `to`. */
export interface SampleRange {
  readonly from: number;
  readonly to: number;
}

export interface Cycler {
  readonly name: string;
  /** 1-based, as printed on the instrument; asserts that it exists. */
  channel(number: number): CyclerChannel;
  onLink(receive: (report: LinkReport) => void): void;
  /** Opens the port, identifies the device, and reconnects with back-off after every loss until `close`. */
  start(): void;
  /** Device clock now, with the host's monotonic time before and after: bounds the relation of the two. */
  readClock(
    done: Done<{ readonly deviceUs: number; readonly sentMs: number; readonly receivedMs: number }>,
  ): void;
  /** Out of band: every channel open, latched. Returns false when there is no link to send it on. */
  emergencyStop(): boolean;
  /** From here on, for a run on this channel; absent: nothing is recorded. */
  recordWire?(channel: number): WireRecorder;
  /** Counted, never guessed at. */
  readonly counters: { readonly linesDropped: number; readonly framesLost: number; readonly retries: number };
  close(): void;
}

/** What a driver is made of: named ports (one dialect has a text and a binary one) and a clock. */
export type CreateCycler<Options> = (options: Options) => Cycler;
