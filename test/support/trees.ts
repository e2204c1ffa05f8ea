// Look-ahead trees for driver tests: the two half-cycles of GVN1.md §11 and variations of them.
import { NO_LIMITS, type LookAheadTree, type Step, type TreeNode } from '../../src/steps/step.ts';

export function halfCycle(overrides: Partial<Step> = {}): Step {
  return {
    programStep: 'plating',
    phase: 'cycling',
    cycle: 1,
    half: 'plate',
    completesCycle: false,
    mode: { kind: 'cc', currentPa: -1_130_000_000 },
    durationMaxUs: 3_960_000_000,
    durationExpectedUs: 3_600_000_000,
    limits: { ...NO_LIMITS, netChargeNc: -4_068_000_000 },
    record: { everyUs: 10_000_000, voltageDeltaNv: null, currentDeltaPa: null },
    allowsLookAhead: true,
    ...overrides,
  };
}

export const PLATE = halfCycle();
export const STRIP = halfCycle({
  programStep: 'stripping',
  half: 'strip',
  mode: { kind: 'cc', currentPa: 1_130_000_000 },
  limits: { ...NO_LIMITS, netChargeNc: 0 },
});
export const REST = halfCycle({
  programStep: 'rest',
  phase: 'rest',
  half: null,
  mode: { kind: 'rest' },
  durationMaxUs: 60_000_000,
  durationExpectedUs: 60_000_000,
  limits: NO_LIMITS,
  record: { everyUs: 1_000_000, voltageDeltaNv: null, currentDeltaPa: null },
});

export function node(
  id: number,
  stepNumber: number,
  step: Step,
  children: TreeNode['children'] = {},
): TreeNode {
  return { id, stepNumber, step, children };
}

/** Plate, then strip: the job of GVN1.md §11. */
export const TWO_HALF_CYCLES: LookAheadTree = {
  nodes: [node(1, 1, PLATE, { 'net-charge': 2 }), node(2, 2, STRIP)],
};
