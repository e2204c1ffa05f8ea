// Recorded samples of one channel on their way out: each is encoded once, into the frame being filled, which
// leaves when it is full, when its oldest sample has waited for the flush time, or when its step ends.
import type { ChannelFirmware } from '../../board/channel-firmware.ts';
import type { Sample } from '../../board/sample-ring.ts';
import { LINE_MAX_BYTES } from './frame.ts';
import { deviceTimeUs } from './reports.ts';

/** Sends one frame under the device's own counter. */
export type SendFrame = (type: string, payload: string) => void;

/** `@65535 s `, `*`, 8 hex digits, LF. */
const FRAME_OVERHEAD_BYTES = 19;
/** Before the first sample was seen; only the size of a look ahead depends on it. */
const TYPICAL_SAMPLE_BYTES = 48;

export interface SamplePackerOptions {
  readonly type: 's' | 'r';
  readonly channel: number;
  /** Where the device's clock starts again at 0. */
  readonly wrapUs: number;
  readonly send: SendFrame;
}

/** Packs samples of one channel into `s` or `r` frames. */
export class SamplePacker {
  readonly #type: 's' | 'r';
  readonly #channel: number;
  readonly #send: SendFrame;
  readonly #wrapUs: number;
  #text = '';
  #step = 0;
  #oldestUs = 0;
  #lastBytes = TYPICAL_SAMPLE_BYTES;

  constructor(options: SamplePackerOptions) {
    this.#type = options.type;
    this.#channel = options.channel;
    this.#wrapUs = options.wrapUs;
    this.#send = options.send;
  }

  /** Device time of the oldest sample in the frame being filled; Infinity when it is empty. */
  get oldestUs(): number {
    return this.#text === '' ? Number.POSITIVE_INFINITY : this.#oldestUs;
  }

  /** How many more samples like the last one the frame can hold. */
  get room(): number {
    const headBytes = this.#text === '' ? 24 : 0;
    const freeBytes = LINE_MAX_BYTES - FRAME_OVERHEAD_BYTES - this.#text.length - headBytes;
    return Math.floor(freeBytes / (this.#lastBytes + 1));
  }

  add(n: number, sample: Sample): void {
    const text = sampleText(sample, this.#wrapUs);
    const isFull = this.#text.length + 1 + text.length > LINE_MAX_BYTES - FRAME_OVERHEAD_BYTES;
    if (isFull || sample.stepNumber !== this.#step) this.flush();
    if (this.#text === '') {
      this.#text = `${this.#channel} ${n} ${sample.stepNumber} ${text}`;
      this.#step = sample.stepNumber;
      this.#oldestUs = sample.timeUs;
    } else {
      this.#text += `;${text}`;
    }
    this.#lastBytes = text.length;
  }

  flush(): void {
    if (this.#text === '') return;
    this.#send(this.#type, this.#text);
    this.#text = '';
  }
}

export class SampleStream {
  readonly #channel: ChannelFirmware;
  readonly #packer: SamplePacker;
  #taken: number;

  constructor(channel: ChannelFirmware, options: { readonly wrapUs: number; readonly send: SendFrame }) {
    this.#channel = channel;
    this.#packer = new SamplePacker({ type: 's', channel: channel.channel, ...options });
    this.#taken = channel.ring.next;
  }

  /** Device time of the oldest sample that waits; Infinity when none does. */
  get oldestUs(): number {
    return this.#packer.oldestUs;
  }

  /** How many more samples fit into the frame being filled, at least one. */
  get room(): number {
    return Math.max(1, this.#packer.room);
  }

  /** Encodes what the ring has gained; full frames leave. */
  take(): void {
    const { ring } = this.#channel;
    for (; this.#taken < ring.next; this.#taken += 1) this.#packer.add(this.#taken, ring.at(this.#taken));
  }

  flush(): void {
    this.#packer.flush();
  }
}

/** Sends samples `from` to `to` of the ring again. */
export function replaySamples(
  channel: ChannelFirmware,
  replay: { readonly from: number; readonly to: number; readonly wrapUs: number; readonly send: SendFrame },
): void {
  const packer = new SamplePacker({ type: 'r', channel: channel.channel, ...replay });
  for (let n = replay.from; n <= replay.to; n += 1) packer.add(n, channel.ring.at(n));
  packer.flush();
}

function sampleText(sample: Sample, wrapUs: number): string {
  const { voltageNv, currentPa, netChargeNc, flags } = sample;
  return `${deviceTimeUs(sample.timeUs, wrapUs)},${voltageNv},${currentPa},${netChargeNc},${flags}`;
}
