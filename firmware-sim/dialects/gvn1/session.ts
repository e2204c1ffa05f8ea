// What the device remembers between frames, per port and per channel, beside the state of the channels
// themselves. Lost at power-down.
import type { ChannelFirmware } from '../../board/channel-firmware.ts';
import type { DeviceClock } from '../../board/device-clock.ts';
import type { Instrument } from '../../board/instrument.ts';
import type { Fields } from './fields.ts';
import type { SampleStream } from './sample-stream.ts';
import type { StagedJob } from './staged-job.ts';

/** What one device says of itself in `hello`. */
export interface DeviceIdentity {
  readonly dev: string;
  readonly model: string;
  readonly firmware: string;
  readonly bootId: number;
  readonly cause: PowerUpCause;
  readonly scale: number;
  readonly ringCapacity: number;
  readonly logCapacity: number;
  readonly slots: number;
  readonly leaseLongestUs: number;
}

export type PowerUpCause = 'power' | 'watchdog' | 'brownout' | 'soft';

export interface PortSession {
  readonly identity: DeviceIdentity;
  readonly instrument: Instrument;
  readonly clock: DeviceClock;
  readonly channels: readonly ChannelSession[];
  /** Null until the first `hello`. */
  token: string | null;
  /** Lines dropped since power-up. */
  badLineCount: number;
  readonly send: (type: string, payload: string) => void;
}

export interface ChannelSession {
  readonly firmware: ChannelFirmware;
  readonly stream: SampleStream;
  staged: StagedJob | null;
  /** Real µs; 0 = none. */
  livePeriodUs: number;
  liveDueMs: number;
  /** Real µs; 0 = at once. */
  flushUs: number;
}

/** One command as its handler sees it: well-formed, and allowed to this session. */
export interface PortCommand {
  readonly port: PortSession;
  readonly fields: Fields;
  readonly payload: string;
}

export interface ChannelCommand extends PortCommand {
  readonly channel: ChannelSession;
}
