// The fence around one driver: bytes, ends of ports and timers come in through it. A failed assertion in
// there costs this instrument its connection, which is made anew, and no other instrument anything. After a
// suspend the connection is dropped in the same way. Never lets a throw through, never keeps bytes.
import type { BytePort, OpenPort } from '../base/byte-port.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';

export interface FenceOptions {
  /** Of the instrument or input, for the log. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Fence {
  readonly #options: FenceOptions;
  readonly #ports = new Set<FencedPort>();
  /** What the driver is given instead of the clock. */
  readonly clock: Clock;

  constructor(options: FenceOptions) {
    const { clock } = options;
    this.#options = options;
    this.clock = {
      nowMs: () => clock.nowMs(),
      wallMs: () => clock.wallMs(),
      after: (delayMs: number, run: () => void): Timer => clock.after(delayMs, () => this.#enter(run)),
      defer: (run: () => void) => clock.defer(() => this.#enter(run)),
    };
  }

  /** The same port, through the fence. */
  around(open: OpenPort): OpenPort {
    return (done) =>
      open((result) =>
        this.#enter(() => done(result.ok ? { ok: true, port: this.#fenced(result.port) } : result)),
      );
  }

  /** Ends every open port as if its line had gone away; the driver connects again by itself. */
  drop(reason: string): void {
    for (const port of [...this.#ports]) port.end(reason);
  }

  #fenced(inner: BytePort): BytePort {
    const port = new FencedPort(inner, {
      enter: (run) => this.#enter(run),
      ended: (ended) => this.#ports.delete(ended),
    });
    if (port.isOpen) this.#ports.add(port);
    return port;
  }

  #enter(run: () => void): void {
    try {
      run();
    } catch (thrown) {
      const { log, name } = this.#options;
      log.error({ name, err: thrown }, 'internal error of a driver; its connection is made anew');
      this.drop(`internal error: ${messageOf(thrown)}`);
    }
  }
}

interface FencedPortHooks {
  readonly enter: (run: () => void) => void;
  readonly ended: (port: FencedPort) => void;
}

class FencedPort implements BytePort {
  readonly #inner: BytePort;
  readonly #hooks: FencedPortHooks;
  #receiveEnd: ((reason: string) => void) | null = null;
  #endReason: string | null = null;

  constructor(inner: BytePort, hooks: FencedPortHooks) {
    this.#inner = inner;
    this.#hooks = hooks;
    inner.onClosed((reason) => this.end(reason));
  }

  get name(): string {
    return this.#inner.name;
  }

  get isOpen(): boolean {
    return this.#inner.isOpen && this.#endReason === null;
  }

  get pendingBytes(): number {
    return this.#inner.pendingBytes;
  }

  write(text: string): boolean {
    return this.isOpen && this.#inner.write(text);
  }

  onBytes(receive: (text: string) => void): void {
    this.#inner.onBytes((text) => {
      if (this.#endReason === null) this.#hooks.enter(() => receive(text));
    });
  }

  onClosed(receive: (reason: string) => void): void {
    this.#receiveEnd = receive;
    if (this.#endReason !== null) receive(this.#endReason);
  }

  close(): void {
    this.#inner.close();
  }

  /** Once: the receiver is told, then the port is closed. */
  end(reason: string): void {
    if (this.#endReason !== null) return;
    this.#endReason = reason;
    this.#hooks.ended(this);
    this.#hooks.enter(() => this.#receiveEnd?.(reason));
    this.#inner.close();
  }
}
