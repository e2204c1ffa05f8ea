// A level that rises or falls in steps, read at the end of each: linear sweeps of potential and current,
// cyclic voltammetry, and the sweep with an alternating voltage on top.
import { ERRORS, type ErrorCode } from '../error-codes.ts';
import type { Pgstat } from '../pgstat.ts';
import { floatValue, type Value } from '../value.ts';
import { input, microseconds, type Technique, type TechniqueStart } from './technique.ts';

export interface Staircase {
  readonly begin: number;
  readonly end: number;
  readonly step: number;
}

/** All levels of a staircase, both ends included where the step reaches them; fewer than two: no step. */
export function levelsOf({ begin, end, step }: Staircase): readonly number[] {
  const size = Math.abs(step);
  const count = Math.floor(Math.abs(end - begin) / size + 1e-6);
  const direction = Math.sign(end - begin);
  return Array.from({ length: count + 1 }, (_, index) => begin + direction * index * size);
}

/** `meas_loop_lsv E I  e_begin e_end e_step rate` */
export function* sweepPotential(start: TechniqueStart): Technique {
  const { pgstat, inputs } = start;
  return yield* sweep(start, {
    rate: input(inputs, 3),
    apply: (us, level) => pgstat.setPotential(us, level),
    values: (us, level) => [floatValue(level, 'da'), pgstat.read(us).current],
  });
}

/** `meas_loop_lsp E I  i_begin i_end i_step rate` */
export function* sweepCurrent(start: TechniqueStart): Technique {
  const { pgstat, inputs } = start;
  return yield* sweep(start, {
    rate: input(inputs, 3),
    apply: (us, level) => pgstat.setCurrent(us, level),
    values: (us) => {
      const { potential, current } = pgstat.read(us);
      return [potential, current];
    },
  });
}

/** `meas_loop_acv E_dc I_dc E_ac I_ac Zr Zi  e_begin e_end e_step rate amplitude frequency` */
export function* sweepWithAlternating(start: TechniqueStart): Technique {
  const { pgstat, inputs } = start;
  const amplitudeV = input(inputs, 4);
  const frequencyHz = input(inputs, 5);
  return yield* sweep(start, {
    rate: input(inputs, 3),
    apply: (us, level) => pgstat.setPotential(us, level),
    values: (us, level) => {
      const { current } = pgstat.read(us);
      const { real, imaginary } = pgstat.impedance(us, frequencyHz);
      const alternatingA = amplitudeV / Math.hypot(real.value, imaginary.value);
      return [
        floatValue(level, 'da'),
        current,
        floatValue(amplitudeV, 'ch'),
        floatValue(alternatingA, 'cj', current.metadata),
        real,
        imaginary,
      ];
    },
  });
}

interface Sweep {
  /** Per second. */
  readonly rate: number;
  readonly apply: (us: number, level: number) => ErrorCode | null;
  readonly values: (us: number, level: number) => readonly Value[];
}

function* sweep({ startUs, inputs }: TechniqueStart, { rate, apply, values }: Sweep): Technique {
  const staircase = { begin: input(inputs, 0), end: input(inputs, 1), step: input(inputs, 2) };
  const levels = levelsOf(staircase);
  if (levels.length < 2) return ERRORS.noStep;
  const stepTime = microseconds(Math.abs(staircase.step) / rate);
  if (!stepTime.ok) return stepTime.code;
  let us = startUs;
  let nowUs = startUs;
  for (const level of levels) {
    const refused = apply(nowUs, level);
    if (refused !== null) return refused;
    us = yield { kind: 'until', us: Math.round(us + stepTime.us) };
    nowUs = yield { kind: 'point', values: values(us, level) };
  }
  return null;
}

/** `meas_loop_cv E I  e_begin e_vertex1 e_vertex2 e_step rate nscans(n)` */
export function* cyclePotential(start: TechniqueStart): Technique {
  const { pgstat, startUs, inputs, scans, takeReversal } = start;
  const [beginV, stepV, rate] = [input(inputs, 0), Math.abs(input(inputs, 3)), input(inputs, 4)];
  const targets = [input(inputs, 1), input(inputs, 2), beginV];
  const stepTime = microseconds(stepV / rate);
  if (!stepTime.ok) return stepTime.code;
  const targetSteps = targets.map((targetV) => wholeSteps(targetV - beginV, stepV));
  if (targetSteps.every((steps) => steps === 0)) return ERRORS.noStep;
  let us = startUs;
  let nowUs = startUs;
  let position = 0;
  let isFirst = true;
  for (let scan = 0; scan < scans; scan += 1) {
    if (scans > 1) yield { kind: 'scan-began', index: scan };
    for (const target of targetSteps) {
      // `R` gives up the vertex it is on the way to and turns towards the next.
      while ((isFirst || position !== target) && !takeReversal()) {
        if (!isFirst) position += Math.sign(target - position);
        isFirst = false;
        const levelV = beginV + position * stepV;
        const refused = pgstat.setPotential(nowUs, levelV);
        if (refused !== null) return refused;
        us = yield { kind: 'until', us: Math.round(us + stepTime.us) };
        nowUs = yield { kind: 'point', values: cyclePoint(pgstat, us, levelV) };
      }
    }
    if (scans > 1) yield { kind: 'scan-ended' };
  }
  return null;
}

function cyclePoint(pgstat: Pgstat, us: number, levelV: number): readonly Value[] {
  return [floatValue(levelV, 'da'), pgstat.read(us).current];
}

/** Steps towards a vertex, signed; one that is not on the grid is turned at before it. */
function wholeSteps(distance: number, step: number): number {
  return Math.sign(distance) * Math.floor(Math.abs(distance) / step + 1e-6);
}
