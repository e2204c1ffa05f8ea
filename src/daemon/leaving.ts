// The daemon ends, the run does not: what becomes of the cell is the policy of the bench (`on_shutdown`).
//   hold          cell open now, seen to be open
//   finish_step   the device ends the running step by itself, starts no other, then opens the cell
//   keep          the device goes on for its longest lease, then does what the policy of the run says
// Without a lease on the device (only a bound of what was loaded, or nobody) it is always `hold`.
import type { OffResult } from './cell-switch.ts';
import type { ChannelParts, RunChannelOptions } from './channel-parts.ts';

export type LeavePolicy = 'hold' | 'finish_step' | 'keep';

/** Brings the run into the state `holding` and tells whether the cell was seen to open. */
type Hold = (opened: (off: OffResult) => void) => void;

/** A device sends what it holds back at the latest after its flush time. */
const FLUSH_WAIT_MS = 250;

/**
 * `hold` brings the run into the state `holding`. `done` when the policy is in force and everything is
 * stored.
 */
export function leaveRun(
  { capabilities, clock, device, store }: RunChannelOptions,
  { journal, lease, recorder }: ChannelParts,
  asked: { readonly policy: LeavePolicy; readonly hold: Hold; readonly done: () => void },
): void {
  const { hold, done } = asked;
  const policy = capabilities.deadMan === 'device' ? asked.policy : 'hold';
  const closeFile = (): void => journal.end(() => store.close(done));
  journal.event({ timeUs: recorder.newestUs, kind: 'left', detail: { policy, asked: asked.policy } });
  switch (policy) {
    case 'hold':
      hold((off) => {
        if (!off.isOpen) {
          const problem = `the cell was not seen to open: ${off.detail}`;
          journal.event({ timeUs: recorder.newestUs, kind: 'incomplete', detail: { problem } });
        }
        // The step end that `off` causes may come after its answer; a status asked behind both is behind it
        // too.
        device.status(() => clock.after(FLUSH_WAIT_MS, closeFile));
      });
      return;
    case 'finish_step':
      device.renewLease(lease.shortest('finish-step'), closeFile);
      return;
    case 'keep':
      device.renewLease(lease.longest(), closeFile);
      return;
  }
}
