// What every dialect asks of a channel: bounded steps, joined by their end reasons into a job.
// A dialect parses its own commands into these; the board never sees a wire word.

/** Why a step ended. `CHILD_REASONS` may have a child. Order is precedence when several hold at one tick. */
export const END_REASONS = [
  'fault',
  'stop',
  'off',
  'lease',
  'vmax',
  'vmin',
  'floor',
  'qnet',
  'qstep',
  'qlast',
  'imin',
  't',
] as const;
export type EndReason = (typeof END_REASONS)[number];

export const CHILD_REASONS = ['vmax', 'vmin', 'floor', 'qnet', 'qstep', 'qlast', 'imin', 't'] as const;
export type ChildReason = (typeof CHILD_REASONS)[number];

export function isChildReason(reason: EndReason): reason is ChildReason {
  return CHILD_REASONS.some((candidate) => candidate === reason);
}

export type FaultName = 'wdg' | 'stop' | 'vhard' | 'ihard' | 'qhard' | 'hw';

export interface RecordRule {
  readonly everyUs: number;
  /** 0 = off. */
  readonly moveNv: number;
  /** 0 = off. */
  readonly movePa: number;
  /** For the first `forUs` of the step a sample every `everyUs`, which is less than that of the rule. */
  readonly burst: { readonly everyUs: number; readonly forUs: number } | null;
}

export interface StepNode {
  readonly id: number;
  /** The step number this node has when it runs. */
  readonly stepNumber: number;
  /** 0 without a held voltage is rest: the relay is open. */
  readonly currentPa: number;
  /** Held instead of a current; null: none is. */
  readonly voltageNv: number | null;
  readonly durationMaxUs: number;
  readonly stepChargeNc: number | null;
  readonly netChargeNc: number | null;
  readonly lastChargePpm: number | null;
  /** Ends a held voltage once less flows. */
  readonly currentMinPa: number | null;
  readonly voltageMaxNv: number | null;
  readonly voltageMinNv: number | null;
  readonly voltageDebounceUs: number;
  readonly floorNv: number | null;
  readonly floorDebounceUs: number;
  readonly record: RecordRule;
  readonly isCycleEnd: boolean;
  readonly children: ReadonlyMap<ChildReason, number>;
  /** Equal for two descriptions of the same step, whatever follows it. */
  readonly identity: string;
}

/** The relay is closed while it runs. */
export function isDriven({ currentPa, voltageNv }: StepNode): boolean {
  return currentPa !== 0 || voltageNv !== null;
}

export interface Job {
  readonly id: string;
  readonly root: StepNode;
  readonly nodes: ReadonlyMap<number, StepNode>;
}

/** Judged at every tick while the relay is closed; beyond one the cell is opened and a fault latched. */
export interface HardLimits {
  readonly voltageHighNv: number;
  readonly voltageLowNv: number;
  readonly currentPa: number;
  readonly netChargeNc: number;
}

export interface StepEnd {
  readonly stepNumber: number;
  readonly nodeId: number;
  readonly reason: EndReason;
  readonly startUs: number;
  readonly endUs: number;
  readonly startNc: number;
  readonly endNc: number;
  readonly voltageNv: number;
  readonly currentPa: number;
  readonly lastSample: number;
  /** The node started at the same tick, or 0. */
  readonly nextNodeId: number;
}

/** Builds a job from its nodes (smallest id is the root), or null when they are not one complete tree. */
export function jobFromNodes(id: string, nodes: readonly StepNode[]): Job | null {
  const ordered = [...nodes].sort((a, b) => a.id - b.id);
  const root = ordered[0];
  if (root === undefined) return null;
  const byId = new Map(ordered.map((node) => [node.id, node]));
  if (byId.size !== nodes.length) return null;
  const reached = new Set([root.id]);
  // Children have larger ids than their parents, so one pass in order of id sees every parent first.
  for (const node of ordered) {
    if (!reached.has(node.id)) return null;
    for (const childId of node.children.values()) {
      const child = byId.get(childId);
      if (child === undefined || child.id <= node.id || child.stepNumber !== node.stepNumber + 1) return null;
      reached.add(childId);
    }
  }
  return { id, root, nodes: byId };
}
