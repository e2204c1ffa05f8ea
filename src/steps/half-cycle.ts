// Steps that every plating-stripping protocol is made of: a rest, and one half-cycle by charge or by time.
// Pure builders; what a step's end means is the protocol's business.
import { multiplyDivide, perArea } from '../base/quantity.ts';
import { NO_LIMITS, type Step, type StepPhase } from './step.ts';

/** Current, charge and time of one kind of half-cycle, resolved for the cell's area. */
export interface HalfCyclePlan {
  readonly currentPa: number;
  readonly chargeNc: number;
  readonly durationUs: number;
}

/** From pA/cm2, nC/cm2 and 1e-6 cm2; t = q/j (electrochem notes, section 1). */
export function halfCyclePlan(options: {
  readonly density: number;
  readonly arealCharge: number;
  readonly areaUcm2: number;
}): HalfCyclePlan {
  const currentPa = perArea(options.density, options.areaUcm2);
  const chargeNc = perArea(options.arealCharge, options.areaUcm2);
  // nC / pA = 1000 s.
  return { currentPa, chargeNc, durationUs: multiplyDivide(chargeNc, 1_000_000_000, currentPa) };
}

export interface HalfCycleStepOptions {
  readonly plan: HalfCyclePlan;
  readonly phase: StepPhase;
  readonly cycle: number;
  readonly half: 'plate' | 'strip';
  readonly completesCycle: boolean;
  /** Where the run's net counter must end; null: the half-cycle ends by time. */
  readonly netChargeNc: number | null;
  readonly voltageLimitNv: number;
  readonly voltageDebounceUs: number;
  /** 0: min(10 s, half-cycle/360). */
  readonly recordEveryUs: number;
  /** 0: off. */
  readonly recordVoltageDeltaNv: number;
}

const RECORD_LONGEST_US = 10_000_000;
const RECORD_SHORTEST_US = 1000;

export function halfCycleStep(options: HalfCycleStepOptions): Step {
  const { plan, half, netChargeNc, voltageLimitNv, voltageDebounceUs, recordEveryUs } = options;
  const isByCharge = netChargeNc !== null;
  const automaticUs = Math.min(RECORD_LONGEST_US, Math.floor(plan.durationUs / 360_000) * 1000);
  return {
    programStep: `${options.phase}-${half === 'plate' ? 'plating' : 'stripping'}`,
    phase: options.phase,
    cycle: options.cycle,
    half,
    completesCycle: options.completesCycle,
    mode: { kind: 'cc', currentPa: half === 'strip' ? plan.currentPa : -plan.currentPa },
    // By charge, time is only the bound: a tenth more than q/j takes at the set current.
    durationMaxUs: plan.durationUs + (isByCharge ? Math.ceil(plan.durationUs / 10) + 1_000_000 : 0),
    durationExpectedUs: plan.durationUs,
    limits: {
      ...NO_LIMITS,
      netChargeNc,
      voltageMaxNv: voltageLimitNv,
      voltageMinNv: -voltageLimitNv,
      voltageDebounceUs,
    },
    record: {
      everyUs: Math.max(RECORD_SHORTEST_US, recordEveryUs === 0 ? automaticUs : recordEveryUs),
      voltageDeltaNv: options.recordVoltageDeltaNv === 0 ? null : options.recordVoltageDeltaNv,
      currentDeltaPa: null,
    },
    allowsLookAhead: true,
  };
}

/** Open circuit for a time, with the voltage recorded. */
export function restStep(options: {
  readonly programStep: string;
  readonly phase: StepPhase;
  readonly durationUs: number;
  readonly recordEveryUs: number;
}): Step {
  return {
    programStep: options.programStep,
    phase: options.phase,
    cycle: 0,
    half: null,
    completesCycle: false,
    mode: { kind: 'rest' },
    durationMaxUs: options.durationUs,
    durationExpectedUs: options.durationUs,
    limits: NO_LIMITS,
    record: { everyUs: options.recordEveryUs, voltageDeltaNv: null, currentDeltaPa: null },
    allowsLookAhead: true,
  };
}
