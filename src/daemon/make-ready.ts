// Makes a channel ready for a step: the fault that an outage left is cleared, the run is opened, and told how
// to report. Journalled, then sent. Nothing is driven yet.
import type { DeviceResult, Done } from '../device/cycler.ts';
import type { RunChannelOptions } from './channel-parts.ts';
import type { Journal } from './journal.ts';

/**
 * A fault is cleared (what was recorded stays), then the channel is given to the run, which changes nothing
 * where it has it. `done` hears the first refusal, or that the device is ready for a step.
 */
export function makeReady(
  options: RunChannelOptions,
  { journal, fault }: { readonly journal: Journal; readonly fault: string | null },
  done: Done<null>,
): void {
  const { device } = options;
  if (fault === null) return open(options, journal, done);
  const number = journal.intend('clear');
  journal.flush(() =>
    device.clearFault(fault, (result) => {
      journal.result(number, textOf(result));
      // Refused: there is no such fault any more; where another is, the load will meet it.
      if (result.ok || result.reason === 'refused') open(options, journal, done);
      else done(result);
    }),
  );
}

function open(options: RunChannelOptions, journal: Journal, done: Done<null>): void {
  const { cellLimits, device, rangeIndex, reporting, run } = options;
  const number = journal.intend('open');
  journal.flush(() => {
    device.open({ run, rangeIndex, limits: cellLimits }, (result) => {
      journal.result(number, textOf(result));
      if (result.ok) device.setReporting(reporting, done);
      else done(result);
    });
  });
}

function textOf(result: DeviceResult<null>): string {
  return result.ok ? 'ok' : `${result.reason}: ${result.detail}`;
}
