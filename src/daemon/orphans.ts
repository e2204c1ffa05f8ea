// Orphans: channels that drive a cell for a run that nobody here conducts, an earlier daemon's. They are
// switched off. Asked for whenever an instrument has come up; never touches a channel of a run that is
// active.
import type { Logger } from '../base/log.ts';
import type { ChannelStatus, Cycler } from '../device/cycler.ts';

export function openOrphans(
  cycler: Cycler,
  options: {
    readonly channels: number;
    readonly isConducted: (channel: number) => boolean;
    readonly log: Logger;
  },
): void {
  const { channels, isConducted, log } = options;
  for (let channel = 1; channel <= channels; channel += 1) {
    const device = cycler.channel(channel);
    device.status((result) => {
      if (!result.ok || !isDriven(result.value) || isConducted(channel)) return;
      log.warn({ cycler: cycler.name, channel, run: result.value.run }, 'orphan run switched off');
      device.off(() => undefined);
    });
  }
}

function isDriven({ state, isCellOn }: ChannelStatus): boolean {
  return state === 'step' || isCellOn;
}
