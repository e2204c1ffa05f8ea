// One measurement loop: its marks, its points put into the output variables, the body run for each, and the
// ways it ends. How the cell is driven is the technique's business.
import {
  ABORT,
  type Course,
  failed,
  type Interpreter,
  mustAbort,
  NEXT,
  type Outcome,
  pause,
  specOf,
} from './course.ts';
import { ERRORS } from './error-codes.ts';
import { type EvaluatedArguments, evaluate } from './evaluation.ts';
import { STATUS } from './ranging.ts';
import type { Command, Node } from './script.ts';
import type { TechniqueEvent } from './techniques/technique.ts';
import { TECHNIQUES, type TechniqueEntry } from './techniques/techniques.ts';
import type { Value } from './value.ts';

type MeasurementNode = Extract<Node, { readonly kind: 'measurement' }>;

interface Loop {
  readonly interpreter: Interpreter;
  readonly command: Command;
  readonly args: EvaluatedArguments;
  readonly entry: TechniqueEntry;
  readonly runBody: () => Course<Outcome>;
  /** A scan of `nscans(n)` has begun and not ended. */
  isScanning: boolean;
  /** The script took longer than an interval: the next point says so. */
  isLate: boolean;
}

/** `next`: the technique goes on; `break`: the loop is over, the script goes on. */
export function* measure(
  interpreter: Interpreter,
  { command }: MeasurementNode,
  runBody: () => Course<Outcome>,
): Course<Outcome> {
  const { context, requests } = interpreter;
  const spec = specOf(command);
  const entry = TECHNIQUES[command.name];
  if (entry === undefined) return failed(command, ERRORS.notSupported);
  const evaluated = evaluate(command, spec, context.memory);
  if (!evaluated.ok) return failed(command, evaluated.code);
  const { args } = evaluated;
  if (entry.holds !== 'nothing' && !context.pgstat.isOn) return failed(command, ERRORS.needsCellOn);
  const technique = entry.run({
    pgstat: context.pgstat,
    startUs: context.nowUs,
    inputs: command.args.slice(entry.outputs).map((_, index) => args.number(entry.outputs + index)),
    scans: scansOf(interpreter, command),
    takeReversal: () => takeReversal(interpreter),
  });
  let step = technique.next();
  if (step.done === true && step.value !== null) return failed(command, step.value);
  const loop: Loop = { interpreter, command, args, entry, runBody, isScanning: false, isLate: false };
  context.measuring = { name: command.name, holds: entry.holds };
  requests.isEndingLoop = false;
  context.output.mark(`M${spec.technique ?? ''}`);
  let outcome = NEXT;
  while (step.done !== true && outcome.kind === 'next') {
    outcome = yield* handle(loop, step.value);
    if (outcome.kind === 'next') step = technique.next(context.nowUs);
  }
  context.measuring = null;
  if (outcome.kind === 'failed') return outcome;
  if (step.done === true && step.value !== null) return failed(command, step.value);
  if (loop.isScanning) context.output.mark('-');
  context.output.mark('*');
  return outcome.kind === 'abort' ? outcome : NEXT;
}

function* handle(loop: Loop, event: TechniqueEvent): Course<Outcome> {
  const { output } = loop.interpreter.context;
  switch (event.kind) {
    case 'until':
      return yield* waitForInterval(loop, event.us);
    case 'point':
      return yield* takePoint(loop, event.values);
    case 'scan-began':
      loop.isScanning = true;
      output.mark(`C${event.index.toString(16).toUpperCase().padStart(4, '0')}`);
      return NEXT;
    case 'scan-ended':
      loop.isScanning = false;
      output.mark('-');
      return NEXT;
  }
}

function* waitForInterval(loop: Loop, us: number): Course<Outcome> {
  const { interpreter, command } = loop;
  const { context, faults } = interpreter;
  loop.isLate = us < context.nowUs;
  const overloadUs = faults.overloadUs;
  yield* pause(interpreter, { untilUs: Math.min(us, overloadUs), isInterruptible: false });
  if (context.nowUs < overloadUs) return NEXT;
  // The error ends the script; nothing switches the cell off (manual, 10.1).
  faults.takeOverload();
  return failed(command, ERRORS.criticalOverload);
}

function* takePoint({ interpreter, args, isLate, runBody }: Loop, values: readonly Value[]): Course<Outcome> {
  for (const [index, value] of values.entries()) args.place(index).set(isLate ? late(value) : value);
  const outcome = yield* runBody();
  if (outcome.kind !== 'next') return outcome;
  if (mustAbort(interpreter)) return ABORT;
  return interpreter.requests.isEndingLoop ? { kind: 'break' } : NEXT;
}

function late(value: Value): Value {
  const { metadata } = value;
  return metadata === null
    ? value
    : { ...value, metadata: { ...metadata, status: metadata.status | STATUS.timing } };
}

/** `nscans(n)`; without it there is one scan, and no marks. */
function scansOf({ context }: Interpreter, { options }: Command): number {
  const argument = options.find(({ name }) => name === 'nscans')?.values[0];
  const scans = argument === undefined ? null : context.memory.read(argument);
  return scans?.ok === true ? Math.max(1, Math.trunc(scans.value.value)) : 1;
}

function takeReversal({ requests }: Interpreter): boolean {
  const { isReversing } = requests;
  requests.isReversing = false;
  return isReversing;
}
