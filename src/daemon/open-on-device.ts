// Opens a run on its channel: journalled, then sent; then the device is told how to report. Nothing is driven
// yet.
import type { Done } from '../device/cycler.ts';
import type { RunChannelOptions } from './channel-parts.ts';
import type { Journal } from './journal.ts';

/** `done` hears the first refusal, or that the device is ready for a step. */
export function openOnDevice(options: RunChannelOptions, journal: Journal, done: Done<null>): void {
  const { cellLimits, device, rangeIndex, reporting, run } = options;
  const number = journal.intend('open');
  journal.flush(() => {
    device.open({ run, rangeIndex, limits: cellLimits }, (result) => {
      journal.result(number, result.ok ? 'ok' : `${result.reason}: ${result.detail}`);
      if (result.ok) device.setReporting(reporting, done);
      else done(result);
    });
  });
}
