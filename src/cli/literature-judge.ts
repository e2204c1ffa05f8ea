// Compares what a run recovered with what was scripted for it: the only place where both are known. Pure.
import type { FailureClass } from './literature-choices.ts';
import {
  halfCycleHoursOf,
  type Scripted,
  type ScriptedEfficiency,
  type ScriptedLife,
} from './literature-plan.ts';
import type { RecoveredRun } from './literature-task.ts';

export interface Judgement {
  readonly isRecovered: boolean;
  /** What differs, in words; empty where nothing does. */
  readonly misses: readonly string[];
}

/**
 * Onset of a failure: half-cycles that it may be off, beside what the instrument's own current error makes of
 * it.
 */
const ONSET_HALF_CYCLES = 2;
/** Uncertainties that an efficiency may be off. */
const EFFICIENCY_UNCERTAINTIES = 2;

/** The verdict by which the simple rules of a run tell a failure. */
export const VERDICT_OF: Readonly<Record<FailureClass, string>> = {
  'hard-short': 'hard-short',
  'fluctuating-shorts': 'hard-short',
  polarisation: 'voltage-limit',
  'open-circuit': 'voltage-limit',
};

export function judgeRun(scripted: Scripted, recovered: RecoveredRun): Judgement {
  const misses =
    scripted.kind === 'life' ? lifeMisses(scripted, recovered) : efficiencyMisses(scripted, recovered);
  return { isRecovered: misses.length === 0, misses };
}

/** Half-cycles between the scripted end and the recovered one; positive: recovered later. */
export function onsetErrorHalfCycles({ hours, condition }: ScriptedLife, recovered: RecoveredRun): number {
  return (recovered.hours - hours) / halfCycleHoursOf(condition);
}

/** Uncertainties between the scripted efficiency and the recovered one; positive: recovered above. */
export function efficiencyError({ percent }: ScriptedEfficiency, recovered: RecoveredRun): number | null {
  const { efficiency } = recovered;
  return efficiency && (efficiency.percent - percent) / efficiency.uncertaintyPercent;
}

function lifeMisses(scripted: ScriptedLife, recovered: RecoveredRun): string[] {
  const { failure, hours } = scripted;
  const wanted = failure === null ? 'completed' : VERDICT_OF[failure];
  const misses: string[] = [];
  if (recovered.verdict !== wanted)
    misses.push(`verdict ${recovered.verdict ?? 'none'} instead of ${wanted} (${recovered.reason})`);
  const error = onsetErrorHalfCycles(scripted, recovered);
  if (failure === null && recovered.hours < hours) misses.push(`${hours} h is a bound, ended before it`);
  const allowed = ONSET_HALF_CYCLES + (recovered.currentError * hours) / halfCycleHoursOf(scripted.condition);
  if (failure !== null && Math.abs(error) > allowed)
    misses.push(`onset off by ${error.toFixed(1)} half-cycles, allowed ${allowed.toFixed(1)}`);
  return misses;
}

function efficiencyMisses(scripted: ScriptedEfficiency, recovered: RecoveredRun): string[] {
  const { efficiency, verdict, reason } = recovered;
  if (efficiency === null) return [`no efficiency (verdict ${verdict ?? 'none'}: ${reason})`];
  const misses: string[] = [];
  if (verdict !== 'completed') misses.push(`verdict ${verdict ?? 'none'} instead of completed (${reason})`);
  if (efficiency.cycles !== scripted.cycles)
    misses.push(`${efficiency.cycles} cycles instead of ${scripted.cycles}`);
  const error = efficiencyError(scripted, recovered) ?? 0;
  const isOff =
    scripted.qualifier === '>'
      ? error < -EFFICIENCY_UNCERTAINTIES
      : Math.abs(error) > EFFICIENCY_UNCERTAINTIES;
  if (isOff)
    misses.push(`efficiency off by ${error.toFixed(1)} uncertainties, allowed ${EFFICIENCY_UNCERTAINTIES}`);
  return misses;
}
