// A protocol worked out for one cell: a tree of bounded steps and groups in integers of base units. What
// `tree-program.ts` makes a machine of, what `tree-totals.ts` adds up, what exporters write. Never expanded:
// ten years of cycles are as small as two.
import type { PreparedProtocol, Verdict } from '../steps/protocol.ts';
import type { ProgramEndReason, Step } from '../steps/step.ts';

export interface ResolvedTree {
  readonly items: readonly TreeItem[];
}

export type TreeItem = TreeStep | TreeGroup;

export interface TreeGroup {
  readonly kind: 'group';
  readonly label: string | null;
  /** 1 … 1e9; a group that would run 0 times is not in the tree. */
  readonly count: number;
  /** Its passes are the cycles of the run. */
  readonly countsCycles: boolean;
  /** Runs only in every n-th pass of the group around it, the n-th first; 1: in each. */
  readonly every: number;
  /** At least one. */
  readonly items: readonly TreeItem[];
}

export interface TreeStep {
  readonly kind: 'step';
  /** Unique in the tree: the name of the state of the machine, the target of `go to`. */
  readonly label: string;
  readonly every: number;
  /** `cycle` is 0 here; the machine fills it in. `completesCycle` as the last half-cycle of a cycle. */
  readonly step: Step;
  /** What follows each end; total over `possibleEnds(step)`. */
  readonly ends: Readonly<Partial<Record<ProgramEndReason, EndRule>>>;
}

export type EndRule =
  | { readonly then: 'next' }
  /** Leaves the innermost group, whatever of it is still to come; at the top: the program is completed. */
  | { readonly then: 'end group' }
  | { readonly then: 'end run'; readonly verdict: Verdict; readonly reason: string }
  /** The run holds before the next step, cell open, until the operator resumes. */
  | { readonly then: 'hold'; readonly reason: string }
  /** Forward or backward, to a step of the same group or one around it; the rest as for `SourceOutcome`. */
  | { readonly then: 'go to'; readonly label: string; readonly atMost: number };

/** A protocol of the language keeps the tree that its machine is made of. */
export interface PreparedTree extends PreparedProtocol {
  readonly tree: ResolvedTree;
}

/** null: a hand-written machine. */
export function treeOf(prepared: PreparedProtocol | PreparedTree): ResolvedTree | null {
  return 'tree' in prepared ? prepared.tree : null;
}
