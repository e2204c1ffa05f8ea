// The tree of a hand-written machine: its steps as they come when nothing is wrong, walked until a cycle
// repeats but for its counters, then one group with the count of what is left. For reading and adding up, not
// for running: where a step leads elsewhere than on, only the end of the run is told. Never walks long: a
// machine whose cycles do not repeat gives no tree.
import { assert } from '../base/assert.ts';
import { type MachineSnapshot, startMachine, stepMachine } from '../steps/machine.ts';
import type { Program } from '../steps/protocol.ts';
import { foreseenEnd } from '../steps/runner.ts';
import { possibleEnds, type ProgramEndReason, type Step } from '../steps/step.ts';
import type { EndRule, ResolvedTree, TreeItem, TreeStep } from './tree.ts';
import { MEANT_ENDS } from './tree-totals.ts';

/** Steps walked before a machine is given up; enough for conditioning and two cycles of any method. */
const WALK_MAX = 2000;

/** `cycles`: of the plan. null: its cycles do not repeat within the walk. */
export function treeFromProgram(program: Program, cycles: number): ResolvedTree | null {
  const labels = new Map<string, number>();
  const walked: TreeStep[] = [];
  let snapshot = startMachine(program.machine);
  while (walked.length < WALK_MAX) {
    const step = program.stepOf(snapshot);
    if (step === null) return { items: walked };
    const item = itemOf(program, snapshot, step);
    walked.push(item);
    const folded = folding(walked, cycles);
    if (folded !== null) return { items: labelled(folded, labels) };
    const meant = MEANT_ENDS.find((reason) => item.ends[reason]?.then === 'next');
    if (meant === undefined) return null;
    snapshot = stepMachine(program.machine, snapshot, foreseenEnd(step, meant));
  }
  return null;
}

function itemOf(program: Program, snapshot: MachineSnapshot, step: Step): TreeStep {
  const ends: Partial<Record<ProgramEndReason, EndRule>> = {};
  for (const reason of possibleEnds(step))
    ends[reason] = ruleOf(program, stepMachine(program.machine, snapshot, foreseenEnd(step, reason)));
  return { kind: 'step', label: step.programStep, every: 1, step, ends };
}

function ruleOf(program: Program, next: MachineSnapshot): EndRule {
  if (program.stepOf(next) !== null) return { then: 'next' };
  const { verdict } = program.outcomeOf(next);
  // The last step of the last cycle leads on as well: to the end that was meant. A reason tells what was
  // measured, and nothing was.
  return verdict === 'completed' ? { then: 'next' } : { then: 'end run', verdict, reason: '' };
}

/** Once two whole cycles are alike: what came before, and the rest as one group. */
function folding(walked: readonly TreeStep[], cycles: number): TreeItem[] | null {
  const last = walked.at(-1);
  const { cycle } = last?.step ?? { cycle: 0 };
  if (last?.step.completesCycle !== true || cycle < 2 || cycle >= cycles) return null;
  const of = (number: number): TreeStep[] => walked.filter(({ step }) => step.cycle === number);
  const [before, latest] = [of(cycle - 1), of(cycle)];
  if (JSON.stringify(before.map(withoutCycle)) !== JSON.stringify(latest.map(withoutCycle))) return null;
  const first = walked.findIndex(({ step }) => step.cycle === cycle - 1);
  assert(first >= 0, 'the cycle before has steps');
  const group = { kind: 'group', label: null, count: cycles - cycle + 2, countsCycles: true } as const;
  return [...walked.slice(0, first), { ...group, every: 1, items: before.map(withoutCycle) }];
}

function withoutCycle(item: TreeStep): TreeStep {
  return { ...item, step: { ...item.step, cycle: 0 } };
}

/** Labels of a tree are unique; the same program step in another place gets a number. */
function labelled(items: readonly TreeItem[], used: Map<string, number>): TreeItem[] {
  return items.map((item): TreeItem => {
    if (item.kind === 'group') return { ...item, items: labelled(item.items, used) };
    const count = (used.get(item.label) ?? 0) + 1;
    used.set(item.label, count);
    return count === 1 ? item : { ...item, label: `${item.label}-${count}` };
  });
}
