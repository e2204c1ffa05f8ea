// One step of a hosted channel, reading by reading: its charge, which readings are recorded, and whether a
// limit has struck. What the instrument enforces by itself is judged here too, with grace: a limit that it
// should have ended the step at and did not. Pure but for its own state; never talks to an instrument.
import type { ProgramEndReason } from '../../steps/step.ts';
import type { PlannedStep, Reading } from './step-actuator.ts';

/** What the instrument enforces by itself; the rest is judged here alone. */
export interface EnforcedLimits {
  readonly voltageLimits: boolean;
  readonly shortFloor: boolean;
  readonly currentMin: boolean;
}

export interface StepWatchOptions {
  readonly planned: PlannedStep;
  readonly startUs: number;
  readonly netChargeNc: number;
  readonly enforces: EnforcedLimits;
}

export interface WatchedReading {
  readonly netChargeNc: number;
  readonly isRecorded: boolean;
  readonly isFirst: boolean;
  /** The step must end now; null: it goes on. */
  readonly end: ProgramEndReason | 'overrun' | null;
}

/** pA us is 1e-9 nC. */
const NC_PER_PA_US = 1e-9;
/** An instrument that enforces a limit is given this long to say so. */
const GRACE_US = 5_000_000;

export class StepWatch {
  readonly planned: PlannedStep;
  readonly startUs: number;
  readonly #options: StepWatchOptions;
  #netChargeNc: number;
  #last: Reading | null = null;
  #lastRecorded: Reading | null = null;
  #count = 0;
  /** Since when each limit is passed, by reason. */
  readonly #since = new Map<ProgramEndReason, number>();

  constructor(options: StepWatchOptions) {
    this.#options = options;
    this.planned = options.planned;
    this.startUs = options.startUs;
    this.#netChargeNc = options.netChargeNc;
  }

  /** The latest reading; null before the first. */
  get last(): Reading | null {
    return this.#last;
  }

  get isLastRecorded(): boolean {
    return this.#last === this.#lastRecorded;
  }

  get readings(): number {
    return this.#count;
  }

  get netChargeNc(): number {
    return Math.round(this.#netChargeNc) + 0;
  }

  /** Whether its time is after all that is known of the step. */
  isNext({ timeUs }: Reading): boolean {
    return timeUs > (this.#last?.timeUs ?? this.startUs);
  }

  read(reading: Reading): WatchedReading {
    const isFirst = this.#last === null;
    this.#integrate(reading);
    this.#last = reading;
    this.#count += 1;
    const isRecorded = isFirst || this.#isDue(reading);
    if (isRecorded) this.#lastRecorded = reading;
    return { netChargeNc: this.netChargeNc, isRecorded, isFirst, end: this.#endAt(reading) };
  }

  /** The step has ended: the current of the last reading is taken to have flowed until then. */
  finish(endUs: number): number {
    const last = this.#last;
    if (last !== null && this.#isDriven && endUs > last.timeUs) {
      this.#netChargeNc += last.currentPa * (endUs - last.timeUs) * NC_PER_PA_US;
    }
    return this.netChargeNc;
  }

  get #isDriven(): boolean {
    return this.planned.step.mode.kind !== 'rest';
  }

  /** Trapezoids between readings; what a meter shows while the relay is open is no charge. */
  #integrate({ timeUs, currentPa }: Reading): void {
    if (!this.#isDriven) return;
    const last = this.#last;
    const [fromUs, meanPa] =
      last === null ? [this.startUs, currentPa] : [last.timeUs, (last.currentPa + currentPa) / 2];
    this.#netChargeNc += meanPa * Math.max(0, timeUs - fromUs) * NC_PER_PA_US;
  }

  #isDue(reading: Reading): boolean {
    const before = this.#lastRecorded;
    if (before === null) return true;
    const { voltageDeltaNv, currentDeltaPa } = this.planned.step.record;
    const { everyUs, paceUs } = this.#ruleAt(reading);
    // Half a reading of slack, or jitter would stretch every second interval.
    if (reading.timeUs - before.timeUs >= everyUs - paceUs / 2) return true;
    const voltageMoved = Math.abs(reading.voltageNv - before.voltageNv);
    if (voltageDeltaNv !== null && voltageMoved >= voltageDeltaNv) return true;
    return currentDeltaPa !== null && Math.abs(reading.currentPa - before.currentPa) >= currentDeltaPa;
  }

  /** What is recorded at this moment of the step, and how often readings come. */
  #ruleAt({ timeUs }: Reading): { readonly everyUs: number; readonly paceUs: number } {
    const { burst, readingEveryUs, step } = this.planned;
    const slackUs = (burst?.everyUs ?? 0) / 2;
    if (burst !== undefined && timeUs - this.startUs <= burst.forUs + slackUs)
      return { everyUs: burst.everyUs, paceUs: burst.everyUs };
    return { everyUs: step.record.everyUs, paceUs: readingEveryUs };
  }

  /** Safety before progress, as in the order of PROGRAM_END_REASONS. */
  #endAt(reading: Reading): WatchedReading['end'] {
    const graceUs = 3 * this.planned.readingEveryUs + GRACE_US;
    const end = this.#endByVoltage(reading, graceUs) ?? this.#endOfHeldVoltage(reading, graceUs);
    if (end !== null) return end;
    return reading.timeUs > this.startUs + this.planned.durationUs + graceUs ? 'overrun' : null;
  }

  #endByVoltage({ timeUs, voltageNv }: Reading, graceUs: number): ProgramEndReason | null {
    const { limits, mode } = this.planned.step;
    const { enforces } = this.#options;
    const voltageUs = limits.voltageDebounceUs + (enforces.voltageLimits ? graceUs : 0);
    const isAbove = limits.voltageMaxNv !== null && voltageNv >= limits.voltageMaxNv;
    if (this.#holds('voltage-max', isAbove, { timeUs, forUs: voltageUs })) return 'voltage-max';
    const isBelow = limits.voltageMinNv !== null && voltageNv <= limits.voltageMinNv;
    if (this.#holds('voltage-min', isBelow, { timeUs, forUs: voltageUs })) return 'voltage-min';
    const isShort =
      mode.kind !== 'rest' && limits.shortFloorNv !== null && Math.abs(voltageNv) < limits.shortFloorNv;
    const shortUs = limits.shortFloorDebounceUs + (enforces.shortFloor ? graceUs : 0);
    return this.#holds('short-floor', isShort, { timeUs, forUs: shortUs }) ? 'short-floor' : null;
  }

  /** No instrument knows when a charge will have flowed under a held voltage: the host counts it. */
  #endOfHeldVoltage({ timeUs, currentPa }: Reading, graceUs: number): ProgramEndReason | null {
    const { limits, mode } = this.planned.step;
    if (mode.kind !== 'cv') return null;
    const stepNc = Math.abs(this.#netChargeNc - this.#options.netChargeNc);
    if (limits.stepChargeNc !== null && stepNc >= limits.stepChargeNc) return 'step-charge';
    // The first reading may still be of the double layer.
    const isBelow =
      limits.currentMinPa !== undefined && this.#count > 1 && Math.abs(currentPa) < limits.currentMinPa;
    const forUs = this.#options.enforces.currentMin ? graceUs : 0;
    return this.#holds('current-min', isBelow, { timeUs, forUs }) ? 'current-min' : null;
  }

  #holds(
    reason: ProgramEndReason,
    isPassed: boolean,
    { timeUs, forUs }: { readonly timeUs: number; readonly forUs: number },
  ): boolean {
    if (!isPassed) {
      this.#since.delete(reason);
      return false;
    }
    const sinceUs = this.#since.get(reason) ?? timeUs;
    this.#since.set(reason, sinceUs);
    return timeUs - sinceUs >= forUs;
  }
}
