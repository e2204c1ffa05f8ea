// Impedance over frequency, with a potential or a current held below it. The cell gives its small-signal
// impedance at the end of each frequency's time; the alternating signal itself is not put on it.
import { ERRORS } from '../error-codes.ts';
import { floatValue } from '../value.ts';
import { input, type Technique, type TechniqueStart } from './technique.ts';

/** Inferred: how long a frequency takes; low ones some periods, high ones the settling of the electronics. */
const PERIODS = 3;
const SHORTEST_S = 0.05;

/** `meas_loop_eis f Zr Zi  e_ac f_begin f_end n e_dc` */
export function* potentiostaticSpectrum(start: TechniqueStart): Technique {
  const refused = start.pgstat.setPotential(start.startUs, input(start.inputs, 4));
  return refused ?? (yield* spectrum(start));
}

/** `meas_loop_geis f Zr Zi  i_ac f_begin f_end n i_dc` */
export function* galvanostaticSpectrum(start: TechniqueStart): Technique {
  const refused = start.pgstat.setCurrent(start.startUs, input(start.inputs, 4));
  return refused ?? (yield* spectrum(start));
}

function* spectrum({ pgstat, startUs, inputs }: TechniqueStart): Technique {
  const [beginHz, endHz] = [input(inputs, 1), input(inputs, 2)];
  const points = Math.trunc(input(inputs, 3));
  if (points < 1) return ERRORS.noStep;
  let us = startUs;
  for (let point = 0; point < points; point += 1) {
    const share = points === 1 ? 0 : point / (points - 1);
    const frequencyHz = beginHz * (endHz / beginHz) ** share;
    const timeUs = Math.max(SHORTEST_S, PERIODS / frequencyHz) * 1e6;
    us = yield { kind: 'until', us: Math.round(us + timeUs) };
    const { real, imaginary } = pgstat.impedance(us, frequencyHz);
    yield { kind: 'point', values: [floatValue(frequencyHz, 'dc'), real, imaginary] };
  }
  return null;
}
