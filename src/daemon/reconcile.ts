// Reconciliation: compares, by number, where the host thinks a run is with where the device says it is.
// Pure. The device is the authority on the past, the protocol on the future; nothing is compared by content.
import type { ChannelStatus } from '../device/cycler.ts';

export interface HostPosition {
  readonly run: string;
  /** The step that the host's machine asks for now; its end is the next one to come. */
  readonly stepNumber: number;
}

export type Reconciliation =
  /** The device has ended steps that the host has not heard of: read them, the machine follows. */
  | { readonly type: 'follow' }
  /** Both are in the same step: renew lease and future. */
  | { readonly type: 'continue'; readonly nodeId: number }
  /** The device rests where the host left it: load the wanted step. */
  | { readonly type: 'load' }
  /** It must not go on: the cell stays open (or is opened) and the operator is told. */
  | { readonly type: 'hold'; readonly reason: string };

export function reconcile(host: HostPosition, status: ChannelStatus): Reconciliation {
  if (status.run !== host.run) {
    const found = status.run === null ? 'no run (it was restarted or power-cycled)' : `run ${status.run}`;
    return { type: 'hold', reason: `the device holds ${found} on this channel; its cell is open` };
  }
  if (status.endedStepNumber >= host.stepNumber) return { type: 'follow' };
  if (status.fault !== null) return { type: 'hold', reason: faultReason(status.fault) };
  if (status.state === 'step') {
    if (status.stepNumber === host.stepNumber) return { type: 'continue', nodeId: status.nodeId };
    return {
      type: 'hold',
      reason: `the device runs step ${status.stepNumber}, the run is at step ${host.stepNumber}`,
    };
  }
  if (status.endedStepNumber === host.stepNumber - 1) return { type: 'load' };
  return {
    type: 'hold',
    reason: `the device ended step ${status.endedStepNumber}, the run is at step ${host.stepNumber}`,
  };
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
