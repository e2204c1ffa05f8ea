// The step that the instrument executes, as its driver knows it: its samples, why it has ended, and how far
// it has come. Both ports tell of it: the text port that it has ended, the data port all the rest.
import type { Clock, Timer } from '../../../base/clock.ts';
import type { Reply } from '../../../frames/dialects/zahner/replies.ts';
import type { Measurement, RowReader } from '../../../frames/dialects/zahner/samples.ts';
import type { DeviceResult, Done } from '../../cycler.ts';
import type { PlannedStep } from '../../hosted/step-actuator.ts';
import { PrimitiveRows } from './primitive-rows.ts';
import { periodUsOf } from './step-commands.ts';
import { StepEvidence } from './step-end.ts';

export interface ActiveStepOptions {
  readonly clock: Clock;
  readonly planned: PlannedStep;
  /** Of the engine: the instrument has taken the step, or will not. */
  readonly taken: Done<null>;
  readonly readRow: RowReader;
  readonly onRow: (measurement: Measurement) => void;
}

/** The longest time without a sample; more where samples are further apart. */
const SILENCE_MS = 10_000;
const SILENCE_PERIODS = 10;

export class ActiveStep {
  readonly planned: PlannedStep;
  readonly rows: PrimitiveRows;
  readonly evidence: StepEvidence;
  readonly periodUs: number;
  /** The primitive was sent; before that it is being set. */
  isSent = false;
  /** The engine has been told. */
  hasBegun = false;
  /** Channel time of the primitive's own zero. */
  startUs = 0;
  /** Of the primitive: it has ended. */
  reply: Reply | null = null;
  readonly #clock: Clock;
  #taken: Done<null> | null;
  #timer: Timer | null = null;

  constructor({ clock, planned, taken, readRow, onRow }: ActiveStepOptions) {
    this.#clock = clock;
    this.#taken = taken;
    this.planned = planned;
    this.periodUs = periodUsOf(planned);
    this.evidence = new StepEvidence(planned, this.periodUs);
    this.rows = new PrimitiveRows({
      periodUs: this.periodUs,
      mayHold: planned.step.limits.shortFloorNv === null,
      readRow,
      onRow: (measurement) => {
        this.evidence.take(measurement);
        onRow(measurement);
      },
    });
  }

  get isRunning(): boolean {
    return this.isSent && this.reply === null;
  }

  /** No sample for so long while it runs: there is nobody. */
  get silenceMs(): number {
    return Math.max(SILENCE_MS, (SILENCE_PERIODS * this.periodUs) / 1000);
  }

  /** To the engine, once. */
  tellTaken(result: DeviceResult<null>): void {
    const taken = this.#taken;
    this.#taken = null;
    taken?.(result);
  }

  /** One wait at a time: for the beginning, for the next sample, for the rest of the data. */
  arm(delayMs: number, run: () => void): void {
    this.disarm();
    this.#timer = this.#clock.after(delayMs, run);
  }

  disarm(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}
