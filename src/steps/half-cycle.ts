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

/** What ends a half-cycle when nothing is wrong. */
export type HalfCycleEnd =
  /** The run's net counter: overshoot is carried into the next half-cycle. */
  | { readonly by: 'net-charge'; readonly netChargeNc: number }
  /** The charge of the plan, counted from the start of this step. */
  | { readonly by: 'step-charge' }
  | { readonly by: 'time' }
  /** The upper voltage limit; the guard bounds the charge by that of the half-cycle before. */
  | { readonly by: 'cut-off'; readonly guardPpm: number };

export interface HalfCycleStepOptions {
  readonly plan: HalfCyclePlan;
  readonly phase: StepPhase;
  readonly cycle: number;
  readonly half: HalfCycleName;
  readonly completesCycle: boolean;
  readonly end: HalfCycleEnd;
  readonly voltageMaxNv: number;
  readonly voltageMinNv: number;
  readonly voltageDebounceUs: number;
  /** 0: min(10 s, half-cycle/360). */
  readonly recordEveryUs: number;
  /** 0: off. */
  readonly recordVoltageDeltaNv: number;
}

export type HalfCycleName = 'plate' | 'strip';

const RECORD_LONGEST_US = 10_000_000;
const RECORD_SHORTEST_US = 1000;

export function halfCycleStep(options: HalfCycleStepOptions): Step {
  const { plan, half, end, recordEveryUs } = options;
  const automaticUs = Math.min(RECORD_LONGEST_US, Math.floor(plan.durationUs / 360_000) * 1000);
  return {
    programStep: `${options.phase}-${activityOf(half)}`,
    phase: options.phase,
    cycle: options.cycle,
    half,
    completesCycle: options.completesCycle,
    mode: { kind: 'cc', currentPa: half === 'strip' ? plan.currentPa : -plan.currentPa },
    durationMaxUs: longestUs(plan, end),
    durationExpectedUs: plan.durationUs,
    limits: {
      ...NO_LIMITS,
      stepChargeNc: end.by === 'step-charge' ? plan.chargeNc : null,
      netChargeNc: end.by === 'net-charge' ? end.netChargeNc : null,
      lastStepChargePpm: end.by === 'cut-off' ? end.guardPpm : null,
      voltageMaxNv: options.voltageMaxNv,
      voltageMinNv: options.voltageMinNv,
      voltageDebounceUs: options.voltageDebounceUs,
    },
    record: {
      everyUs: Math.max(RECORD_SHORTEST_US, recordEveryUs === 0 ? automaticUs : recordEveryUs),
      voltageDeltaNv: options.recordVoltageDeltaNv === 0 ? null : options.recordVoltageDeltaNv,
      currentDeltaPa: null,
    },
    allowsLookAhead: true,
  };
}

/** By charge, time is only the bound: a tenth more than it takes at the set current. */
function longestUs({ durationUs }: HalfCyclePlan, end: HalfCycleEnd): number {
  if (end.by === 'time') return durationUs;
  const expectedUs = end.by === 'cut-off' ? Math.ceil((durationUs * end.guardPpm) / 1e6) : durationUs;
  return expectedUs + Math.ceil(expectedUs / 10) + 1_000_000;
}

/** As operators and step names say it. */
export function activityOf(half: HalfCycleName): 'plating' | 'stripping' {
  return half === 'plate' ? 'plating' : 'stripping';
}

/** A voltage as reasons tell it: sign and millivolts, e.g. `+0.500 V`. */
export function signedVolts(voltageNv: number): string {
  const text = (Math.abs(voltageNv) / 1e9).toFixed(3);
  return `${voltageNv < 0 ? '-' : '+'}${text} V`;
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
