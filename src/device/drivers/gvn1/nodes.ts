// A look-ahead tree as the nodes of a gvn1 job (GVN1.md §6.2). Units are the wire's, one to one.
// The same step must always give the same text: the device compares the running node by it.
import type { CommandValues } from '../../../frames/dialects/gvn1/commands.ts';
import { encodeJob, type JobResult } from '../../../frames/dialects/gvn1/job.ts';
import type { LookAheadTree, RecordRule, TreeNode } from '../../../steps/step.ts';
import { PROGRAM_END_WORDS } from './reports.ts';

export function jobFromTree(channel: number, tree: LookAheadTree): JobResult {
  return encodeJob(channel, tree.nodes.map(nodeValues));
}

function nodeValues({ id, stepNumber, step, children }: TreeNode): CommandValues {
  const { mode, limits, record } = step;
  const hasVoltageLimit = limits.voltageMaxNv !== null || limits.voltageMinNv !== null;
  return {
    id,
    n: stepNumber,
    mode: mode.kind,
    i_pa: mode.kind === 'cc' ? mode.currentPa : undefined,
    v_nv: mode.kind === 'cv' ? mode.voltageNv : undefined,
    t_us: step.durationMaxUs,
    qstep_nc: limits.stepChargeNc ?? undefined,
    qnet_nc: limits.netChargeNc ?? undefined,
    qlast_ppm: limits.lastStepChargePpm ?? undefined,
    vmax_nv: limits.voltageMaxNv ?? undefined,
    vmin_nv: limits.voltageMinNv ?? undefined,
    vdb_us: hasVoltageLimit ? limits.voltageDebounceUs : undefined,
    floor_nv: limits.shortFloorNv ?? undefined,
    fdb_us: limits.shortFloorNv === null ? undefined : limits.shortFloorDebounceUs,
    imin_pa: limits.currentMinPa,
    rec: recordRule(record),
    cyc: step.completesCycle ? 1 : undefined,
    on: edges(children),
  };
}

function recordRule({ everyUs, voltageDeltaNv, currentDeltaPa, burst }: RecordRule): string {
  const always = [everyUs, voltageDeltaNv ?? 0, currentDeltaPa ?? 0];
  return [...always, ...(burst === undefined ? [] : [burst.everyUs, burst.forUs])].join(',');
}

function edges(children: TreeNode['children']): string {
  const pairs = PROGRAM_END_WORDS.flatMap(([reason, word]) => {
    const id = children[reason];
    return id === undefined ? [] : [`${word}:${id}`];
  });
  return pairs.length === 0 ? '-' : pairs.join(',');
}
