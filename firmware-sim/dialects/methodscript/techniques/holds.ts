// One level held for a while: chronopotentiometry, chronoamperometry, open circuit, pulsed amperometry. The
// first point comes at the end of the first interval (inferred), so the last one is the end of the run.
import { ERRORS } from '../error-codes.ts';
import type { Pgstat, PgstatReading } from '../pgstat.ts';
import { floatValue, type Value } from '../value.ts';
import { input, microseconds, type Technique, type TechniqueStart, wholeIntervals } from './technique.ts';

/** `meas_loop_cp E I  i_dc t_interval t_run` */
export function* holdCurrent({ pgstat, startUs, inputs }: TechniqueStart): Technique {
  const refused = pgstat.setCurrent(startUs, input(inputs, 0));
  if (refused !== null) return refused;
  const [intervalS, runS] = [input(inputs, 1), input(inputs, 2)];
  return yield* readings({ pgstat, startUs, intervalS, runS }, ({ potential, current }) => [
    potential,
    current,
  ]);
}

/** `meas_loop_ca E I  e_dc t_interval t_run` */
export function* holdPotential({ pgstat, startUs, inputs }: TechniqueStart): Technique {
  const potentialV = input(inputs, 0);
  const refused = pgstat.setPotential(startUs, potentialV);
  if (refused !== null) return refused;
  const [intervalS, runS] = [input(inputs, 1), input(inputs, 2)];
  return yield* readings({ pgstat, startUs, intervalS, runS }, ({ current }) => [
    floatValue(potentialV, 'da'),
    current,
  ]);
}

/** `meas_loop_ocp E  t_interval t_run`; the cell must be off. */
export function* watchOpenCircuit({ pgstat, startUs, inputs }: TechniqueStart): Technique {
  if (pgstat.isOn) return ERRORS.ocpWithCellOn;
  const [intervalS, runS] = [input(inputs, 0), input(inputs, 1)];
  return yield* readings({ pgstat, startUs, intervalS, runS }, ({ potential }) => [potential]);
}

interface Course {
  readonly pgstat: Pgstat;
  readonly startUs: number;
  readonly intervalS: number;
  readonly runS: number;
}

function* readings(
  { pgstat, startUs, intervalS, runS }: Course,
  valuesOf: (reading: PgstatReading) => readonly Value[],
): Technique {
  const interval = microseconds(intervalS);
  if (!interval.ok) return interval.code;
  const points = wholeIntervals(runS, intervalS);
  if (points < 1) return ERRORS.noStep;
  let us = startUs;
  for (let point = 0; point < points; point += 1) {
    us = yield { kind: 'until', us: Math.round(us + interval.us) };
    yield { kind: 'point', values: valuesOf(pgstat.read(us)) };
  }
  return null;
}

/** Which current a pulsed amperometry shows: before the pulse, at its end, or the difference. */
const PAD_MODES = { before: 1, pulse: 2, difference: 3 } as const;

/** `meas_loop_pad E I  e_dc e_pulse t_pulse t_interval t_run mode` */
export function* pulsedAmperometry({ pgstat, startUs, inputs }: TechniqueStart): Technique {
  const [baseV, pulseV, pulseS] = [input(inputs, 0), input(inputs, 1), input(inputs, 2)];
  const [intervalS, runS, mode] = [input(inputs, 3), input(inputs, 4), input(inputs, 5)];
  if (!Object.values(PAD_MODES).some((known) => known === mode)) return ERRORS.badPadMode;
  const before = microseconds(intervalS - pulseS);
  const pulse = microseconds(pulseS);
  if (!before.ok) return before.code;
  if (!pulse.ok) return pulse.code;
  let us = startUs;
  let nowUs = startUs;
  for (let point = wholeIntervals(runS, intervalS); point > 0; point -= 1) {
    const baseRefused = pgstat.setPotential(nowUs, baseV);
    if (baseRefused !== null) return baseRefused;
    us = yield { kind: 'until', us: Math.round(us + before.us) };
    const base = pgstat.read(us).current;
    const pulseRefused = pgstat.setPotential(us, pulseV);
    if (pulseRefused !== null) return pulseRefused;
    us = yield { kind: 'until', us: Math.round(us + pulse.us) };
    const high = pgstat.read(us).current;
    const current = mode === PAD_MODES.before ? base : high;
    const shown = mode === PAD_MODES.difference ? { ...high, value: high.value - base.value } : current;
    nowUs = yield { kind: 'point', values: [floatValue(mode === 1 ? baseV : pulseV, 'da'), shown] };
  }
  return pgstat.setPotential(nowUs, baseV);
}
