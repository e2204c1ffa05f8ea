// Commands that read or change the state of one channel (GVN1.md sections 3.2, 5 to 8). Each checks state,
// fault and values, in this order, and either changes everything it says or nothing.
import type { ChannelFirmware } from '../../board/channel-firmware.ts';
import type { LeasePolicy } from '../../board/lease.ts';
import { ACK, ack, type Answer, nak, refuseOutside } from './answer.ts';
import type { ChannelCommand } from './session.ts';
import { MAGNITUDE_MAX } from './fields.ts';
import { parseNode, refuseNode } from './node-command.ts';
import { deviceTimeUs } from './reports.ts';
import { StagedJob } from './staged-job.ts';

const LEASE_SHORTEST_US = 100_000;
const POLICIES: readonly LeasePolicy[] = ['off', 'finish-step', 'finish-cycle'];

export function reportStatus({ port, channel }: ChannelCommand): Answer {
  const { firmware } = channel;
  const { step, lease, ring } = firmware;
  return ack({
    ch: firmware.channel,
    state: firmware.state,
    run: firmware.settings?.run ?? '-',
    boot: port.identity.bootId,
    t_us: deviceTimeUs(port.clock.nowUs(), port.instrument.clockWrapUs),
    job: firmware.job?.id ?? '-',
    node: step?.node.id ?? 0,
    step: step?.node.stepNumber ?? 0,
    ended: firmware.settings === null ? 0 : firmware.log.ended,
    n: ring.next,
    oldest: ring.oldest,
    q_nc: firmware.netChargeNc(),
    lease_us: lease.isWaived ? -1 : lease.leftUs(),
    fault: firmware.fault ?? '-',
    cell: firmware.isCellOn ? 'on' : 'off',
    rxbad: port.badLineCount,
  });
}

export function openRun({ port, channel, fields }: ChannelCommand): Answer {
  const { firmware } = channel;
  const run = fields.text('run');
  if (firmware.settings !== null) {
    return firmware.settings.run === run ? ACK : nak('RUN', { run: firmware.settings.run });
  }
  const { rangesPa, voltageSpanNv } = port.instrument;
  const rangeIndex = fields.integer('range');
  const limits = {
    voltageHighNv: fields.integer('vhi_nv'),
    voltageLowNv: fields.integer('vlo_nv'),
    currentPa: fields.integer('ihi_pa'),
    netChargeNc: fields.integer('qhi_nc'),
  };
  const refusal =
    refuseOutside('range', rangeIndex, 0, rangesPa.length - 1) ??
    refuseOutside('vhi_nv', limits.voltageHighNv, -voltageSpanNv, voltageSpanNv) ??
    refuseOutside('vlo_nv', limits.voltageLowNv, -voltageSpanNv, limits.voltageHighNv) ??
    refuseOutside('ihi_pa', limits.currentPa, 1, rangesPa[rangeIndex] ?? 0) ??
    refuseOutside('qhi_nc', limits.netChargeNc, 1, MAGNITUDE_MAX);
  if (refusal !== null) return refusal;
  firmware.open({ run, rangeIndex, limits });
  channel.staged = null;
  return ACK;
}

export function closeRun({ channel, fields }: ChannelCommand): Answer {
  const { firmware } = channel;
  if (firmware.settings === null) return ACK;
  if (firmware.settings.run !== fields.text('run')) return nak('RUN', { run: firmware.settings.run });
  if (firmware.step !== null) return nak('STATE', { state: firmware.state });
  firmware.close();
  channel.staged = null;
  return ACK;
}

export function stageJob({ port, channel, fields }: ChannelCommand): Answer {
  const nodes = fields.integer('nodes');
  const { slots } = port.identity;
  const refusal = refuseWithoutRun(channel.firmware) ?? (nodes > slots ? nak('SLOTS', { max: slots }) : null);
  if (refusal !== null) return refusal;
  if (nodes < 1) return nak('RANGE', { key: 'nodes', min: 1, max: slots });
  channel.staged = new StagedJob(fields.text('job'), nodes);
  return ACK;
}

export function stageNode({ port, channel, fields, payload }: ChannelCommand): Answer {
  const { firmware, staged } = channel;
  const parsed = parseNode({ payload, fields }, port.instrument.features);
  if (!parsed.ok) return nak('BADARG', { key: parsed.key });
  const fullScalePa = port.instrument.rangesPa[firmware.settings?.rangeIndex ?? 0] ?? 0;
  const { voltageSpanNv } = port.instrument;
  const refusal =
    refuseWithoutRun(firmware) ?? refuseNode(fields, parsed.node, { fullScalePa, voltageSpanNv });
  if (refusal !== null) return refusal;
  if (staged === null || staged.id !== fields.text('job')) return nak('JOBCRC');
  return staged.add(parsed.node, parsed.text) ? ACK : nak('SLOTS', { max: staged.nodeCount });
}

export function commitJob({ channel, fields }: ChannelCommand): Answer {
  const { firmware, staged } = channel;
  const refusal = refuseWithoutRun(firmware);
  if (refusal !== null) return refusal;
  if (firmware.job !== null && firmware.job.id === fields.text('job')) return ACK;
  const job = staged !== null && staged.id === fields.text('job') ? staged.assemble() : null;
  if (job === null) return nak('JOBCRC');
  const result = firmware.commit(job);
  if (result.ok) {
    channel.staged = null;
    return ACK;
  }
  switch (result.reason) {
    case 'stale':
      return nak('STALE', { step: firmware.step?.node.stepNumber ?? 0, node: firmware.step?.node.id ?? 0 });
    case 'step-number':
      return nak('STEPNO', { ended: firmware.log.ended });
    case 'no-lease':
      return nak('NOLEASE');
  }
}

export function renewLease({ port, channel, fields }: ChannelCommand): Answer {
  const { firmware } = channel;
  const realUs = fields.integer('t_us');
  const policy = POLICIES.find((candidate) => candidate === fields.text('policy')) ?? 'off';
  const { leaseLongestUs } = port.identity;
  const outside = realUs === -1 ? null : refuseOutside('t_us', realUs, LEASE_SHORTEST_US, leaseLongestUs);
  const refusal = refuseWithoutRun(firmware) ?? outside;
  if (refusal !== null) return refusal;
  if (realUs === -1) firmware.lease.waive(policy);
  else firmware.lease.give(realUs, policy);
  return ACK;
}

export function switchOff({ channel }: ChannelCommand): Answer {
  channel.firmware.off();
  channel.staged = null;
  return ACK;
}

export function clearFault({ channel, fields }: ChannelCommand): Answer {
  const { firmware } = channel;
  if (firmware.fault === null) return nak('STATE', { state: firmware.state });
  if (firmware.fault !== fields.text('fault')) return nak('FAULT', { fault: firmware.fault });
  firmware.clearFault();
  channel.staged = null;
  return ACK;
}

/** Staging, commit and lease need a run and no latched fault. */
function refuseWithoutRun(firmware: ChannelFirmware): Answer | null {
  if (firmware.settings === null) return nak('STATE', { state: firmware.state });
  return firmware.fault === null ? null : nak('FAULT', { fault: firmware.fault });
}
