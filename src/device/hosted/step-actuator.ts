// The seam between the step engine of the host (hosted-channel.ts) and the driver of an instrument that has
// none: what a dialect must be able to do with one channel. Times are those of the channel's clock
// (channel-clock.ts): microseconds that never fall. Callbacks, not promises, as everywhere on this path.
import type { ProgramEndReason, RecordRule, Step } from '../../steps/step.ts';
import type { AuxReport, Done, ImpedanceReport, RunSetup } from '../cycler.ts';

/** Ends that an instrument can come to by the time it was given. */
export type TimedEnd = 'duration' | 'net-charge' | 'step-charge' | 'last-step-charge';

/** One step as the instrument shall execute it. */
export interface PlannedStep {
  readonly stepNumber: number;
  readonly step: Step;
  /**
   * It ends by itself after this long at the latest: its maximum duration, or the time that its charge takes
   * at the current that really flows. Never absent.
   */
  readonly durationUs: number;
  /** What the end at `durationUs` is called. */
  readonly timedEnd: TimedEnd;
  /** |charge| that ends it, nC, for instruments that count charge themselves; null: none. */
  readonly chargeNc: number | null;
  /** Readings are due at least this often; also the latency of limits that are judged reading by reading. */
  readonly readingEveryUs: number;
  /**
   * More often than that at its start. Absent: no burst. Only where the dialect declares `recordBursts`: it
   * must keep the pace.
   */
  readonly burst?: NonNullable<RecordRule['burst']>;
}

/**
 * Steps that follow one another as long as each ends by `timedEnd`; any other end is the end of the plan. An
 * instrument that cannot go on by itself executes the first one alone.
 */
export interface StepPlan {
  readonly steps: readonly [PlannedStep, ...PlannedStep[]];
}

/** One measurement of the instrument. */
export interface Reading {
  readonly timeUs: number;
  readonly voltageNv: number;
  readonly currentPa: number;
  /** Bits as the dialect defines them, from 0x10 on; those below are the engine's. */
  readonly flags: number;
}

export type BesideReport = AuxReport | ImpedanceReport;

export interface StepEnding {
  readonly reason: ProgramEndReason;
  readonly endUs: number;
  /** The instrument has gone on with the next step of the plan by itself; `began` of that one follows. */
  readonly hasGoneOn: boolean;
}

/** What a driver tells the engine; nothing of a step comes after its `ended`. */
export interface StepListener {
  began(stepNumber: number, startUs: number): void;
  /** In order of time. */
  reading(reading: Reading): void;
  /**
   * Points of a spectrum and values of the instrument's own sensors, while a step runs; lost with the link.
   */
  beside(report: BesideReport): void;
  /**
   * The running step has ended by itself. Unless it has gone on, the engine answers before it returns: by
   * `begin`, or, where nothing follows and the cell is still on, by `off`.
   */
  ended(ending: StepEnding): void;
  /**
   * The instrument reports a fault in its own word; it ends the running step, of which no `ended` is told.
   */
  faulted(fault: string, atUs: number): void;
}

/** One channel of an instrument, as its driver offers it to the engine. */
export interface StepActuator {
  /** True while the leads may carry current, as far as is known. */
  readonly isCellOn: boolean;
  /** The channel's clock now, µs. */
  nowUs(): number;
  /** With the cell open: range, hard limits, what else is set once a run. */
  prepare(setup: RunSetup, done: Done<null>): void;
  /**
   * Executes a plan. Called when nothing runs, or, on an instrument of which the engine enforces limits, to
   * go over from the running step without opening the cell. `done` when the instrument has taken it; on
   * failure the cell is open or the link is lost.
   */
  begin(plan: StepPlan, done: Done<null>): void;
  /**
   * Cell open as soon as the instrument can, ahead of everything that is queued, also when nothing runs or no
   * run is open. Readings of the step may still come before `done`; `ended` does not. `openUs`: when the cell
   * opened, as well as it is known.
   */
  off(done: Done<{ readonly openUs: number }>): void;
}
