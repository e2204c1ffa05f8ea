// The limits of a step as lines of MethodSCRIPT: judged at each reading inside the measurement loop, safety
// before progress. A limit that strikes says so in a mark, sets `r` and leaves the loop.
import {
  countLiteral,
  currentLiteral,
  voltageLiteral,
} from '../../../frames/dialects/methodscript/literal.ts';
import type { ProgramEndReason } from '../../../steps/step.ts';
import type { HardLimits } from '../../cycler.ts';
import type { PlannedStep } from '../../hosted/step-actuator.ts';

/** Hard limits of voltage and current, by the word of the fault that follows. */
export const HARD_LIMIT_WORDS = ['vhard', 'ihard'] as const;

export interface LimitOptions {
  readonly hard: HardLimits;
  readonly intervalUs: number;
}

export interface LimitLines {
  /** Before the loop: counters at zero. */
  readonly reset: readonly string[];
  /** In the loop, behind the package. */
  readonly judge: readonly string[];
  /** Names of the counters. */
  readonly counters: readonly string[];
}

type LimitWord = ProgramEndReason | (typeof HARD_LIMIT_WORDS)[number];

/** Readings in a row beyond a limit, by limit. */
const COUNTERS = { 'voltage-max': 'c', 'voltage-min': 'd', 'short-floor': 'f' } as const;

export function limitLines(planned: PlannedStep, { hard, intervalUs }: LimitOptions): LimitLines {
  const { step, stepNumber } = planned;
  const { limits, mode } = step;
  const { voltageMaxNv, voltageMinNv, voltageDebounceUs, shortFloorNv, shortFloorDebounceUs } = limits;
  const counters: string[] = [];
  const judge: string[] = [];
  const strike = (word: LimitWord): string[] => strikeLines(stepNumber, word);
  const outside = (word: 'voltage-max' | 'voltage-min', condition: string): void => {
    const count = readingsIn(voltageDebounceUs, intervalUs);
    if (count === 1) return void judge.push(`if ${condition}`, ...strike(word), 'endif');
    const name = COUNTERS[word];
    counters.push(name);
    judge.push(`if ${condition}`, `add_var ${name} 1i`, 'else', `store_var ${name} 0i ja`, 'endif');
    judge.push(`if ${name} >= ${countLiteral(count)}`, ...strike(word), 'endif');
  };
  judge.push(...hardLines(planned, hard));
  if (voltageMaxNv !== null) outside('voltage-max', `e >= ${voltageLiteral(voltageMaxNv)}`);
  if (voltageMinNv !== null) outside('voltage-min', `e <= ${voltageLiteral(voltageMinNv)}`);
  if (mode.kind !== 'rest' && shortFloorNv !== null) {
    const count = readingsIn(shortFloorDebounceUs, intervalUs);
    counters.push(COUNTERS['short-floor']);
    judge.push(...floorLines(shortFloorNv), `if ${COUNTERS['short-floor']} >= ${countLiteral(count)}`);
    judge.push(...strike('short-floor'), 'endif');
  }
  if (mode.kind === 'cv' && limits.currentMinPa !== undefined)
    judge.push(...smallCurrentLines(limits.currentMinPa, strike('current-min')));
  return { reset: counters.map((name) => `store_var ${name} 0i ja`), judge, counters };
}

/** Without debounce, on what is not set: current under a held voltage; nothing at rest, the cell is open. */
function hardLines({ step, stepNumber }: PlannedStep, hard: HardLimits): string[] {
  if (step.mode.kind === 'rest') return [];
  const [name, word, above, below] =
    step.mode.kind === 'cc'
      ? (['e', 'vhard', voltageLiteral(hard.voltageMaxNv), voltageLiteral(hard.voltageMinNv)] as const)
      : (['i', 'ihard', currentLiteral(hard.currentMaxPa), currentLiteral(-hard.currentMaxPa)] as const);
  const strike = strikeLines(stepNumber, word);
  return [`if ${name} > ${above}`, ...strike, `elseif ${name} < ${below}`, ...strike, 'endif'];
}

/** A limit holds from the first reading beyond it: one reading more than its debounce has intervals. */
function readingsIn(debounceUs: number, intervalUs: number): number {
  return 1 + Math.ceil(debounceUs / intervalUs);
}

/** The language has no absolute value: |e| below the floor is neither above it nor below its negative. */
function floorLines(shortFloorNv: number): string[] {
  const name = COUNTERS['short-floor'];
  return [
    `if e >= ${voltageLiteral(shortFloorNv)}`,
    `store_var ${name} 0i ja`,
    `elseif e <= ${voltageLiteral(-shortFloorNv)}`,
    `store_var ${name} 0i ja`,
    'else',
    `add_var ${name} 1i`,
    'endif',
  ];
}

/** As there, at once; a block is not left empty, and to read the timer again changes nothing. */
function smallCurrentLines(currentMinPa: number, strike: readonly string[]): string[] {
  return [
    `if i >= ${currentLiteral(currentMinPa)}`,
    'timer_get t',
    `elseif i <= ${currentLiteral(-currentMinPa)}`,
    'timer_get t',
    'else',
    ...strike,
    'endif',
  ];
}

function strikeLines(stepNumber: number, word: LimitWord): string[] {
  return [`send_string "s${stepNumber} ${word}"`, 'store_var r 1i ja', 'breakloop'];
}
