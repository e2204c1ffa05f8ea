// One step of a tree: from expressions to a bounded step in integers, with what follows each of its ends.
// Pure; what is wrong goes to the sheet, and nothing half worked out leaves this file.
import { assert } from '../base/assert.ts';
import { activityOf } from '../steps/half-cycle.ts';
import type { Step, StepPhase } from '../steps/step.ts';
import type { Place } from './expression.ts';
import { type Foreseen, resolveEnds } from './resolve-limits.ts';
import { type ResolvedMode, resolveMode } from './resolve-mode.ts';
import { recordRule } from './resolve-record.ts';
import type { Sheet } from './resolve-values.ts';
import type { CellKind, SourceMode, SourceStep } from './source-tree.ts';
import type { TreeStep } from './tree.ts';

/** A step whose name is not unique yet, and whose `go to` still names what its author wrote. */
export interface DraftStep extends TreeStep {
  readonly at: Place;
  /** As the author wrote it; null: none. */
  readonly sourceLabel: string | null;
  /** `-1` in the first pass of an `each`. */
  readonly suffix: string;
  /** Its bound in time is that of this target of the net counter; null: it is not. */
  readonly netTargetNc: number | null;
}

export interface StepContext {
  readonly cellKind: CellKind;
  readonly isInCycles: boolean;
  readonly suffix: string;
  readonly every: number;
  /** Written forward here. */
  readonly foreseen: Foreseen;
}

export function resolveStep(sheet: Sheet, source: SourceStep, context: StepContext): DraftStep | null {
  const mode = resolveMode(sheet, source.mode, { at: source.at, cellKind: context.cellKind });
  if (mode === null) return null;
  const phase = source.phase ?? phaseOf(source.mode, context.isInCycles);
  const isTimed = source.limits.some(({ quantity }) => quantity === 'time');
  assert(source.mode.kind !== 'pulse' || isTimed, 'a pulse has a limit of time: it is its name');
  const word = source.label ?? wordOf(source.mode, mode, phase);
  const ends = resolveEnds(sheet, source, { mode, label: word, foreseen: context.foreseen });
  if (ends === null) return null;
  const record = recordRule(sheet, source.record, ends.durationExpectedUs);
  if (record === null) return null;
  const label = source.mode.kind === 'pulse' ? `${word}-${shortTime(ends.durationMaxUs)}` : word;
  const holds = Object.values(ends.ends).some(({ then }) => then === 'hold');
  const step: Step = {
    programStep: label,
    phase,
    cycle: 0,
    half: mode.half,
    completesCycle: false,
    mode: mode.step,
    durationMaxUs: ends.durationMaxUs,
    durationExpectedUs: ends.durationExpectedUs,
    limits: ends.limits,
    record,
    // Behind a hold nothing may start before the operator says so.
    allowsLookAhead: !holds,
  };
  foresee(context.foreseen, step);
  const { suffix, every } = context;
  const { at, label: sourceLabel } = source;
  const { netTargetNc } = ends;
  return { kind: 'step', label, every, step, ends: ends.ends, at, sourceLabel, suffix, netTargetNc };
}

function phaseOf({ kind }: SourceMode, isInCycles: boolean): StepPhase {
  if (kind === 'rest') return 'rest';
  if (kind === 'plate' || kind === 'strip') return isInCycles ? 'cycling' : 'conditioning';
  return kind === 'cc' && isInCycles ? 'cycling' : 'diagnostic';
}

function wordOf({ kind }: SourceMode, { half }: ResolvedMode, phase: StepPhase): string {
  if (half !== null) return `${phase}-${activityOf(half)}`;
  return kind === 'rest' && (phase === 'wetting' || phase === 'ocv') ? phase : kind;
}

/** `10ms`, `2s`, `5min`: whole numbers of the largest unit that has one. */
export function shortTime(us: number): string {
  const units = [
    ['h', 3_600_000_000],
    ['min', 60_000_000],
    ['s', 1_000_000],
    ['ms', 1000],
  ] as const;
  const found = units.find(([, size]) => us >= size && us % size === 0);
  return found === undefined ? `${us}us` : `${us / found[1]}${found[0]}`;
}

/** What the counters of charge will say after this step, where nothing goes wrong. */
function foresee(foreseen: Foreseen, { mode, limits, durationExpectedUs }: Step): void {
  if (mode.kind !== 'cc') return;
  // pA us is 1e-9 nC.
  const chargeNc = Math.round((Math.abs(mode.currentPa) * durationExpectedUs) / 1e9);
  foreseen.netNc = limits.netChargeNc ?? foreseen.netNc + Math.sign(mode.currentPa) * chargeNc;
  foreseen.lastChargeNc = chargeNc;
}
