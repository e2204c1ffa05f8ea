// The tap between one driver and its ports: tells of every frame, both ways, and of every connection, with
// the host's time. Time stands still within one turn of the driver, as it does in virtual time, so that a
// driver that is given the same entries again reads the same clock. Changes nothing that goes through it.
import type { BytePort, OpenPort, PortResult } from '../base/byte-port.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { PortIndex, WireEntry, WireKind } from './wire-entry.ts';
import type { WireConnection, WireFrame, WireLanguage } from './wire-language.ts';

export interface WireTapOptions {
  readonly clock: Clock;
  readonly language: WireLanguage;
}

type Receive = (entry: WireEntry, frame: WireFrame | null) => void;

interface Listener {
  readonly channel: number;
  readonly receive: Receive;
}

interface Kept {
  readonly entry: WireEntry;
  readonly frame: WireFrame | null;
}

/** Within this a timer of a busy host is on time. */
export const TIMERS_LATE_MS = 150;
/** More is no greeting: an instrument that never comes up. */
const GREETING_MAX = 500;

export class WireTap {
  /** What the driver must be given instead of the clock. */
  readonly clock: Clock;
  readonly language: WireLanguage;
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  #connection: WireConnection;
  /** What this connection began with, up to the moment at which its instrument was known. */
  #greeting: Kept[] = [];
  #isGreeting = false;
  /** Both clocks as the turn began; null: none is under way. */
  #turn: { readonly nowMs: number; readonly wallMs: number } | null = null;

  constructor({ clock, language }: WireTapOptions) {
    this.#clock = clock;
    this.language = language;
    this.#connection = language.connect();
    this.clock = {
      nowMs: () => (this.#turn ?? this.#read()).nowMs,
      wallMs: () => (this.#turn ?? this.#read()).wallMs,
      after: (delayMs: number, run: () => void): Timer => {
        const dueMs = clock.nowMs() + delayMs;
        return clock.after(delayMs, () => this.#take(() => this.#runTimer(dueMs, run)));
      },
      defer: (run: () => void) => clock.defer(() => this.#take(run)),
    };
  }

  /** The same port, with the tap on it. */
  around(open: OpenPort, port: PortIndex): OpenPort {
    return (done) => open((result) => this.#take(() => done(this.#opened(result, port))));
  }

  /** What is done now, by whomever, is one turn. */
  hold(): void {
    if (this.#turn !== null) return;
    const turn = this.#read();
    this.#turn = turn;
    this.#clock.defer(() => {
      if (this.#turn === turn) this.#turn = null;
    });
  }

  /** The driver has told that its link is up: what comes from here on is no greeting. */
  linkUp(): void {
    this.#isGreeting = false;
  }

  /**
   * Tells of the link and of this channel from here on; first of what the connection began with. Returns what
   * ends it.
   */
  listen(channel: number, receive: Receive): () => void {
    const listener = { channel, receive };
    this.#listeners.add(listener);
    for (const { entry, frame } of this.#greeting) tell(listener, entry, frame);
    return () => this.#listeners.delete(listener);
  }

  #take(run: () => void): void {
    if (this.#turn !== null) return run();
    this.#turn = this.#read();
    try {
      run();
    } finally {
      this.#turn = null;
    }
  }

  /** Of a host that was held up a replay must know: its timers ran late. */
  #runTimer(dueMs: number, run: () => void): void {
    if (this.clock.nowMs() - dueMs > TIMERS_LATE_MS) this.#note('late', String(dueMs), 0);
    run();
  }

  #read() {
    return { nowMs: this.#clock.nowMs(), wallMs: this.#clock.wallMs() };
  }

  #opened(result: PortResult, port: PortIndex): PortResult {
    if (!result.ok) {
      const { reason, detail } = result;
      this.#note('refused', JSON.stringify({ reason, detail }), port);
      return result;
    }
    if (port === 0) {
      this.#connection = this.language.connect();
      this.#greeting = [];
      this.#isGreeting = true;
    }
    this.#note('opened', result.port.name, port);
    return { ok: true, port: this.#tapped(result.port, port) };
  }

  #tapped(inner: BytePort, port: PortIndex): BytePort {
    const connection = this.#connection;
    return {
      get name() {
        return inner.name;
      },
      get isOpen() {
        return inner.isOpen;
      },
      get pendingBytes() {
        return inner.pendingBytes;
      },
      write: (text) => {
        if (inner.isOpen) this.#frames('sent', connection.sent(text, port), port);
        return inner.write(text);
      },
      onBytes: (receive) =>
        inner.onBytes((text) =>
          this.#take(() => {
            this.#frames('heard', connection.heard(text, port), port);
            receive(text);
          }),
        ),
      onClosed: (receive) =>
        inner.onClosed((reason) =>
          this.#take(() => {
            this.#note('closed', reason, port);
            receive(reason);
          }),
        ),
      close: () => inner.close(),
    };
  }

  #frames(kind: WireKind, frames: readonly WireFrame[], port: PortIndex): void {
    for (const frame of frames) {
      this.#tell({ atMs: this.clock.nowMs(), kind, text: frame.text, port }, frame);
    }
  }

  #note(kind: WireKind, text: string, port: PortIndex): void {
    this.#tell({ atMs: this.clock.nowMs(), kind, text, port }, null);
  }

  #tell(entry: WireEntry, frame: WireFrame | null): void {
    if (this.#isGreeting && this.#greeting.length < GREETING_MAX) this.#greeting.push({ entry, frame });
    for (const listener of this.#listeners) tell(listener, entry, frame);
  }
}

function tell({ channel, receive }: Listener, entry: WireEntry, frame: WireFrame | null): void {
  const belongs = frame === null || frame.channel === null || frame.channel === channel;
  if (belongs) receive(entry, frame);
}
