// What a hosted channel answers when it need not ask its instrument.
import type { ChannelStatus, DeviceResult } from '../cycler.ts';
import type { StepActuator } from './step-actuator.ts';
import type { StepBook } from './step-book.ts';
import type { StepWatch } from './step-watch.ts';

export const DONE = { ok: true, value: null } as const;
export const NO_LINK = { ok: false, reason: 'closed', detail: 'no link' } as const;
export const STALE = { ok: false, reason: 'stale', detail: 'the channel has moved on' } as const;

export const NO_LEASE = { ok: false, reason: 'no-lease', detail: 'no lease is live' } as const;

export function refused(detail: string): DeviceResult<never> {
  return { ok: false, reason: 'refused', detail };
}

/** Where a channel stands; `step`: the one that was given to the instrument. */
export function statusOf(channel: {
  readonly run: string | null;
  readonly fault: string | null;
  readonly step: {
    readonly node: { readonly id: number; readonly stepNumber: number };
    readonly watch: StepWatch | null;
  } | null;
  readonly book: StepBook;
  readonly actuator: StepActuator;
}): DeviceResult<ChannelStatus> {
  const { run, fault, step, book, actuator } = channel;
  const driven = step === null ? 'idle' : 'step';
  const value: ChannelStatus = {
    state: run === null ? 'free' : fault !== null ? 'fault' : driven,
    run,
    timeUs: actuator.nowUs(),
    nodeId: step?.node.id ?? 0,
    stepNumber: step?.node.stepNumber ?? 0,
    endedStepNumber: book.endedStepNumber,
    nextN: book.ring.nextN,
    oldestN: book.ring.oldestN,
    netChargeNc: step?.watch?.netChargeNc ?? book.netChargeNc,
    fault,
    isCellOn: actuator.isCellOn,
  };
  return { ok: true, value };
}
