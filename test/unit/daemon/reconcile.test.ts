// Goal: after an absence the device's position decides by number what happens; anything contradictory keeps
// the cell open.
// Method: the table of positions, host at step 7.

import { describe, expect, it } from 'vitest';
import { faultReason, reconcile } from '../../../src/daemon/reconcile.ts';
import type { ChannelStatus } from '../../../src/device/cycler.ts';

const HOST = { run: '01JA', stepNumber: 7, openedAtStep: 1 };

function status(fields: Partial<ChannelStatus>): ChannelStatus {
  return {
    state: 'step',
    run: '01JA',
    timeUs: 1,
    nodeId: 12,
    stepNumber: 7,
    endedStepNumber: 6,
    nextN: 100,
    oldestN: 0,
    netChargeNc: 0,
    fault: null,
    isCellOn: true,
    ...fields,
  };
}

describe('reconciliation', () => {
  it.each<[string, Partial<ChannelStatus>, string]>([
    ['runs the step that the host wants', {}, 'continue'],
    ['has ended one step more and runs the next', { stepNumber: 8, endedStepNumber: 7 }, 'follow'],
    ['has run three steps ahead', { stepNumber: 10, endedStepNumber: 9 }, 'follow'],
    ['has ended the step and rests', { state: 'idle', stepNumber: 0, endedStepNumber: 7 }, 'follow'],
    [
      'has ended the step by its dead-man',
      { state: 'fault', stepNumber: 0, endedStepNumber: 7, fault: 'wdg' },
      'follow',
    ],
    ['rests where the host left it', { state: 'idle', stepNumber: 0, nodeId: 0 }, 'load'],
    ['rests with a latched fault', { state: 'fault', stepNumber: 0, fault: 'stop' }, 'fault'],
    ['was restarted', { state: 'free', run: null, stepNumber: 0, endedStepNumber: 0 }, 'reset'],
    ['holds another run', { run: '01JB' }, 'hold'],
    ['holds another run that is further', { run: '01JB', endedStepNumber: 50 }, 'hold'],
    ['is behind the host', { state: 'idle', stepNumber: 0, endedStepNumber: 4 }, 'hold'],
    ['runs a step that the host thinks is over', { stepNumber: 6, endedStepNumber: 5 }, 'hold'],
    ['has lost its step log', { state: 'idle', stepNumber: 0, endedStepNumber: 0 }, 'hold'],
  ])('of a device that %s', (_, fields, decision) => {
    expect(reconcile(HOST, status(fields)).type).toBe(decision);
  });

  it('names the node whose future is to be renewed', () => {
    expect(reconcile(HOST, status({ nodeId: 31 }))).toEqual({ type: 'continue', nodeId: 31 });
  });

  it.each<Partial<ChannelStatus>>([
    { run: '01JB' },
    { stepNumber: 9 },
    { state: 'idle', stepNumber: 0, endedStepNumber: 2 },
  ])('holds %j with one line of reason', (fields) => {
    const decision = reconcile(HOST, status(fields));
    expect(decision).toEqual({ type: 'hold', reason: expect.stringMatching(/^.{10,}$/) });
  });

  it('loads into a device that was given the run anew and has ended nothing since', () => {
    const rests = status({ state: 'idle', stepNumber: 0, endedStepNumber: 0 });
    expect(reconcile({ ...HOST, openedAtStep: 7 }, rests)).toEqual({ type: 'load' });
  });

  it('names the fault of a device that rests with one', () => {
    const rests = status({ state: 'fault', stepNumber: 0, fault: 'hw' });
    expect(reconcile(HOST, rests)).toEqual({ type: 'fault', fault: 'hw' });
  });

  it('has words for every fault of gvn1, and for one it does not know', () => {
    for (const fault of ['wdg', 'stop', 'vhard', 'ihard', 'qhard', 'hw', 'xyz']) {
      expect(faultReason(fault)).toMatch(/opened the cell/);
    }
    expect(faultReason('xyz')).toContain('"xyz"');
  });
});
