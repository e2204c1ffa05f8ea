// Sweeps with pulses on every step, made on the cell for real: differential pulse, square wave and normal
// pulse voltammetry. Each shows a current that the slow part of the cell has little share in.
import { ERRORS, type ErrorCode } from '../error-codes.ts';
import { floatValue } from '../value.ts';
import { levelsOf } from './staircases.ts';
import { input, microseconds, type Technique, type TechniqueStart } from './technique.ts';

/** Two levels, one after the other, and how long each is held. */
interface PulsePair {
  readonly levelsV: readonly [number, number];
  readonly timesUs: readonly [number, number];
}

/** Where the grid of intervals is, and where time is: the script may have taken some. */
interface Times {
  readonly us: number;
  readonly nowUs: number;
}

interface PulseCurrents {
  readonly us: number;
  readonly first: ReturnType<typeof floatValue>;
  readonly second: ReturnType<typeof floatValue>;
}

/** `meas_loop_dpv E I  e_begin e_end e_step e_pulse t_pulse rate`: pulse minus base. */
export function* differentialPulse(start: TechniqueStart): Technique {
  const { startUs, inputs } = start;
  const [pulseV, pulseS, rate] = [input(inputs, 3), input(inputs, 4), input(inputs, 5)];
  const plan = planOf(inputs, { rate, pulseS });
  if (!plan.ok) return plan.code;
  let times: Times = { us: startUs, nowUs: startUs };
  for (const levelV of plan.levelsV) {
    const pair = { levelsV: [levelV, levelV + pulseV], timesUs: plan.timesUs } as const;
    const currents = yield* pulsePair(start, times, pair);
    if (typeof currents === 'string') return currents;
    const difference = currents.second.value - currents.first.value;
    const nowUs = yield {
      kind: 'point',
      values: [floatValue(levelV, 'da'), { ...currents.second, value: difference }],
    };
    times = { us: currents.us, nowUs };
  }
  return null;
}

/** `meas_loop_npv E I  e_begin e_end e_step t_pulse rate`: from the first level up to each in turn. */
export function* normalPulse(start: TechniqueStart): Technique {
  const { startUs, inputs } = start;
  const plan = planOf(inputs, { pulseS: input(inputs, 3), rate: input(inputs, 4) });
  if (!plan.ok) return plan.code;
  const baseV = input(inputs, 0);
  let times: Times = { us: startUs, nowUs: startUs };
  for (const levelV of plan.levelsV) {
    const pair = { levelsV: [baseV, levelV], timesUs: plan.timesUs } as const;
    const currents = yield* pulsePair(start, times, pair);
    if (typeof currents === 'string') return currents;
    const nowUs = yield { kind: 'point', values: [floatValue(levelV, 'da'), currents.second] };
    times = { us: currents.us, nowUs };
  }
  return null;
}

/** `meas_loop_swv E I I_forward I_reverse  e_begin e_end e_step amplitude frequency` */
export function* squareWave(start: TechniqueStart): Technique {
  const { startUs, inputs } = start;
  const staircase = { begin: input(inputs, 0), end: input(inputs, 1), step: input(inputs, 2) };
  const levelsV = levelsOf(staircase);
  if (levelsV.length < 2) return ERRORS.noStep;
  const half = microseconds(0.5 / input(inputs, 4));
  if (!half.ok) return half.code;
  // The forward pulse goes the way of the sweep.
  const forwardV = Math.sign(staircase.end - staircase.begin) * input(inputs, 3);
  let times: Times = { us: startUs, nowUs: startUs };
  for (const levelV of levelsV) {
    const pair = { levelsV: [levelV + forwardV, levelV - forwardV], timesUs: [half.us, half.us] } as const;
    const currents = yield* pulsePair(start, times, pair);
    if (typeof currents === 'string') return currents;
    const { first, second } = currents;
    const nowUs = yield {
      kind: 'point',
      values: [floatValue(levelV, 'da'), { ...first, value: first.value - second.value }, first, second],
    };
    times = { us: currents.us, nowUs };
  }
  return null;
}

type Plan =
  | { readonly ok: true; readonly levelsV: readonly number[]; readonly timesUs: readonly [number, number] }
  | { readonly ok: false; readonly code: ErrorCode };

function planOf(
  inputs: readonly number[],
  { rate, pulseS }: { readonly rate: number; readonly pulseS: number },
): Plan {
  const levelsV = levelsOf({ begin: input(inputs, 0), end: input(inputs, 1), step: input(inputs, 2) });
  if (levelsV.length < 2) return { ok: false, code: ERRORS.noStep };
  const pulse = microseconds(pulseS);
  const base = microseconds(Math.abs(input(inputs, 2)) / rate - pulseS);
  if (!pulse.ok) return pulse;
  return base.ok ? { ok: true, levelsV, timesUs: [base.us, pulse.us] } : base;
}

/** Holds two levels, reads the current at the end of each. */
function* pulsePair(
  { pgstat }: TechniqueStart,
  { us: gridUs, nowUs }: Times,
  { levelsV, timesUs }: PulsePair,
): Generator<{ readonly kind: 'until'; readonly us: number }, PulseCurrents | ErrorCode, number> {
  const firstRefused = pgstat.setPotential(nowUs, levelsV[0]);
  if (firstRefused !== null) return firstRefused;
  const turnUs = yield { kind: 'until', us: Math.round(gridUs + timesUs[0]) };
  const first = pgstat.read(turnUs).current;
  const secondRefused = pgstat.setPotential(turnUs, levelsV[1]);
  if (secondRefused !== null) return secondRefused;
  const us = yield { kind: 'until', us: Math.round(turnUs + timesUs[1]) };
  return { us, first, second: pgstat.read(us).current };
}
