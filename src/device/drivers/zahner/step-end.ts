// Why a primitive has ended. The instrument only says `ok`; the reason follows from what it measured against
// what it was set. In order, the first that holds:
//
//   1. the voltage is past a limit and has been for the tolerance time      voltage-max, voltage-min
//   2. |charge| has reached its limit                                       the charge limit that was set
//   3. the last sample is within one period of the maximum duration         what that duration stands for
//   4. the voltage is past a limit at all, or voltage or charge is one sampling period further on by the last
//      slope: the instrument compares at its own rate and counts tolerance in its own way
//
// None of these: nobody knows why, and that is a fault. Pure.
import { ERROR_CODES, type Reply } from '../../../frames/dialects/zahner/replies.ts';
import type { Measurement } from '../../../frames/dialects/zahner/samples.ts';
import type { ProgramEndReason } from '../../../steps/step.ts';
import type { HardLimits } from '../../cycler.ts';
import type { PlannedStep } from '../../hosted/step-actuator.ts';

export type FoundEnd =
  | { readonly reason: ProgramEndReason; readonly sinceStartUs: number }
  | { readonly reason: 'fault'; readonly fault: FaultWord; readonly sinceStartUs: number };

/**
 * `vhard`, `ihard`: a hard limit. `stop`: aborted, but not by us. `compliance`: the charge did not flow in
 * its time. `unexplained`: no limit was reached. `hw`: any other error.
 */
export type FaultWord = 'vhard' | 'ihard' | 'stop' | 'compliance' | 'unexplained' | 'hw';

/** nC / pA us. */
const NC_PER_PA_US = 1e-9;
/** Less of a charge than this in the time that it takes: the current did not flow. */
const CHARGE_SHARE_MIN = 0.95;

export class StepEvidence {
  readonly #planned: PlannedStep;
  readonly #periodUs: number;
  #last: Measurement | null = null;
  #previous: Measurement | null = null;
  #chargeNc = 0;
  #aboveSinceUs: number | null = null;
  #belowSinceUs: number | null = null;

  constructor(planned: PlannedStep, periodUs: number) {
    this.#planned = planned;
    this.#periodUs = periodUs;
  }

  get last(): Measurement | null {
    return this.#last;
  }

  /** In order of time, from the start of the primitive on. */
  take(measurement: Measurement): void {
    const { timeUs, voltageNv, currentPa } = measurement;
    const before = this.#last ?? { timeUs: 0, voltageNv, currentPa };
    this.#chargeNc += ((before.currentPa + currentPa) / 2) * (timeUs - before.timeUs) * NC_PER_PA_US;
    [this.#previous, this.#last] = [this.#last, measurement];
    const { voltageMaxNv, voltageMinNv } = this.#planned.step.limits;
    this.#aboveSinceUs =
      voltageMaxNv !== null && voltageNv >= voltageMaxNv ? (this.#aboveSinceUs ?? timeUs) : null;
    this.#belowSinceUs =
      voltageMinNv !== null && voltageNv <= voltageMinNv ? (this.#belowSinceUs ?? timeUs) : null;
  }

  /** To be asked once, when the last sample is known. */
  end(): FoundEnd {
    const timeUs = this.#last?.timeUs ?? 0;
    const { durationUs } = this.#planned;
    const measured = this.#byVoltage(timeUs) ?? this.#byCharge(0);
    if (measured !== null) return { reason: measured, sinceStartUs: timeUs };
    if (timeUs + this.#periodUs >= durationUs) return this.#byTime();
    const likely = this.#byLikelyVoltage() ?? this.#byCharge(this.#periodUs);
    if (likely !== null) return { reason: likely, sinceStartUs: timeUs };
    return { reason: 'fault', fault: 'unexplained', sinceStartUs: timeUs };
  }

  #byVoltage(timeUs: number): ProgramEndReason | null {
    // It may have been past the limit since just after the sample before.
    const neededUs = this.#planned.step.limits.voltageDebounceUs - this.#periodUs;
    if (this.#aboveSinceUs !== null && timeUs - this.#aboveSinceUs >= neededUs) return 'voltage-max';
    if (this.#belowSinceUs !== null && timeUs - this.#belowSinceUs >= neededUs) return 'voltage-min';
    return null;
  }

  #byCharge(aheadUs: number): ProgramEndReason | null {
    const { chargeNc } = this.#planned;
    return chargeNc !== null && this.#chargeAfter(aheadUs) >= chargeNc ? chargeReasonOf(this.#planned) : null;
  }

  #byTime(): FoundEnd {
    const { timedEnd, chargeNc, durationUs } = this.#planned;
    const isCharge = timedEnd !== 'duration' && chargeNc !== null;
    const leftUs = Math.max(0, durationUs - (this.#last?.timeUs ?? 0));
    if (this.#last !== null && isCharge && this.#chargeAfter(leftUs) < CHARGE_SHARE_MIN * chargeNc) {
      return { reason: 'fault', fault: 'compliance', sinceStartUs: durationUs };
    }
    return { reason: timedEnd, sinceStartUs: durationUs };
  }

  #byLikelyVoltage(): ProgramEndReason | null {
    const [previous, last] = [this.#previous, this.#last];
    if (last === null) return null;
    const { voltageMaxNv, voltageMinNv } = this.#planned.step.limits;
    const slope =
      previous === null ? 0 : (last.voltageNv - previous.voltageNv) / (last.timeUs - previous.timeUs);
    const aheadNv = last.voltageNv + slope * this.#periodUs;
    if (voltageMaxNv !== null && Math.max(last.voltageNv, aheadNv) >= voltageMaxNv) return 'voltage-max';
    return voltageMinNv !== null && Math.min(last.voltageNv, aheadNv) <= voltageMinNv ? 'voltage-min' : null;
  }

  /** |charge| if the last current flows on for so long. */
  #chargeAfter(aheadUs: number): number {
    const currentPa = this.#last?.currentPa ?? 0;
    return Math.abs(this.#chargeNc + currentPa * aheadUs * NC_PER_PA_US);
  }
}

/** What became of a primitive that was answered so, when its last sample is known. */
export function endOf(evidence: StepEvidence, reply: Reply, hard: HardLimits): FoundEnd {
  if (reply.kind === 'ok') return evidence.end();
  const sinceStartUs = evidence.last?.timeUs ?? 0;
  return { reason: 'fault', fault: faultOf(evidence, reply, hard), sinceStartUs };
}

/** Which of the hard limits it was, the instrument does not say: the last sample does. */
function faultOf({ last }: StepEvidence, reply: Reply, hard: HardLimits): FaultWord {
  if (reply.kind !== 'error') return 'hw';
  if (reply.code === ERROR_CODES.aborted) return 'stop';
  if (reply.code !== ERROR_CODES.hardLimit) return 'hw';
  return Math.abs(last?.currentPa ?? 0) >= hard.currentMaxPa ? 'ihard' : 'vhard';
}

/** The charge limit that was set; where the plan expects another end, the first that the step has. */
function chargeReasonOf({ timedEnd, step: { limits } }: PlannedStep): ProgramEndReason {
  if (timedEnd !== 'duration') return timedEnd;
  if (limits.netChargeNc !== null) return 'net-charge';
  return limits.stepChargeNc !== null ? 'step-charge' : 'last-step-charge';
}
