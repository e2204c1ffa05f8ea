// Device times of one boot of a gvn1 cycler, from the wire to counts that never wrap (GVN1.md §4.1). Above it
// nobody knows that a clock can wrap. Null is nonsense: a time that this clock cannot show.
import { ClockUnwrapper } from '../../../samples/clock-unwrapper.ts';
import type { HelloReply } from '../../../frames/dialects/gvn1/replies.ts';
import type { DeviceReport } from '../../cycler.ts';
import { ChannelTimes } from './channel-times.ts';
import type { ChannelReport } from './reports.ts';

export interface DeviceTime {
  readonly boot: number;
  /** Null: the clock never wraps. */
  readonly wrapUs: number | null;
  /** The device must be heard at least this often, real ms; null: never for the sake of its clock. */
  readonly askEveryMs: number | null;
  /** A recorded sample may wait this long at most, real ms. */
  readonly flushMaxMs: number;
  /** The time (µs) in an answer to what was first sent at `sentMs`. */
  answered(timeUs: number, sentMs: number): number | null;
  place(heard: ChannelReport): DeviceReport | null;
  /** The channel was given to a run. */
  opened(channel: number, run: string): void;
}

export type DeviceTimeResult =
  | { readonly ok: true; readonly time: DeviceTime }
  /** One line: what was found, what to do. */
  | { readonly ok: false; readonly detail: string };

export interface Greeting {
  readonly hello: HelloReply;
  /** When `hello` was first sent, host's monotonic time. */
  readonly sentMs: number;
  /** An answer may be this late. */
  readonly answerMaxMs: number;
}

/** The time of a device that has answered `hello`: that of `before`, if it is still the same boot. */
export function deviceTimeFrom(before: DeviceTime | null, greeting: Greeting): DeviceTimeResult {
  const { hello, sentMs, answerMaxMs } = greeting;
  const { boot, scale, tUs, twrapUs } = hello;
  if (before?.boot === boot) {
    if (before.wrapUs !== twrapUs) {
      return { ok: false, detail: 'its clock wraps elsewhere than before, in one boot; update its firmware' };
    }
    before.answered(tUs, sentMs);
    return { ok: true, time: before };
  }
  if (twrapUs === null) return { ok: true, time: new PlainTime(boot) };
  const halfWrapMs = twrapUs / 2 / (scale * 1000);
  if (halfWrapMs < answerMaxMs) {
    const found = `its clock wraps every ${2 * halfWrapMs} ms, answers may take ${answerMaxMs} ms`;
    return { ok: false, detail: `${found}; run the simulator at a smaller scale` };
  }
  return { ok: true, time: new WrappingTime(greeting, twrapUs) };
}

/** Of a clock that never wraps: times are passed on, checked for their order. */
class PlainTime implements DeviceTime {
  readonly boot: number;
  readonly wrapUs = null;
  readonly askEveryMs = null;
  readonly flushMaxMs = Number.POSITIVE_INFINITY;

  constructor(boot: number) {
    this.boot = boot;
  }

  answered(timeUs: number): number {
    return timeUs;
  }

  place({ report }: ChannelReport): DeviceReport | null {
    if (report.type === 'samples') return isRising(report.timeUs) ? report : null;
    if (report.type === 'stepEnded') return report.startUs <= report.endUs ? report : null;
    return report;
  }

  opened(): void {
    // Nothing is kept of a channel.
  }
}

class WrappingTime implements DeviceTime {
  readonly boot: number;
  readonly wrapUs: number;
  readonly askEveryMs: number;
  readonly flushMaxMs: number;
  readonly #hello: HelloReply;
  readonly #unwrapper: ClockUnwrapper;
  readonly #channels = new Map<number, ChannelTimes>();

  constructor({ hello, sentMs }: Greeting, wrapUs: number) {
    this.#hello = hello;
    this.boot = hello.boot;
    this.wrapUs = wrapUs;
    // Asked twice in the time in which it must be heard once; no sample that waits may be older than that.
    this.askEveryMs = wrapUs / 4 / (hello.scale * 1000);
    this.flushMaxMs = this.askEveryMs;
    this.#unwrapper = new ClockUnwrapper({ wrapUs, timeScale: hello.scale, timeUs: hello.tUs, sentMs });
  }

  answered(timeUs: number, sentMs: number): number | null {
    return this.#unwrapper.isTime(timeUs) ? this.#unwrapper.answered(timeUs, sentMs) : null;
  }

  place({ channel, report }: ChannelReport): DeviceReport | null {
    return this.#channel(channel).place(report);
  }

  opened(channel: number, run: string): void {
    this.#channel(channel).opened(run);
  }

  #channel(channel: number): ChannelTimes {
    const known = this.#channels.get(channel);
    if (known !== undefined) return known;
    const { log: logEnds, ring: ringSamples, tickUs } = this.#hello;
    const times = new ChannelTimes({ unwrapper: this.#unwrapper, tickUs, ringSamples, logEnds });
    this.#channels.set(channel, times);
    return times;
  }
}

function isRising(timeUs: readonly number[]): boolean {
  return timeUs.every((atUs, index) => atUs > (index === 0 ? -1 : (timeUs[index - 1] ?? atUs)));
}
