// Walks the tree of a script: a coroutine that stops where time must pass and goes on when it has. It writes
// lines, drives the potentiostat and never looks at a clock: time is what each `yield` gives back.
import { assert } from '../../../src/base/assert.ts';
import { CELL_COMMANDS } from './cell-commands.ts';
import {
  ABORT,
  BREAK,
  type Course,
  failed,
  type Interpreter,
  mustAbort,
  NEXT,
  type Outcome,
  pause,
  specOf,
} from './course.ts';
import { DATA_COMMANDS } from './data-commands.ts';
import { ERRORS, type ErrorCode } from './error-codes.ts';
import { evaluate } from './evaluation.ts';
import { fastCyclic } from './fast-cyclic.ts';
import { measure } from './measurement.ts';
import type { Command, Node, Script } from './script.ts';
import { isTrue } from './value.ts';

/** Inferred: what one round of a loop costs the firmware, so that a loop that waits for time sees it pass. */
const ROUND_US = 200;

/** Runs a script to its end. A runtime error ends it without `on_finished:` (manual, 10.1). */
export function* runScript(interpreter: Interpreter, script: Script): Course<Outcome> {
  const outcome = yield* runBlock(interpreter, script.main);
  if (outcome.kind === 'failed') return outcome;
  interpreter.isFinishing = true;
  return yield* runBlock(interpreter, script.onFinished);
}

function* runBlock(interpreter: Interpreter, nodes: readonly Node[]): Course<Outcome> {
  for (const node of nodes) {
    if (mustAbort(interpreter) && interpreter.context.measuring === null) return ABORT;
    // Most commands take no time: they are carried out without a coroutine of their own.
    const instant = node.kind === 'command' ? runInstant(interpreter, node.command) : null;
    const outcome = instant ?? (yield* runNode(interpreter, node));
    if (outcome.kind !== 'next') return outcome;
  }
  return NEXT;
}

function* runNode(interpreter: Interpreter, node: Node): Course<Outcome> {
  switch (node.kind) {
    case 'command':
      return yield* runTimed(interpreter, node.command);
    case 'loop':
      return yield* runLoop(interpreter, node);
    case 'if':
      for (const { condition, body } of node.branches) {
        const holds = condition === null || conditionHolds(interpreter, condition);
        if (typeof holds === 'string') return failed(condition, holds);
        if (holds) return yield* runBlock(interpreter, body);
      }
      return NEXT;
    case 'measurement': {
      const refused = refuseHardware(interpreter, node.command);
      if (refused !== null) return failed(node.command, refused);
      return yield* measure(interpreter, node, () => runBlock(interpreter, node.body));
    }
  }
}

function* runLoop(
  interpreter: Interpreter,
  { command, body }: Extract<Node, { readonly kind: 'loop' }>,
): Course<Outcome> {
  const { output } = interpreter.context;
  output.mark('L');
  for (;;) {
    const holds = conditionHolds(interpreter, command);
    if (typeof holds === 'string') return failed(command, holds);
    if (!holds) break;
    const outcome = yield* runBlock(interpreter, body);
    if (outcome.kind === 'failed') return outcome;
    // Also one inside a measurement: `Z` must not hang on a loop that never ends.
    if (outcome.kind === 'abort' || mustAbort(interpreter)) {
      output.mark('+');
      return ABORT;
    }
    if (outcome.kind === 'break') break;
    yield* pause(interpreter, { untilUs: interpreter.context.nowUs + ROUND_US, isInterruptible: true });
  }
  output.mark('+');
  return NEXT;
}

/** What came of a command that takes no time; null: it takes some. */
function runInstant(interpreter: Interpreter, command: Command): Outcome | null {
  const { context } = interpreter;
  const { name } = command;
  const refused = refuseHardware(interpreter, command);
  if (refused !== null) return failed(command, refused);
  if (name === 'breakloop') return BREAK;
  if (name === 'abort') return ABORT;
  const run = DATA_COMMANDS[name] ?? CELL_COMMANDS[name];
  if (run === undefined) return null;
  const evaluated = evaluate(command, specOf(command), context.memory);
  if (!evaluated.ok) return failed(command, evaluated.code);
  const code = run(context, evaluated.args, command);
  return code === null ? NEXT : failed(command, code);
}

function* runTimed(interpreter: Interpreter, command: Command): Course<Outcome> {
  const { context } = interpreter;
  const { name } = command;
  const evaluated = evaluate(command, specOf(command), context.memory);
  if (!evaluated.ok) return failed(command, evaluated.code);
  const { args } = evaluated;
  switch (name) {
    case 'wait':
      yield* pause(interpreter, { untilUs: context.nowUs + args.number(0) * 1e6, isInterruptible: true });
      return NEXT;
    case 'await_int':
      return yield* awaitInterval(interpreter);
    case 'meas': {
      const type = args.type(2);
      if (type !== 'ab' && type !== 'ba') return failed(command, ERRORS.badVariableType);
      yield* pause(interpreter, { untilUs: context.nowUs + args.number(0) * 1e6, isInterruptible: true });
      const reading = context.pgstat.read(context.nowUs);
      args.place(1).set(type === 'ab' ? reading.potential : reading.current);
      return NEXT;
    }
    case 'meas_fast_cv':
      return yield* fastCyclic(interpreter, command, args);
    default:
      assert(false, `the command ${name} has nothing that carries it out`);
  }
}

/** `await_int`: until the interval of `set_int` has passed again. */
function* awaitInterval(interpreter: Interpreter): Course<Outcome> {
  const { context } = interpreter;
  const { interval } = context;
  if (interval === null) return NEXT;
  const { dueUs } = interval;
  if (dueUs > context.nowUs) yield* pause(interpreter, { untilUs: dueUs, isInterruptible: true });
  interval.dueUs = Math.max(dueUs, context.nowUs) + interval.us;
  return NEXT;
}

function conditionHolds({ context }: Interpreter, { args }: Command): boolean | ErrorCode {
  const [left, operator, right] = args;
  assert(
    left !== undefined && operator?.kind === 'operator' && right !== undefined,
    'a condition has three parts',
  );
  const [first, second] = [context.memory.read(left), context.memory.read(right)];
  if (!first.ok) return first.code;
  return second.ok ? isTrue(first.value, operator.operator, second.value) : second.code;
}

function refuseHardware({ lacks }: Interpreter, command: Command): ErrorCode | null {
  if (lacks.includes(command.name)) return ERRORS.notSupported;
  return specOf(command).absent ?? null;
}
