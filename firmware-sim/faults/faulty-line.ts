// The line of a simulated instrument with everything that happens to lines, as a wrapper around each port
// that is attached:
//
//   instrument -> noise -> silent? -> blocked, slow, split -> port -> host
//   instrument <- noise <------------------------------------ port <- host
//
// Draws go on from one connection to the next. Must never know the language: lines end by CR or LF.
import type { BytePort } from '../../src/base/byte-port.ts';
import type { Clock, Timer } from '../../src/base/clock.ts';
import { randomKey, uniformAt } from '../../src/base/prng.ts';
import { Departures } from './departures.ts';
import type { DeviceTime } from './device-time.ts';
import type { Fault } from './fault.ts';
import { faultValue } from './fault-menu.ts';
import { LineNoise, type NoiseShares } from './line-noise.ts';

export interface FaultyLineOptions {
  readonly clock: Clock;
  readonly time: DeviceTime;
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** `binary`: a line that has no lines of text to lose or to double. */
  readonly content: 'text' | 'binary';
}

/** Between the two parts of a chunk that was cut; longer than any system takes to hand over a read. */
const SPLIT_GAP_MS = 5;
/** A line that is behind already is not held up by further cuts. */
const SPLIT_LAG_LONGEST_MS = 50;
const XOFF = '\x13';
const XON = '\x11';
/** Some hosts wait a fixed time after XOFF: both are well above what a line takes. */
const XOFF_MS = 200;
const XON_MS = 50;

export class FaultyLine {
  readonly #options: FaultyLineOptions;
  readonly #outward: LineNoise;
  readonly #inward: LineNoise;
  readonly #splitKey: number;
  #chunks = 0;
  #port: BytePort | null = null;
  #stormTimer: Timer | null = null;

  constructor(options: FaultyLineOptions) {
    this.#options = options;
    const { seed, content, faults, time } = options;
    this.#outward = new LineNoise(seed, `${content}:out`);
    this.#inward = new LineNoise(seed, `${content}:in`);
    this.#splitKey = randomKey(seed, `${content}:split-lines`);
    const storm = faults.find(({ name }) => name === 'xoff-storm');
    if (storm === undefined || content === 'binary') return;
    const endMs = time.msAt(storm.atS) + faultValue(storm) * 1000;
    this.#stormTimer = time.after(storm.atS ?? 0, () => this.#storm(endMs));
  }

  /** The port as the instrument finds it behind this line. */
  wrap(port: BytePort): BytePort {
    this.#port = port;
    this.#outward.reset();
    this.#inward.reset();
    const departures = new Departures(this.#options.clock, (text) => void port.write(text));
    return {
      name: port.name,
      get isOpen() {
        return port.isOpen;
      },
      get pendingBytes() {
        return port.pendingBytes + departures.pendingBytes;
      },
      write: (text) => {
        if (!port.isOpen) return false;
        this.#send(text, departures);
        return true;
      },
      onBytes: (receive) =>
        port.onBytes((text) => {
          const heard = this.#inward.pass(text, this.#noise());
          if (heard !== '') receive(heard);
        }),
      onClosed: (receive) =>
        port.onClosed((reason) => {
          departures.clear();
          receive(reason);
        }),
      close: () => {
        departures.clear();
        port.close();
      },
    };
  }

  /** Nothing stays armed. Ports that are attached stay as they are. */
  close(): void {
    this.#stormTimer?.cancel();
    this.#stormTimer = null;
  }

  #send(text: string, departures: Departures): void {
    const passed = this.#outward.pass(text, this.#noise());
    if (passed === '' || this.#endOfWindowMs('silent') !== null) return;
    const nowMs = this.#options.clock.nowMs();
    const heldUntilMs = this.#endOfWindowMs('tx-blocked') ?? nowMs;
    const dueMs = Math.max(heldUntilMs, nowMs + this.#valueNow('slow-replies'));
    const cut = this.#cutOf(passed);
    departures.send(passed.slice(0, cut), dueMs);
    if (cut === passed.length) return;
    const isBehind = departures.lastMs - dueMs > SPLIT_LAG_LONGEST_MS;
    departures.send(passed.slice(cut), isBehind ? dueMs : Math.max(dueMs, departures.lastMs) + SPLIT_GAP_MS);
  }

  /** Where a chunk is cut in two; its length where it is not. */
  #cutOf(text: string): number {
    const share = this.#valueNow('split-lines');
    const chunk = this.#chunks;
    this.#chunks += 1;
    const draw = uniformAt(this.#splitKey, chunk);
    if (draw >= share || text.length < 2) return text.length;
    return 1 + Math.floor((draw / share) * (text.length - 1));
  }

  /** XOFF, XON and XOFF again past everything that waits, as a UART sends them; ends on XON. */
  #storm(endMs: number): void {
    const { clock } = this.#options;
    this.#port?.write(XOFF);
    this.#stormTimer = clock.after(XOFF_MS, () => {
      this.#port?.write(XON);
      const isOver = clock.nowMs() + XON_MS >= endMs;
      this.#stormTimer = isOver ? null : clock.after(XON_MS, () => this.#storm(endMs));
    });
  }

  #noise(): NoiseShares {
    const isText = this.#options.content === 'text';
    return {
      drop: isText ? this.#valueNow('drop-lines') : 0,
      double: isText ? this.#valueNow('double-lines') : 0,
      flip: this.#valueNow('byte-flips'),
    };
  }

  /** What the fault comes to now; the largest where it was named twice, 0 before it and without it. */
  #valueNow(name: string): number {
    const { clock, faults, time } = this.#options;
    const nowMs = clock.nowMs();
    return faults
      .filter((fault) => fault.name === name && time.msAt(fault.atS) <= nowMs)
      .reduce((largest, fault) => Math.max(largest, faultValue(fault)), 0);
  }

  /** When the window that is open now ends, its length being real seconds; null: none is open. */
  #endOfWindowMs(name: string): number | null {
    const { clock, faults, time } = this.#options;
    const nowMs = clock.nowMs();
    const endsMs = faults
      .filter((fault) => fault.name === name && time.msAt(fault.atS) <= nowMs)
      .map((fault) => time.msAt(fault.atS) + faultValue(fault) * 1000)
      .filter((endMs) => endMs > nowMs);
    return endsMs.length === 0 ? null : Math.max(...endsMs);
  }
}
