// Commands about what the device sends: live reports, flush time, replay of samples and of step ends (GVN1.md
// section 10).
import { ACK, ack, type Answer, refuseOutside } from './answer.ts';
import type { ChannelCommand } from './session.ts';
import { MAGNITUDE_MAX } from './fields.ts';
import { stepEndText } from './reports.ts';
import { replaySamples } from './sample-stream.ts';

const LIVE_FASTEST_US = 100_000;
const REPLAY_MAX_SAMPLES = 1000;
const REPLAY_MAX_ENDS = 64;

export function setLive({ port, channel, fields }: ChannelCommand): Answer {
  const periodUs = fields.integer('p_us');
  const refusal = periodUs === 0 ? null : refuseOutside('p_us', periodUs, LIVE_FASTEST_US, MAGNITUDE_MAX);
  if (refusal !== null) return refusal;
  channel.livePeriodUs = periodUs;
  channel.liveDueMs = port.clock.nowMs() + periodUs / 1000;
  return ACK;
}

export function setFlush({ channel, fields }: ChannelCommand): Answer {
  const periodUs = fields.integer('p_us');
  const refusal = refuseOutside('p_us', periodUs, 0, MAGNITUDE_MAX);
  if (refusal !== null) return refusal;
  channel.flushUs = periodUs;
  return ACK;
}

export function replayRecorded({ port, channel, fields }: ChannelCommand): Answer {
  const { ring } = channel.firmware;
  const first = fields.integer('from');
  const refusal = refuseOutside('from', first, 0, MAGNITUDE_MAX);
  if (refusal !== null) return refusal;
  // What was never sent goes first as itself, so that a replay holds only what the host could have had.
  channel.stream.flush();
  const from = Math.max(first, ring.oldest);
  const to = Math.min(fields.integer('to'), ring.next - 1, from + REPLAY_MAX_SAMPLES - 1);
  const { clockWrapUs: wrapUs } = port.instrument;
  return ack({ from, to }, () => replaySamples(channel.firmware, { from, to, wrapUs, send: port.send }));
}

export function replayEnds({ port, channel, fields }: ChannelCommand): Answer {
  const { log } = channel.firmware;
  const first = fields.integer('from');
  const refusal = refuseOutside('from', first, 0, MAGNITUDE_MAX);
  if (refusal !== null) return refusal;
  const from = Math.max(first, log.oldest);
  const to = Math.min(log.ended, from + REPLAY_MAX_ENDS - 1);
  return ack({ from, to }, () => {
    for (let stepNumber = from; stepNumber <= to; stepNumber += 1) {
      const end = log.at(stepNumber);
      if (end !== null)
        port.send('x', stepEndText(channel.firmware.channel, end, port.instrument.clockWrapUs));
    }
  });
}
