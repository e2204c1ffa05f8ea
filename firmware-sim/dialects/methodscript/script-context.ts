// What the commands of one running script work on, and what the line may ask of it meanwhile.
import type { ScriptMemory } from './memory.ts';
import type { Pgstat } from './pgstat.ts';
import type { ScriptOutput } from './script-output.ts';
import type { TechniqueEntry } from './techniques/techniques.ts';

export interface ScriptContext {
  readonly memory: ScriptMemory;
  readonly pgstat: Pgstat;
  readonly output: ScriptOutput;
  /** `cell_on ocp(x)` is allowed. */
  readonly hasCellOnAtOcp: boolean;
  /** Time of the script, µs of the device clock. */
  nowUs: number;
  /** Set by `timer_start`. */
  timerUs: number;
  /** Set by `set_int`; null before. */
  interval: { readonly us: number; dueUs: number } | null;
  /** The measurement loop that runs, and what it holds by itself. */
  measuring: { readonly name: string; readonly holds: TechniqueEntry['holds'] } | null;
}

/** Requests that arrive on the line while a script runs. */
export interface RunRequests {
  /** `Z`: over at the end of the current interval. */
  isAborting: boolean;
  /** `Y`: the current measurement loop is over, the script goes on. */
  isEndingLoop: boolean;
  /** `R`: a cyclic sweep turns. */
  isReversing: boolean;
}
