// What the parts of the interpreter share: how a script stands still, how a piece of it ends, and what it
// runs on. A course is a coroutine whose every `yield` gives back the time at which it goes on.
import { assert } from '../../../src/base/assert.ts';
import { type CommandSpec, SCRIPT_COMMANDS } from './command-table.ts';
import type { ErrorCode } from './error-codes.ts';
import type { OwnFaults } from './faults.ts';
import type { Command } from './script.ts';
import type { RunRequests, ScriptContext } from './script-context.ts';

/** Where a script stands still. */
export interface Pause {
  readonly untilUs: number;
  /** `Z` ends it at once; an interval of a measurement is always finished. */
  readonly isInterruptible: boolean;
}

export type Outcome =
  | { readonly kind: 'next' | 'break' | 'abort' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly line: number };

export type Course<Result> = Generator<Pause, Result, number>;

export interface Interpreter {
  readonly context: ScriptContext;
  readonly requests: RunRequests;
  readonly faults: OwnFaults;
  /** Commands this model answers 001B to. */
  readonly lacks: readonly string[];
  /** `on_finished:` runs: nothing aborts it any more. */
  isFinishing: boolean;
}

export const NEXT: Outcome = { kind: 'next' };
export const ABORT: Outcome = { kind: 'abort' };
export const BREAK: Outcome = { kind: 'break' };

export function failed(command: Command | null, code: ErrorCode): Outcome {
  return { kind: 'failed', code, line: command?.line ?? 0 };
}

export function mustAbort({ requests, isFinishing }: Interpreter): boolean {
  return requests.isAborting && !isFinishing;
}

/** Lets time pass; a pause that is over already lasts nothing. */
export function* pause({ context }: Interpreter, { untilUs, isInterruptible }: Pause): Course<void> {
  context.nowUs = yield { untilUs: Math.max(untilUs, context.nowUs), isInterruptible };
}

export function specOf({ name }: Command): CommandSpec {
  const spec = SCRIPT_COMMANDS[name];
  assert(spec !== undefined, `the parser let ${name} pass`);
  return spec;
}
