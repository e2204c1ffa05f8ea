// Reconciliation: compares, by number, where the host thinks a run is with where the device says it is.
// Pure. The device is the authority on the past, the protocol on the future; nothing is compared by content.
import type { ChannelStatus } from '../device/cycler.ts';

export interface HostPosition {
  readonly run: string;
  /** The step that the host's machine asks for now; its end is the next one to come. */
  readonly stepNumber: number;
  /**
   * The step that was wanted when the device was given the run: before it, it has ended none; null: not yet.
   */
  readonly openedAtStep: number | null;
}

export type Reconciliation =
  /** The device has ended steps that the host has not heard of: read them, the machine follows. */
  | { readonly type: 'follow' }
  /** Both are in the same step: renew lease and future. */
  | { readonly type: 'continue'; readonly nodeId: number }
  /** The device rests where the host left it: load the wanted step, if the outage allows it. */
  | { readonly type: 'load' }
  /** It rests at the same place, with a fault that keeps the cell open. */
  | { readonly type: 'fault'; readonly fault: string }
  /** It knows no run at all: it was reset, or what kept the run for it is gone. */
  | { readonly type: 'reset' }
  /** It must not go on: the cell stays open (or is opened) and the operator is told. */
  | { readonly type: 'hold'; readonly reason: string };

export function reconcile(host: HostPosition, status: ChannelStatus): Reconciliation {
  if (status.run === null) return { type: 'reset' };
  if (status.run !== host.run)
    return { type: 'hold', reason: `the device holds run ${status.run} on this channel; its cell is open` };
  if (status.endedStepNumber >= host.stepNumber) return { type: 'follow' };
  if (status.fault !== null) return { type: 'fault', fault: status.fault };
  if (status.state === 'step') {
    if (status.stepNumber === host.stepNumber) return { type: 'continue', nodeId: status.nodeId };
    return {
      type: 'hold',
      reason: `the device runs step ${status.stepNumber}, the run is at step ${host.stepNumber}`,
    };
  }
  const hasEndedNone = status.endedStepNumber === 0 && host.stepNumber === host.openedAtStep;
  if (status.endedStepNumber === host.stepNumber - 1 || hasEndedNone) return { type: 'load' };
  return {
    type: 'hold',
    reason: `the device ended step ${status.endedStepNumber}, the run is at step ${host.stepNumber}`,
  };
}

/** What a status says that was asked by the way, while all seems well. */
export type PolledVerdict =
  | { readonly type: 'fine' }
  /** Something came between: both must find out where they are. */
  | { readonly type: 'ask' }
  | { readonly type: 'hold' | 'fail'; readonly reason: string };

/** `isLoading`: what the device says is about to change. */
export function judgePolled(host: HostPosition, status: ChannelStatus, isLoading: boolean): PolledVerdict {
  const decision = reconcile(host, status);
  if (decision.type === 'hold') return decision;
  if (status.state !== 'step' && status.isCellOn)
    return { type: 'fail', reason: 'the cell is on although no step runs' };
  if (decision.type === 'fault' || decision.type === 'reset') return { type: 'ask' };
  // It rests although a step is wanted and none is on its way: a load got lost.
  return decision.type === 'load' && !isLoading ? { type: 'ask' } : { type: 'fine' };
}

const FAULT_REASONS: Readonly<Record<string, string>> = {
  wdg: 'the dead-man of the device opened the cell: the host was silent for longer than the lease',
  stop: 'the stop byte opened the cell',
  off: 'the cell was switched off by another command',
  'stop-byte': 'the stop byte opened the cell',
  fault: 'the device reports a fault and opened the cell',
  vhard: 'the cell voltage passed a hard limit; the device opened the cell',
  ihard: 'the current passed a hard limit; the device opened the cell',
  qhard: 'the net charge passed a hard limit; the device opened the cell',
  'device-reset': 'the device was restarted or power-cycled and opened the cell',
  'link-lost': 'the link was lost; the instrument cannot tell what it did, so it was switched off',
  overload: 'the instrument reports an overload and was switched off',
  compliance: 'the set current did not flow: the instrument was at its voltage compliance; the cell is open',
  unexplained: 'the step ended and the instrument did not say why: look at its cell before going on',
  'no-reading': 'the instrument gave no readings any more; the cell is open',
  overrun: 'the instrument did not end its step in time; it was switched off',
  hw: 'the device reports a hardware fault and opened the cell',
};

export function faultReason(fault: string): string {
  return FAULT_REASONS[fault] ?? `the device reports fault "${fault}" and opened the cell`;
}
