// `meas_fast_cv E[] I[] n  e_begin e_vertex1 e_vertex2 e_step rate`: a cyclic sweep into arrays, without a
// body, whose points a script sends afterwards.
import { type Course, failed, type Interpreter, NEXT, type Outcome, pause } from './course.ts';
import { ERRORS } from './error-codes.ts';
import type { EvaluatedArguments } from './evaluation.ts';
import type { Command } from './script.ts';
import { cyclePotential } from './techniques/staircases.ts';
import { UNSET } from './value.ts';

const FIRST_INPUT = 3;
const TECHNIQUE = 'M0010';

export function* fastCyclic(
  interpreter: Interpreter,
  command: Command,
  args: EvaluatedArguments,
): Course<Outcome> {
  const { context } = interpreter;
  if (!context.pgstat.isOn) return failed(command, ERRORS.needsCellOn);
  const technique = cyclePotential({
    pgstat: context.pgstat,
    startUs: context.nowUs,
    inputs: command.args.slice(FIRST_INPUT).map((_, index) => args.number(FIRST_INPUT + index)),
    scans: 1,
    takeReversal: () => false,
  });
  const [potentials, currents] = [args.array(0), args.array(1)];
  let count = 0;
  let step = technique.next();
  if (step.done !== true) context.output.mark(TECHNIQUE);
  while (step.done !== true) {
    const event = step.value;
    if (event.kind === 'until') yield* pause(interpreter, { untilUs: event.us, isInterruptible: false });
    if (event.kind === 'point') {
      if (count >= Math.min(potentials.length, currents.length))
        return failed(command, ERRORS.indexOutOfBounds);
      const [potential = UNSET, current = UNSET] = event.values;
      potentials[count] = potential;
      currents[count] = current;
      count += 1;
    }
    step = technique.next(context.nowUs);
  }
  if (step.value !== null) return failed(command, step.value);
  args.place(2).set({ ...UNSET, value: count, isInteger: true, type: 'ja' });
  context.output.mark('*');
  return NEXT;
}
