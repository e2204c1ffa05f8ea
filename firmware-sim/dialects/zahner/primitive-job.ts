// One primitive at work, sample by sample:
//
//   settling (output just closed) -> measuring (samples, limits) -> finishing (dead time) -> its answer
//
// Everything happens at device times on the grid of the plan, however late the instrument is woken.
import { ERROR_CODES, errorText, OK } from './error-codes.ts';
import type { DataStream } from './data-stream.ts';
import type { FaultPlan } from './faults.ts';
import type { Job } from './job.ts';
import { LimitWatch } from './limit-watch.ts';
import type { OutputStage, Setpoint } from './output-stage.ts';
import type { PrimitivePlan } from './primitive-plan.ts';
import type { Settings } from './settings.ts';
import { ToleranceBreak } from './tolerance-break.ts';

export interface PrimitiveOptions {
  readonly plan: PrimitivePlan;
  readonly settings: Settings;
  readonly stage: OutputStage;
  readonly stream: DataStream;
  readonly faults: FaultPlan;
  readonly startUs: number;
  /** Between a relay that closes and the first sample's period; between the last sample and the answer. */
  readonly settleUs: number;
  readonly deadUs: number;
  /** What the output held before: it does so again after a rest. null: it was off, and will be. */
  readonly before: Setpoint | null;
}

type Phase = 'settling' | 'measuring' | 'finishing';
type End = 'done' | 'limit' | 'aborted';

/** "A few milliseconds at the beginning of the ramp" (control.py, `:MEAS:RMPT?`); how many: assumed. */
const RAMP_START_US = 5000;
const US_PER_S = 1e6;
/** A charge that is short of its limit by this share of it has reached it: sums of floats. */
const CHARGE_SHARE = 1e-9;

export class PrimitiveJob implements Job {
  readonly #options: PrimitiveOptions;
  readonly #soft: LimitWatch;
  readonly #hard: LimitWatch;
  #tolerance: ToleranceBreak | null;
  #phase: Phase = 'settling';
  #end: End = 'done';
  #nextUs: number;
  #zeroUs = 0;
  #zeroNc = 0;
  #level = 0;
  #levelUs = 0;
  /** Steps of the setpoint since the level began. */
  #point = 0;
  /** What was held last, A or V. */
  #value: number;

  constructor(options: PrimitiveOptions) {
    const { plan, stage, startUs, settleUs } = options;
    this.#options = options;
    this.#soft = new LimitWatch(plan.soft);
    this.#hard = new LimitWatch(plan.hard);
    this.#tolerance = this.#newTolerance();
    this.#value = plan.setpointAt(0, 0);
    const isSettled = stage.isOn || plan.coupling === 'open';
    const isRamp = plan.name.startsWith('RMP');
    if (plan.coupling === 'open') stage.off(startUs, 'off');
    else {
      this.#selectRange(startUs);
      this.#drive(startUs, this.#value);
    }
    this.#nextUs = startUs + (isSettled ? 0 : settleUs) + (isRamp ? RAMP_START_US : 0);
  }

  get nextUs(): number {
    return this.#nextUs;
  }

  get endsByUs(): number {
    const { plan } = this.#options;
    if (this.#phase !== 'measuring') return this.#nextUs;
    return this.#levelUs + this.#usOf(plan.samplesPerLevel * plan.stepsPerSample);
  }

  get answer(): string {
    switch (this.#end) {
      case 'done':
        return OK;
      case 'limit':
        return errorText(ERROR_CODES.globalLimit);
      case 'aborted':
        return errorText(ERROR_CODES.aborted);
    }
  }

  /** It ended by a global limit: the error is latched. */
  get hasHitGlobalLimit(): boolean {
    return this.#end === 'limit';
  }

  /** What a ramp starts from that follows; null after a rest. */
  get finalSetpoint(): Setpoint | null {
    return this.#options.plan.coupling === 'open' ? null : this.#setpoint(this.#value);
  }

  advance(): string | null {
    switch (this.#phase) {
      case 'settling':
        this.#begin(this.#nextUs);
        return null;
      case 'measuring':
        this.#measure(this.#nextUs);
        return null;
      case 'finishing':
        return this.answer;
    }
  }

  abort(us: number): void {
    if (this.#phase === 'finishing') return;
    if (this.#phase === 'settling') this.#announce();
    this.#finish(us, 'aborted');
  }

  #begin(us: number): void {
    const { plan, stage } = this.#options;
    this.#announce();
    this.#phase = 'measuring';
    this.#zeroUs = us;
    this.#zeroNc = stage.source.chargeNc(us);
    this.#startLevel(us);
    if (plan.coupling !== 'open') stage.refresh(us);
  }

  #announce(): void {
    const { plan, stream } = this.#options;
    stream.begin({ type: plan.type, name: plan.name });
  }

  #startLevel(us: number): void {
    this.#levelUs = us;
    this.#point = 0;
    this.#tolerance = this.#newTolerance();
    this.#aim(us);
  }

  /** Sets what the next step is to hold, and when that step ends. */
  #aim(us: number): void {
    const { plan } = this.#options;
    const samples = (this.#point + 1) / plan.stepsPerSample;
    if (plan.coupling !== 'open') this.#drive(us, plan.setpointAt(this.#level, samples));
    this.#nextUs = this.#levelUs + this.#usOf(this.#point + 1);
    const { source } = this.#options.stage;
    this.#hard.lookAhead(source, this.#nextUs);
    this.#soft.lookAhead(source, this.#nextUs);
  }

  #measure(us: number): void {
    const { plan, stage, settings } = this.#options;
    this.#point += 1;
    if (this.#point % plan.stepsPerSample !== 0) {
      this.#aim(us);
      return;
    }
    stage.refresh(us);
    const sample = this.#point / plan.stepsPerSample;
    const mean = stage.source.mean(us);
    const isHard = this.#hard.isBroken(us, mean) || this.#options.faults.takesHardLimit(us);
    const isSoft = this.#soft.isBroken(us, mean) || this.#isChargeReached(us);
    const isSettled = this.#tolerance?.isReached(sample, mean) ?? false;
    const isLevelOver = isSettled || sample >= plan.samplesPerLevel;
    const isOver = isHard || isSoft || (isLevelOver && this.#level + 1 >= plan.levels);
    this.#record(us, sample, isLevelOver || isOver);
    if (isHard) this.#finish(us, 'limit');
    else if (isOver) this.#finish(us, 'done');
    else {
      if (plan.coupling === 'pot' && settings.switches['SESO:CRNG:AUTO']) {
        stage.autorange(us, mean.currentPa, settings);
      }
      if (isLevelOver) {
        this.#level += 1;
        this.#startLevel(us);
      } else this.#aim(us);
    }
  }

  #record(us: number, sample: number, isLast: boolean): void {
    const { plan, stage, stream } = this.#options;
    if (plan.isRowPerLevel && !isLast) return;
    const { voltageNv, currentPa } = stage.source.reading(us);
    const timeS = plan.isRowPerLevel ? (us - this.#zeroUs) / US_PER_S : sample / plan.samplingHz;
    stream.add([timeS, voltageNv * 1e-9, currentPa * 1e-12], us);
  }

  #isChargeReached(us: number): boolean {
    const { charge } = this.#options.plan;
    if (charge === null) return false;
    const countedNc = this.#options.stage.source.chargeNc(us) - this.#zeroNc;
    const { minNc, maxNc } = charge;
    return (
      countedNc >= maxNc - Math.abs(maxNc) * CHARGE_SHARE ||
      countedNc <= minNc + Math.abs(minNc) * CHARGE_SHARE
    );
  }

  #finish(us: number, end: End): void {
    const { stage, stream, before, deadUs, plan } = this.#options;
    this.#end = end;
    this.#phase = 'finishing';
    this.#nextUs = us + deadUs;
    stream.end(end === 'limit' ? 'cancelled' : end);
    if (end === 'limit') stage.off(us, 'fault');
    else if (end === 'aborted') stage.off(us, 'stop');
    else if (before === null) stage.off(us, 'end');
    else if (plan.coupling === 'open') stage.drive(us, before);
  }

  #selectRange(us: number): void {
    const { plan, stage, settings } = this.#options;
    const shuntRange = stage.rangeOfSettings(settings);
    if (!settings.switches['SESO:CRNG:AUTO']) stage.selectRange(us, shuntRange);
    else if (plan.coupling === 'gal') {
      const last = plan.setpointAt(plan.levels - 1, plan.samplesPerLevel);
      const largestA = Math.max(Math.abs(this.#value), Math.abs(last));
      stage.selectRange(us, stage.rangeFor(largestA * 1e12, settings));
    }
  }

  #drive(us: number, value: number): void {
    this.#value = value;
    this.#options.stage.drive(us, this.#setpoint(value));
  }

  #setpoint(value: number): Setpoint {
    return this.#options.plan.coupling === 'gal'
      ? { coupling: 'gal', currentPa: Math.round(value * 1e12) }
      : { coupling: 'pot', voltageNv: Math.round(value * 1e9) };
  }

  #newTolerance(): ToleranceBreak | null {
    const { tolerance, coupling, samplingHz } = this.#options.plan;
    return tolerance === null ? null : new ToleranceBreak(tolerance, { coupling, samplingHz });
  }

  /** Since the level began, in whole us: the grid does not drift, whatever the frequency. */
  #usOf(points: number): number {
    const { samplingHz, stepsPerSample } = this.#options.plan;
    return Math.round((points * US_PER_S) / (samplingHz * stepsPerSample));
  }
}
