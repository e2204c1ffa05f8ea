// The step: one bounded action of a channel. What a protocol asks for and an instrument executes.
// Integers in base units from here to the wire and the file: pA, nV, us, nC (exact; all below 2^53).
// Never holds a number without a bound in time: `durationMaxUs` is not optional.

/** What a step does; an instrument declares which kinds it can. */
export type StepMode =
  | { readonly kind: 'rest' }
  /** Constant current; sign: positive strips the working electrode, negative plates it. Never 0. */
  | { readonly kind: 'cc'; readonly currentPa: number }
  /** Constant voltage (chronoamperometry). */
  | { readonly kind: 'cv'; readonly voltageNv: number }
  | SweepMode
  | ImpedanceMode;
export type StepModeKind = StepMode['kind'];

/** From one voltage to each vertex in turn, in stairs (linear sweep with one vertex, else cyclic). */
export interface SweepMode {
  readonly kind: 'sweep';
  readonly fromNv: number;
  /** One: a linear sweep. Two: to the first, to the second, and back to `fromNv`, `scans` times. */
  readonly verticesNv: readonly number[];
  readonly rateNvPerS: number;
  readonly stepNv: number;
  readonly scans: number;
}

/**
 * A spectrum under a bias of voltage (EIS) or current (GEIS); the amplitude (effective) is of the same
 * kind.
 */
export interface ImpedanceMode {
  readonly kind: 'eis';
  readonly bias:
    | { readonly kind: 'voltage'; readonly voltageNv: number; readonly amplitudeNv: number }
    | { readonly kind: 'current'; readonly currentPa: number; readonly amplitudePa: number };
  readonly fromMilliHz: number;
  readonly toMilliHz: number;
  /** Spaced evenly in the logarithm. */
  readonly points: number;
}

/** When and how much to record; edges of a step are always recorded. */
export interface RecordRule {
  readonly everyUs: number;
  /** Also when V has moved this far since the last record; null: off. */
  readonly voltageDeltaNv: number | null;
  readonly currentDeltaPa: number | null;
  /** More often at the start of the step, for nucleation and pulses; absent: no burst. */
  readonly burst?: { readonly everyUs: number; readonly forUs: number };
}

/** Ends of a step, besides its maximum duration. null: no such limit. */
export interface StepLimits {
  /** |charge of this step| reaches it. */
  readonly stepChargeNc: number | null;
  /**
   * The run's net counter reaches it, moving with the current: carries overshoot into the next half-cycle.
   */
  readonly netChargeNc: number | null;
  /** |charge of this step| reaches this part of that of the step before (1 200 000 ppm = 1.2 x). */
  readonly lastStepChargePpm: number | null;
  readonly voltageMaxNv: number | null;
  readonly voltageMinNv: number | null;
  /** How long a voltage limit must hold before it ends the step. */
  readonly voltageDebounceUs: number;
  /** |V| below this is a short. */
  readonly shortFloorNv: number | null;
  readonly shortFloorDebounceUs: number;
  /** |I| falls below it: the end of a constant-voltage step. Absent: no such limit, as in every cc step. */
  readonly currentMinPa?: number;
}

export const NO_LIMITS: StepLimits = {
  stepChargeNc: null,
  netChargeNc: null,
  lastStepChargePpm: null,
  voltageMaxNv: null,
  voltageMinNv: null,
  voltageDebounceUs: 0,
  shortFloorNv: null,
  shortFloorDebounceUs: 0,
};

/** What part of an experiment a step belongs to; decides what analysis makes of it. */
export type StepPhase = 'ocv' | 'contact' | 'wetting' | 'conditioning' | 'cycling' | 'rest' | 'diagnostic';

export interface Step {
  /** Name of the program step, e.g. `plating`. Repeats; the step number does not. */
  readonly programStep: string;
  readonly phase: StepPhase;
  /** 0 outside the main cycles. */
  readonly cycle: number;
  /** Which half of a cycle this is; null for a rest. */
  readonly half: 'plate' | 'strip' | null;
  readonly completesCycle: boolean;
  readonly mode: StepMode;
  readonly durationMaxUs: number;
  /** How long it takes when nothing is wrong; plans and look-ahead only, never a limit. */
  readonly durationExpectedUs: number;
  readonly limits: StepLimits;
  readonly record: RecordRule;
  /** False where the next step depends on measured values: then nothing is preloaded behind it. */
  readonly allowsLookAhead: boolean;
  /** The run holds before this step, for this reason, until the operator resumes. Absent: it does not. */
  readonly holdReason?: string;
}

/** Ends a step can come to by its own rules. Only these may lead to a preloaded child. */
export const PROGRAM_END_REASONS = [
  'voltage-max',
  'voltage-min',
  'short-floor',
  'net-charge',
  'step-charge',
  'last-step-charge',
  'current-min',
  'duration',
] as const;
export type ProgramEndReason = (typeof PROGRAM_END_REASONS)[number];
/**
 * Ends that were forced upon it. `link-lost`: the instrument cannot say what became of it meanwhile.
 * `device-reset`: it was reset, or what it knew is gone with an earlier daemon; ended at the last sample.
 */
export type ForcedEndReason = 'off' | 'stop-byte' | 'lease' | 'fault' | 'link-lost' | 'device-reset';
/** `skipped`: the operator had it ended, by an `off`; unlike after a forced end the program goes on. */
export type EndReason = ProgramEndReason | ForcedEndReason | 'skipped';

export function isProgramEnd(reason: EndReason): reason is ProgramEndReason {
  return (PROGRAM_END_REASONS as readonly string[]).includes(reason);
}

/** The ends this step can come to, in the order in which they win at one tick: safety before progress. */
export function possibleEnds(step: Step): ProgramEndReason[] {
  const { limits } = step;
  const isSet: Record<ProgramEndReason, boolean> = {
    'voltage-max': limits.voltageMaxNv !== null,
    'voltage-min': limits.voltageMinNv !== null,
    'short-floor': limits.shortFloorNv !== null,
    'net-charge': limits.netChargeNc !== null,
    'step-charge': limits.stepChargeNc !== null,
    'last-step-charge': limits.lastStepChargePpm !== null,
    'current-min': limits.currentMinPa !== undefined,
    duration: true,
  };
  return PROGRAM_END_REASONS.filter((reason) => isSet[reason]);
}

/** One step of a look-ahead tree, with what follows each end. */
export interface TreeNode {
  /** Unique in the run, rising; a child's is larger than its parent's. */
  readonly id: number;
  /** Counts steps as executed; a child's is its parent's + 1; branches share it. */
  readonly stepNumber: number;
  readonly step: Step;
  readonly children: Readonly<Partial<Record<ProgramEndReason, number>>>;
}

/** A bounded tree of coming steps; `nodes[0]` is the root, ids rise. */
export interface LookAheadTree {
  readonly nodes: readonly [TreeNode, ...TreeNode[]];
}
