// A protocol as its author wrote it: the tree of steps with expressions not worked out yet, and for each part
// the place where it stands. Made by `parse-tree.ts` from YAML or JSON, worked out by `resolve-tree.ts` for
// given parameters and one cell. Nothing here is expanded: a group is one node, whatever its count.
import type { Derived } from '../steps/derived.ts';
import type { ParameterTable } from '../steps/parameters.ts';
import type { Verdict } from '../steps/protocol.ts';
import type { StepPhase } from '../steps/step.ts';
import type { Condition, Expression, Place } from './expression.ts';

/** What a protocol expects on the bench: decides the pre-flight window and the contact check. */
export const CELL_KINDS = ['zn-zn', 'zn-cu', 'full-cell', 'other'] as const;
export type CellKind = (typeof CELL_KINDS)[number];

export interface SourceProtocol {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly about: string;
  readonly cell: SourceCell;
  /** null: nothing beyond what every run has. */
  readonly derives: Derived | null;
  readonly parameters: ParameterTable;
  /** Named intermediate results, in the order in which they may refer to each other. */
  readonly values: readonly { readonly name: string; readonly at: Place; readonly expression: Expression }[];
  readonly require: readonly SourceRequirement[];
  readonly safety: SourceSafety;
  readonly steps: readonly SourceItem[];
}

export interface SourceCell {
  readonly kind: CellKind;
  /** Window of the resting voltage before any current; null: that of the kind. */
  readonly restingFrom: Expression | null;
  readonly restingTo: Expression | null;
  /** Contact check; null: that of the kind. */
  readonly contact: 'both-directions' | 'plating-only' | 'none' | null;
}

/** A condition that must hold before anything starts, with what to say where it does not. */
export interface SourceRequirement {
  readonly at: Place;
  readonly that: Condition;
  readonly reason: string;
}

/** Hard limits of the cell, kept apart from step ends; null: from the steps' own. */
export interface SourceSafety {
  readonly voltageAbove: Expression | null;
  readonly voltageBelow: Expression | null;
  readonly current: Expression | null;
  readonly netCharge: Expression | null;
}

export type SourceItem = SourceStep | SourceGroup;

/** Common to steps and groups. */
interface SourcePart {
  readonly at: Place;
  /** Target of `go to`, name of the program step; null: from the kind. Lower case, words joined by `-`. */
  readonly label: string | null;
  /** Left out where it does not hold. */
  readonly when: Condition | null;
  /** Only in every n-th pass of the group around it; null: in each. */
  readonly every: Expression | null;
}

export interface SourceGroup extends SourcePart {
  readonly kind: 'group';
  /** How often; a pure number. */
  readonly count: Expression;
  /** `cycles:` counts the cycles of the run, `repeat:` does not. At most one `cycles` on any path. */
  readonly countsCycles: boolean;
  /** `each: {j: [1 mA/cm2, 2 mA/cm2]}`: once for each value, under that name; null: a plain group. */
  readonly each: { readonly name: string; readonly of: readonly Expression[] } | null;
  readonly items: readonly SourceItem[];
}

export interface SourceStep extends SourcePart {
  readonly kind: 'step';
  readonly mode: SourceMode;
  readonly phase: StepPhase | null;
  readonly limits: readonly SourceLimit[];
  /** Bound in time where no `time` limit ends the step; null: from charge and current. */
  readonly atMost: Expression | null;
  readonly record: SourceRecord;
}

/** `plate` and `strip` take a magnitude and are half-cycles; `cc` takes a sign and is none. */
export type SourceMode =
  | { readonly kind: 'rest' }
  | { readonly kind: 'cc' | 'plate' | 'strip'; readonly current: Expression }
  /** A short cc step for a resistance: its time stands in its name. */
  | { readonly kind: 'pulse'; readonly current: Expression }
  | { readonly kind: 'cv'; readonly voltage: Expression }
  | {
      readonly kind: 'sweep';
      readonly from: Expression;
      /** One: linear. Two: cyclic. */
      readonly to: readonly Expression[];
      /** Voltage per time. */
      readonly rate: Expression;
      readonly step: Expression;
      readonly scans: Expression | null;
    }
  | {
      readonly kind: 'eis';
      readonly bias: Expression;
      /** Of the same dimension as the bias: voltage (EIS) or current (GEIS). */
      readonly amplitude: Expression;
      /** 1/time. */
      readonly from: Expression;
      readonly to: Expression;
      readonly points: Expression;
    };

export type LimitQuantity =
  | 'time'
  | 'charge'
  | 'net charge'
  | 'last charge'
  | 'voltage above'
  | 'voltage below'
  | 'current below'
  | 'short floor';

/** One end of a step: the quantity, the value, what then, and why. */
export interface SourceLimit {
  readonly at: Place;
  readonly quantity: LimitQuantity;
  readonly value: Expression;
  /** How long it must hold (voltages and short floor only); null: at once. */
  readonly holdsFor: Expression | null;
  readonly then: SourceOutcome;
}

export type SourceOutcome =
  | { readonly kind: 'next' }
  | { readonly kind: 'end group' }
  | { readonly kind: 'end run'; readonly verdict: Verdict; readonly reason: string | null }
  | { readonly kind: 'hold'; readonly reason: string }
  /** `atMost`: how often in a run; then the run ends with verdict fault. */
  | { readonly kind: 'go to'; readonly label: string; readonly atMost: Expression; readonly at: Place };

export interface SourceRecord {
  /** null: min(10 s, a 360th of the expected duration). */
  readonly every: Expression | null;
  readonly voltage: Expression | null;
  readonly current: Expression | null;
  readonly burst: { readonly every: Expression; readonly lasting: Expression } | null;
}

/** What is wrong with a text, and where. One line: what was found, what is allowed, what to do. */
export interface SourceProblem extends Place {
  readonly message: string;
}
