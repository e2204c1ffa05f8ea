// A step that was given to the instrument: what is known of it until it has ended.
import type { EndReason, TreeNode } from '../../steps/step.ts';
import type { StepWatch } from './step-watch.ts';

export class RunningStep {
  readonly node: TreeNode;
  /** null until the instrument says that it has begun. */
  watch: StepWatch | null = null;
  /** The host has asked for its end, and why. */
  ending: EndReason | null = null;
  /** Takes over from it without the cell being opened: this one ends when that one begins. */
  successor: TreeNode | null = null;

  constructor(node: TreeNode) {
    this.node = node;
  }

  /** Its end is the opening of the cell, which is on order; a handover is another end. */
  get isOpening(): boolean {
    return this.ending !== null && this.successor === null;
  }

  /** Time of the latest that is known of it, µs; `nowUs` where nothing is. */
  latestUs(nowUs: () => number): number {
    return this.watch?.last?.timeUs ?? this.watch?.startUs ?? nowUs();
  }
}
