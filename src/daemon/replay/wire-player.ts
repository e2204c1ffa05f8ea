// Plays the recorded wire to today's code in virtual time: ports that open, speak and close as the recorded
// ones did, and answer the k-th question of a kind by the recorded k-th. What was heard comes in the recorded
// order and at its recorded time, never before what it answers was asked; a timer of a bench runs when the
// frame that it made was sent. Never makes up an answer to anything but a poll.
import type { OpenPort, PortResult } from '../../base/byte-port.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { PortIndex } from '../../device/wire-entry.ts';
import type { WireConnection, WireFrame, WireLanguage } from '../../device/wire-language.ts';
import { PlayedPort } from './played-port.ts';
import type { Recorded, RecordedWire } from './recorded-wire.ts';

export interface WirePlayerOptions {
  readonly clock: VirtualClock;
  readonly wire: RecordedWire;
  readonly language: WireLanguage;
  /** A recorded timer was late by so much at most; 0: it was virtual time. */
  readonly timersLateMs: number;
  /** The process was killed, or goes on: its last frames are in no record. */
  readonly isCutOff: boolean;
  /** While the host was held up no timer ran. */
  readonly heldUp: readonly HeldUp[];
  /** A mark of the host; whoever hears of it is at its time. */
  readonly onMark: (mark: Recorded) => void;
  /** A question that the record cannot answer. */
  readonly onUnanswerable: (text: string) => void;
}

/** From when a timer was due to when it ran, ms. */
export interface HeldUp {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** setTimeout may fire so much early against the host's clock. */
const TIMERS_EARLY_MS = 2;
/** A poll is answered by the recorded one of its kind unless that lies further off than this. */
const POLL_EARLIER_MS = 1000;
const POLL_LATER_MS = 400;
/** An acknowledgement waits this long for the order that it let go on the bench. */
const STORE_LATE_MS = 4000;
/** Longer silence before a start is not lived through. */
const SILENCE_MS = 2000;

export class WirePlayer {
  readonly #options: WirePlayerOptions;
  #connection: WireConnection;
  #number = 0;
  readonly #ports = new Map<PortIndex, PlayedPort>();
  /** A driver that waits for a port, or a port that waits for a driver. */
  readonly #wanted = new Map<PortIndex, (result: PortResult) => void>();
  readonly #ready = new Map<PortIndex, PortResult[]>();
  readonly #latest = new Map<string, { readonly text: string; readonly atMs: number }>();
  #stored: (() => void)[] = [];
  #pollsMadeUp = 0;

  constructor(options: WirePlayerOptions) {
    this.#options = options;
    this.#connection = options.language.connect();
  }

  /** Polls that were not recorded: today's code asks at other times. */
  get pollsMadeUp(): number {
    return this.#pollsMadeUp;
  }

  openPort(port: PortIndex): OpenPort {
    return (done) => {
      const result = this.#ready.get(port)?.shift();
      if (result === undefined) this.#wanted.set(port, done);
      else this.#options.clock.defer(() => done(result));
    };
  }

  /** An order waits in the journal: on a bench its storage takes time, and the order was sent after that. */
  acknowledge(done: () => void): void {
    const { clock, timersLateMs, wire } = this.#options;
    const untilMs = clock.nowMs() + STORE_LATE_MS;
    const isAwaited = timersLateMs > 0 && wire.nextSent(untilMs, isOrder) !== null;
    if (!isAwaited) return done();
    this.#stored.push(done);
    clock.after(STORE_LATE_MS, () => this.#acknowledgeAll());
  }

  /** One thing after the other; false when the record is at its end. */
  step(): boolean {
    const { clock, wire } = this.#options;
    if (clock.settle()) return true;
    const { next } = wire;
    if (next === null) return false;
    if (next.kind === 'sent') this.#pass(next);
    else if (!this.#runTimerBefore(next)) this.#play(next);
    return true;
  }

  /** What today's code does at once after the last entry. */
  runOn(forMs: number): void {
    this.#acknowledgeAll();
    this.#options.clock.advance(forMs);
  }

  /** A recorded question: today's code must have asked it by now, or asks it from a timer that is due. */
  #pass(sent: Recorded): void {
    const { clock, timersLateMs, wire } = this.#options;
    const dueMs = this.#nextDueMs;
    const earlyMs = timersLateMs > 0 ? TIMERS_EARLY_MS : 0;
    if (sent.asked !== null) return wire.advance();
    if (this.#stored.length > 0 && isOrder(sent)) {
      clock.skipTo(sent.atMs);
      return this.#acknowledgeAll();
    }
    if (dueMs === null || dueMs > sent.atMs + earlyMs) return wire.advance();
    clock.runNextAt(dueMs < sent.atMs - timersLateMs ? dueMs : sent.atMs);
  }

  /** A timer comes before what is heard, unless what it sends was sent behind that. */
  #runTimerBefore(next: Recorded): boolean {
    const { clock, timersLateMs, wire } = this.#options;
    const dueMs = this.#nextDueMs;
    if (dueMs === null || dueMs >= next.atMs) return false;
    const begins = next.kind === 'started' || next.kind === 'restarted';
    const isSilence = begins && next.atMs - clock.nowMs() > SILENCE_MS;
    const isLate = timersLateMs > 0 && wire.nextSent(dueMs + timersLateMs) !== null;
    if (isSilence || isLate) return false;
    clock.runNextAt(dueMs);
    return true;
  }

  get #nextDueMs(): number | null {
    const { clock, heldUp } = this.#options;
    const dueMs = clock.nextDueMs;
    if (dueMs === null) return null;
    const found = heldUp.find(({ sinceMs, untilMs }) => sinceMs <= dueMs && dueMs < untilMs);
    return found?.untilMs ?? dueMs;
  }

  #play(next: Recorded): void {
    const { clock, onMark, wire } = this.#options;
    clock.skipTo(next.atMs);
    wire.advance();
    switch (next.kind) {
      case 'heard':
        return this.#hear(next);
      case 'opened':
      case 'refused':
        return this.#open(next);
      case 'closed':
        return this.#ports.get(next.port)?.end(next.text);
      case 'late':
        return this.#runLate(Number(next.text));
      case 'sent':
        return;
      case 'cycler':
      case 'started':
      case 'ordered':
      case 'restarted':
      case 'left-out':
        return onMark(next);
    }
  }

  /** A timer that was due at `dueMs` ran here. */
  #runLate(dueMs: number): void {
    const { clock, timersLateMs } = this.#options;
    const nextMs = clock.nextDueMs;
    if (nextMs !== null && nextMs <= dueMs + timersLateMs) clock.runNextAt(clock.nowMs());
  }

  #open(entry: Recorded): void {
    const { port, text } = entry;
    const result = entry.kind === 'opened' ? this.#opened(entry) : refusalFrom(text);
    const done = this.#wanted.get(port);
    if (done === undefined) return void this.#ready.set(port, [...(this.#ready.get(port) ?? []), result]);
    this.#wanted.delete(port);
    done(result);
  }

  #opened({ connection, port, text }: Recorded): PortResult {
    if (port === 0) {
      this.#connection = this.#options.language.connect();
      this.#number = connection;
    }
    const framed = this.#connection;
    const played = new PlayedPort(text, this.#options.clock, (written) => {
      for (const frame of framed.sent(written, port)) this.#ask(frame, port);
    });
    this.#ports.set(port, played);
    return { ok: true, port: played };
  }

  /** Everything of one stretch of bytes at once, as it was heard. */
  #hear(first: Recorded): void {
    const { wire } = this.#options;
    const together = [first];
    for (let { next } = wire; next !== null && isHeardWith(first, next); { next } = wire) {
      wire.advance();
      together.push(next);
    }
    const spoken = together.filter((heard) => this.#mayBeHeard(heard));
    this.#speak(spoken, first.port);
  }

  /** What answers a question that was not asked waits for it; that to a poll may wait for ever. */
  #mayBeHeard(heard: Recorded): boolean {
    const { cause } = heard;
    if (cause === null || cause.asked !== null) return true;
    cause.waiting.push(heard);
    return false;
  }

  #speak(spoken: readonly Recorded[], port: PortIndex): void {
    if (spoken.length === 0) return;
    const texts = spoken.map(({ cause, text }) => {
      if (cause?.isPoll === true)
        this.#latest.set(cause.question, { text, atMs: this.#options.clock.nowMs() });
      return this.#connection.spoken(text, cause?.asked ?? null);
    });
    this.#ports.get(port)?.hear(texts.join(''));
  }

  #ask(frame: WireFrame, port: PortIndex): void {
    const { language } = this.#options;
    const question = language.kindOf(frame.text);
    const isPoll = language.isPoll(frame.text);
    const recorded = isPoll ? this.#openPoll(question) : this.#openOrder(question);
    if (recorded !== null) return this.#answer(recorded, frame);
    if (isPoll) this.#makeUp(frame, question, port);
    else if (!this.#isUnderWay()) this.#options.onUnanswerable(frame.text);
  }

  /** What was sent after the last that was stored; on a bench later than here. */
  #isUnderWay(): boolean {
    const { clock, isCutOff, wire } = this.#options;
    return isCutOff && wire.endsBy(clock.nowMs() + STORE_LATE_MS);
  }

  #openOrder(question: string): Recorded | null {
    return this.#options.wire.openQuestion(this.#number, question);
  }

  /** How often today's code polls is no difference. */
  #openPoll(question: string): Recorded | null {
    const { clock, wire } = this.#options;
    const nowMs = clock.nowMs();
    const span = { fromMs: nowMs - POLL_EARLIER_MS, untilMs: nowMs + POLL_LATER_MS };
    return wire.openPoll(this.#number, question, span);
  }

  #answer(recorded: Recorded, frame: WireFrame): void {
    const { clock, wire } = this.#options;
    wire.close(recorded);
    recorded.asked = frame;
    const waiting = recorded.waiting.splice(0);
    if (waiting.length > 0) clock.defer(() => this.#speak(waiting, recorded.port));
  }

  #makeUp(frame: WireFrame, question: string, port: PortIndex): void {
    const { clock, language } = this.#options;
    const latest = this.#latest.get(question);
    const agoMs = clock.nowMs() - (latest?.atMs ?? 0);
    const text = language.substitute(question, latest === undefined ? null : { text: latest.text, agoMs });
    this.#pollsMadeUp += 1;
    if (text === null) return;
    const connection = this.#connection;
    clock.defer(() => this.#ports.get(port)?.hear(connection.spoken(text, frame)));
  }

  #acknowledgeAll(): void {
    const stored = this.#stored;
    this.#stored = [];
    for (const done of stored) done();
  }
}

/** What is sent once something is stored. */
function isOrder({ isPoll }: Recorded): boolean {
  return !isPoll;
}

function isHeardWith(first: Recorded, next: Recorded): boolean {
  return next.kind === 'heard' && next.atMs === first.atMs && next.port === first.port;
}

function refusalFrom(text: string): PortResult {
  const found: unknown = JSON.parse(text);
  const reasons = ['absent', 'busy', 'denied', 'failed'] as const;
  const told = typeof found === 'object' && found !== null ? found : {};
  const reason = reasons.find((one) => 'reason' in told && told.reason === one) ?? 'failed';
  return { ok: false, reason, detail: 'detail' in told ? String(told.detail) : '' };
}
