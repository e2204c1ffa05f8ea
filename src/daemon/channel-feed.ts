// Tells the live feed what happens on one run: the channel's rows become feed messages, and the run's summary
// is kept. Fire and forget: nothing here may hold up a channel.
import type { Clock } from '../base/clock.ts';
import type { FeedMessage, RunSummary } from '../stream/feed.ts';
import type { ChannelFeed } from './channel-parts.ts';

export interface ChannelFeedOptions {
  readonly run: string;
  readonly clock: Clock;
  readonly feed: (message: FeedMessage) => void;
  readonly summary: (change: Partial<RunSummary>) => void;
  readonly closed: (problem: string | null) => void;
}

export function createChannelFeed({ run, clock, feed, summary, closed }: ChannelFeedOptions): ChannelFeed {
  return {
    live: (report, firstSeq, originUs) =>
      feed({
        type: 'live',
        run,
        firstSeq,
        stepNumber: report.stepNumber,
        timeUs: report.timeUs.map((timeUs) => timeUs - originUs),
        voltageNv: report.voltageNv,
        currentPa: report.currentPa,
        netChargeNc: report.netChargeNc,
        flags: report.flags,
        atWallMs: clock.wallMs(),
      }),
    stepBegan(row) {
      const { programStep, phase, cycle, half, record } = row.step;
      summary({
        position: {
          stepNumber: row.stepNumber,
          programStep,
          phase,
          cycle,
          half,
          recordEveryUs: record.everyUs,
        },
      });
      feed({ type: 'step', run, event: 'began', row });
    },
    stepEnded: (row) => feed({ type: 'step', run, event: 'ended', row }),
    halfCycle: (row) => feed({ type: 'half_cycle', run, row }),
    gap: (row) => feed({ type: 'gap', run, row }),
    state(row) {
      const sinceWallMs = clock.wallMs();
      summary({ ...row, sinceWallMs });
      feed({ type: 'state', run, ...row, sinceWallMs });
    },
    stored: (storedSeq) => feed({ type: 'stored', run, storedSeq }),
    alarm: (code, message) => feed({ type: 'alarm', run, code, message, atWallMs: clock.wallMs() }),
    closed,
  };
}
