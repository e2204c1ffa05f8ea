// Keeps the numbers of a run in one frame: over a reset of its device, which counts from zero again, and over
// a change of daemon, where a clock that wraps is met at another count. Changes what the channel adds, and
// nothing that is recorded.
import type { ChannelStatus } from '../device/cycler.ts';
import { durationText } from '../steps/outage.ts';
import type { ChannelParts, RunChannelOptions } from './channel-parts.ts';
import type { Progress } from './progress.ts';

/**
 * A clock that wraps is counted from another zero by another process (GVN1 4.1). Wall time tells how often it
 * has wrapped since; nothing comes before what is recorded, whatever wall time says. True: the frame was
 * shifted.
 */
export function lineUpClock(options: RunChannelOptions, parts: ChannelParts, status: ChannelStatus): boolean {
  const { clockWrapUs } = options.capabilities;
  const { reached } = parts.recorder;
  const foundUs = parts.recorder.runTimeUs(status.timeUs);
  if (clockWrapUs === undefined || foundUs === null || reached === null) return false;
  const wraps = Math.max(
    Math.round((expectedTimeUs(options, parts) - foundUs) / clockWrapUs),
    Math.ceil((reached.timeUs - foundUs) / clockWrapUs),
  );
  const { device } = options;
  const { frame } = device;
  if (wraps !== 0) device.shift({ ...frame, timeUs: frame.timeUs + wraps * clockWrapUs });
  return wraps !== 0;
}

/** By the clock row of the record; where its daemon died before the first, by when the run was created. */
function expectedTimeUs({ capabilities, clock, restored }: RunChannelOptions, parts: ChannelParts): number {
  const sinceMs = clock.wallMs() - (restored?.createdWallMs ?? clock.wallMs());
  return parts.clockKeeper.runTimeNow()?.timeUs ?? sinceMs * 1000 * capabilities.timeScale;
}

/**
 * The device knows neither run nor numbers any more: the step that was open ends at its last sample, and the
 * run's own numbers go on where the record ends. Returns the status in the new frame; null where nothing had
 * begun.
 */
export function frameAfterReset(
  { clock, device }: RunChannelOptions,
  { clockKeeper, journal, recorder, sequencer }: ChannelParts,
  status: ChannelStatus,
): ChannelStatus | null {
  sequencer.deviceHasForgotten();
  const end = recorder.endOfOpenStep(sequencer.position.nextN - 1);
  if (end !== null) sequencer.accept(end);
  const { frame } = device;
  const { reached } = recorder;
  const n = frame.n + sequencer.position.nextN - status.nextN;
  if (reached === null) {
    device.shift({ ...frame, n });
    return null;
  }
  const estimate = clockKeeper.runTimeNow();
  const nowUs = Math.max(estimate?.timeUs ?? 0, reached.timeUs + 1);
  const framedUs = recorder.deviceTimeUs(nowUs) ?? status.timeUs;
  device.shift({ n, timeUs: frame.timeUs + framedUs - status.timeUs, netChargeNc: reached.netChargeNc });
  // Nobody measured this time: what the two clocks may be apart bounds it.
  const errorUs = estimate?.errorUs ?? nowUs - reached.timeUs;
  journal.clockSync({ timeUs: nowUs, wallMs: Math.round(clock.wallMs()), source: 'estimate', errorUs });
  return { ...status, timeUs: framedUs, netChargeNc: reached.netChargeNc };
}

/** Since when the cell is known to rest; run time. */
export function restingSinceUs({ recorder }: ChannelParts): number {
  return recorder.lastEnded?.endUs ?? recorder.newestUs ?? 0;
}

/** Of the time of a half-cycle, and at the least: what may flow unheard, and so be given twice. */
const UNKNOWN_SHARE = 0.05;
const UNKNOWN_LEAST_US = 1_500_000;

/**
 * Why a run must not go on by itself after a reset: the cell was driven when it was last heard of, and may
 * have been for long since, which no counter tells any more. To give the remainder again might be far too
 * much. Null: it may.
 */
export function unknownCharge(
  { capabilities, lease }: RunChannelOptions,
  { recorder }: ChannelParts,
  { status, progress }: { readonly status: ChannelStatus; readonly progress: Progress },
): string | null {
  const { newest } = recorder;
  if (newest === null || newest.currentPa === 0 || lease.kind === 'per-step') return null;
  const unheardUs = (recorder.runTimeUs(status.timeUs) ?? newest.timeUs) - newest.timeUs;
  const leaseUs = lease.durationMs * 1000 * capabilities.timeScale;
  const isBounded = capabilities.deadMan === 'device' && lease.policy === 'off';
  const drivenUs = isBounded ? Math.min(unheardUs, leaseUs) : unheardUs;
  const harmlessUs = Math.max(UNKNOWN_LEAST_US, progress.programStep().durationExpectedUs * UNKNOWN_SHARE);
  if (drivenUs <= harmlessUs) return null;
  const found = `the cell was driven, then unheard of for ${durationText(unheardUs)}, and no charge is known`;
  return `${found}: it may have had all of its half-cycle; look at it, then run resume or run stop`;
}
