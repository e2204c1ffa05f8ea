// The states of a program and what leads from one to the next, as they show when the machine is walked: the
// figure that `protocol graph` draws and `protocol check` reads. Walks each state once for each setting of
// its counters, so counts must be small; never runs a step.
import { assert } from '../base/assert.ts';
import { type MachineSnapshot, startMachine, type StepEndedEvent, stepMachine } from '../steps/machine.ts';
import type { Outcome, Program } from '../steps/protocol.ts';
import { foreseenEnd } from '../steps/runner.ts';
import { possibleEnds, type ProgramEndReason, type Step } from '../steps/step.ts';

export interface GraphState {
  readonly name: string;
  /** The step as it was first met; null: the program has ended here. */
  readonly step: Step | null;
  /** Of a state without a step, as it was first met. */
  readonly outcome: Outcome | null;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** The ends of the step that lead here, in the order in which they win. */
  readonly reasons: readonly ProgramEndReason[];
  /** The run holds in between, for this reason; null: it does not. */
  readonly holds: string | null;
  /** The same end leads elsewhere after another charge: the machine judges what was measured. */
  readonly isJudged: boolean;
}

export interface ProgramGraph {
  /** In the order in which the walk first came to them. */
  readonly states: readonly GraphState[];
  readonly edges: readonly GraphEdge[];
  /** The walk was cut short: there may be more. */
  readonly isPartial: boolean;
}

/** More settings of counters than a program has whose counts are capped at 2. */
const SETTINGS_MAX = 20_000;

/** Of a program whose counts are small; one that is not gives a partial graph. */
export function programGraph(program: Program): ProgramGraph {
  const states = new Map<string, GraphState>();
  const edges = new EdgeSet();
  const seen = new Set<string>();
  const open: MachineSnapshot[] = [startMachine(program.machine)];
  let snapshot = open.shift();
  for (; snapshot !== undefined && seen.size < SETTINGS_MAX; snapshot = open.shift()) {
    const key = JSON.stringify([snapshot.value, snapshot.context]);
    if (seen.has(key)) continue;
    seen.add(key);
    const step = program.stepOf(snapshot);
    const from = nameOf(snapshot);
    if (!states.has(from))
      states.set(from, { name: from, step, outcome: step === null ? program.outcomeOf(snapshot) : null });
    if (step === null) continue;
    for (const { isJudged, next, reason } of waysOn(program, snapshot, step)) {
      edges.add(reason, {
        from,
        to: nameOf(next),
        holds: program.stepOf(next)?.holdReason ?? null,
        isJudged,
      });
      open.push(next);
    }
  }
  return { states: [...states.values()], edges: edges.all(), isPartial: snapshot !== undefined };
}

interface WayOn {
  readonly reason: ProgramEndReason;
  readonly next: MachineSnapshot;
  readonly isJudged: boolean;
}

/** Each end as foreseen, and where it leads elsewhere without any charge, that too. */
function waysOn({ machine }: Program, snapshot: MachineSnapshot, step: Step): WayOn[] {
  return possibleEnds(step).flatMap((reason) => {
    const foreseen = foreseenEnd(step, reason);
    const next = stepMachine(machine, snapshot, foreseen);
    const withoutCharge: StepEndedEvent = { ...foreseen, chargeNc: 0 };
    const other = stepMachine(machine, snapshot, withoutCharge);
    const isJudged = nameOf(other) !== nameOf(next);
    const ways = [{ reason, next, isJudged: false }];
    return isJudged ? [...ways, { reason, next: other, isJudged }] : ways;
  });
}

/** Edges by their two ends; ends of a step that lead to the same place share one. */
class EdgeSet {
  readonly #byKey = new Map<string, GraphEdge>();

  add(reason: ProgramEndReason, edge: Omit<GraphEdge, 'reasons'>): void {
    const key = JSON.stringify(edge);
    const reasons = this.#byKey.get(key)?.reasons ?? [];
    if (!reasons.includes(reason)) this.#byKey.set(key, { ...edge, reasons: [...reasons, reason] });
  }

  all(): GraphEdge[] {
    return [...this.#byKey.values()];
  }
}

function nameOf({ value }: MachineSnapshot): string {
  const name: unknown = value;
  assert(typeof name === 'string', 'the states of a program are not nested');
  return name;
}
