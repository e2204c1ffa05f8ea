// What a protocol is: a table of parameters, and a pure XState machine each of whose states names its step.
// Safety is not its business: hard limits and pre-flight windows are data that the run lifecycle enforces.
import type { AnyStateMachine } from 'xstate';
import type { Derived } from './derived.ts';
import type { MachineSnapshot } from './machine.ts';
import type { AnyParameterValues, ParameterTable } from './parameters.ts';
import type { Step } from './step.ts';

export const VERDICTS = [
  'completed',
  'stopped',
  'open-circuit',
  'hard-short',
  'short-asymmetric',
  'soft-short-transient',
  'soft-short-persistent',
  'soft-short-dynamic',
  'low-ce',
  'exhaustion',
  'polarisation',
  'voltage-limit',
  'fault',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** How a program ended. */
export interface Outcome {
  readonly verdict: Verdict;
  /** One line for the operator. */
  readonly reason: string;
}

/** A machine with the step that each of its states names. Total: null only in a final state. */
export interface Program {
  readonly machine: AnyStateMachine;
  stepOf(snapshot: MachineSnapshot): Step | null;
  /** Asked only of a final snapshot. */
  outcomeOf(snapshot: MachineSnapshot): Outcome;
}

/** What must be true of the cell before any real current flows. */
export interface PreflightPlan {
  readonly ocvMinNv: number;
  readonly ocvMaxNv: number;
  /** What a voltage outside the window usually means, for the operator. */
  readonly ocvHint: string;
  /**
   * `both-directions`: zinc on both sides, a pulse strips what the next one plates back. `plating-only`: a
   * bare working electrode has nothing to strip. `none`: a cell that no current may touch before its time;
   * only its resting voltage is looked at.
   */
  readonly contact: 'both-directions' | 'plating-only' | 'none';
  /** Magnitude of the current of the contact check. */
  readonly contactCurrentPa: number;
  /**
   * Area-specific resistance seen by it, in 1e-3 ohm cm2. The lower bound is not asked of a bare electrode.
   */
  readonly resistanceMinMohmCm2: number;
  readonly resistanceMaxMohmCm2: number;
  readonly areaUcm2: number;
}

/** Cell limits above every step's own; exceeding one opens the cell and latches a fault. */
export interface CellLimits {
  readonly voltageMaxNv: number;
  readonly voltageMinNv: number;
  readonly currentMaxPa: number;
  readonly netChargeMaxNc: number;
}

/** When a half-cycle's plateau is too low to be anything but a short, and what is done then. */
export interface ShortFloorPlan {
  /** Of the cell's own baseline. */
  readonly ratioPpm: number;
  /** So many main half-cycles below it in a row. */
  readonly halfCycles: number;
  readonly action: 'stop' | 'record';
  readonly areaUcm2: number;
}

/** A protocol with its parameters resolved for one cell. */
export interface PreparedProtocol extends Program {
  readonly preflight: PreflightPlan;
  readonly cellLimits: CellLimits;
  /** null: not watched. */
  readonly shortFloor: ShortFloorPlan | null;
  /** All that it can ask for, where that is known without a walk: a walk ends before a long program does. */
  readonly everyStep?: readonly Step[];
  /** The largest current it will ever ask for. */
  readonly currentMaxPa: number;
  readonly plan: ProtocolPlan;
  /** What is measured between cycles; null: nothing. */
  readonly diagnostics: Diagnostics | null;
}

/**
 * A program that runs from its start behind each cycle whose number is a multiple of `everyCycles`, where the
 * protocol goes on after it. One that does not end as completed ends the run.
 */
export interface Diagnostics {
  readonly everyCycles: number;
  readonly program: Program;
}

/** What is known before the start, for `protocol check` and progress. */
export interface ProtocolPlan {
  readonly cycles: number;
  readonly steps: number;
  readonly durationUs: number;
  /** Plated in the main cycles. */
  readonly platedChargeNc: number;
}

export interface CellGeometry {
  readonly areaUcm2: number;
}

export type PrepareResult =
  | { readonly ok: true; readonly prepared: PreparedProtocol; readonly values: AnyParameterValues }
  | { readonly ok: false; readonly problems: readonly string[] };

/** A text in the language of protocols. */
export interface ProtocolSource {
  /** As problems name it: a path as the operator gave it, or a name. */
  readonly fileName: string;
  readonly text: string;
}

export interface Protocol {
  readonly name: string;
  /** Raised whenever the machine changes: a stored snapshot of another version is refused. */
  readonly version: number;
  readonly title: string;
  readonly about: string;
  /** What is computed from a finished run of it; null: nothing beyond what every run has. */
  readonly derives: Derived | null;
  readonly parameters: ParameterTable;
  /**
   * What it was made of, where that is a text: goes with the run, which can be gone on with from it alone.
   */
  readonly source?: ProtocolSource;
  /** Parses the parameters and builds the machine; expands nothing. */
  prepare(given: Readonly<Record<string, unknown>>, cell: CellGeometry): PrepareResult;
}
