// The line between host and simulated cycler, in memory, with everything that happens to lines: it can be
// cut, be silent, and wait for a host that is frozen. Writes down what the host sent, in order with whatever
// else is noted.
import { createMemoryPair } from '../../firmware-sim/attach/memory.ts';
import type { SimulatedCycler } from '../../firmware-sim/sim.ts';
import type { BytePort, OpenPort } from '../../src/base/byte-port.ts';
import type { VirtualClock } from '../../src/base/virtual-clock.ts';
import type { PausableClock } from './pausable-clock.ts';

export interface LineOptions {
  readonly clock: VirtualClock;
  /** The clock of the host that holds the other end now. */
  readonly host: () => PausableClock;
  readonly device: SimulatedCycler;
  /** Each frame that the host sends, without its line feed. */
  readonly onSent: (frame: string) => void;
}

export class Line {
  readonly #options: LineOptions;
  #deviceEnd: BytePort | null = null;
  #isPlugged = true;
  #receive: ((text: string) => void) | null = null;
  /** How long what the host sends is on its way. */
  latencyMs = 0;
  /** Bytes vanish both ways, and nobody is told. */
  isSilent = false;
  /** Tells which frames of the device get lost; asked for each. */
  loses: (frame: string) => boolean = () => false;
  /** What the device hears instead of a frame that the host sent; both without line feed. */
  alters: (frame: string) => string = (frame) => frame;
  /** What came while the host was frozen. */
  #waiting: (() => void)[] = [];

  constructor(options: LineOptions) {
    this.#options = options;
  }

  readonly open: OpenPort = (done) => {
    const { clock, device } = this.#options;
    const host = this.#options.host();
    if (!this.#isPlugged) {
      host.defer(() => done({ ok: false, reason: 'absent', detail: 'the cable is out' }));
      return;
    }
    const pair = createMemoryPair(clock);
    this.#deviceEnd = pair.device;
    device.attach(pair.device);
    host.defer(() => done({ ok: true, port: this.#hostPort(pair.host) }));
  };

  /** Pulls the cable: both sides are told, and it cannot be opened again. */
  cut(): void {
    this.#isPlugged = false;
    this.#deviceEnd?.close();
  }

  /** The host's end closes, as that of a process that was killed; the cable stays. */
  hangUp(): void {
    this.#deviceEnd?.close();
  }

  plugIn(): void {
    this.#isPlugged = true;
  }

  /** Puts text into the host's ear as if the device had said it. */
  inject(text: string): void {
    this.#receive?.(text);
  }

  /** The host runs again: what came meanwhile is behind its timers. */
  deliverWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const deliver of waiting) this.#options.clock.defer(deliver);
  }

  #hostPort(port: BytePort): BytePort {
    const { onSent } = this.#options;
    // The process that opened the port: what comes for it after its end is heard by nobody.
    const host = this.#options.host();
    const whenRunning = (deliver: () => void): void => {
      if (host.isPaused) this.#waiting.push(deliver);
      else deliver();
    };
    return {
      name: port.name,
      get isOpen() {
        return port.isOpen;
      },
      get pendingBytes() {
        return port.pendingBytes;
      },
      write: (text) => {
        if (!port.isOpen) return false;
        for (const frame of text.split('\n')) if (frame !== '') onSent(frame);
        if (this.isSilent) return true;
        const heard = text
          .split('\n')
          .map((frame) => (frame === '' ? '' : this.alters(frame)))
          .join('\n');
        if (this.latencyMs === 0) return port.write(heard);
        this.#options.clock.after(this.latencyMs, () => port.write(heard));
        return true;
      },
      onBytes: (receive) => {
        this.#receive = receive;
        port.onBytes((text) => {
          const kept = this.isSilent ? '' : this.#keptOf(text);
          if (kept !== '') whenRunning(() => receive(kept));
        });
      },
      onClosed: (receive) => port.onClosed((reason) => whenRunning(() => receive(reason))),
      close: () => port.close(),
    };
  }

  /** The emulator writes whole frames. */
  #keptOf(text: string): string {
    const frames = text.split('\n').filter((frame) => frame !== '');
    return frames
      .filter((frame) => !this.loses(frame))
      .map((frame) => `${frame}\n`)
      .join('');
  }
}
