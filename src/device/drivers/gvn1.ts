// Driver of gvn1 cyclers: codec, link and channels put together behind the Cycler interface.
// Must never deliver a report before the device is identified, nor guess at a line that is not a frame.
import { assert } from '../../base/assert.ts';
import type { OpenPort } from '../../base/byte-port.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { encodeCommand } from '../../frames/dialects/gvn1/commands.ts';
import {
  decodeFrame,
  encodeFrame,
  LINE_BYTES_MAX,
  SEQ_MODULUS,
  STOP_BYTE,
  type Frame,
} from '../../frames/dialects/gvn1/frame.ts';
import { parseClock, parseNak } from '../../frames/dialects/gvn1/replies.ts';
import { LineFramer } from '../../frames/line-framer.ts';
import { backOffMs } from '../back-off.ts';
import type { Dialect, Probe, ProbedInstrument } from '../dialect.ts';
import type { CreateCycler, Cycler, DeviceFailure, Done, LinkLossReason, LinkReport } from '../cycler.ts';
import { Link, type Heard } from '../link-runner.ts';
import type { LinkRules } from '../link-types.ts';
import { Gvn1Channel } from './gvn1/channel.ts';
import { deviceTimeFrom } from './gvn1/device-time.ts';
import { introductionFrom, VERSION } from './gvn1/identity.ts';
import { nonsense } from './gvn1/refusals.ts';
import { reportFromFrame } from './gvn1/reports.ts';
import { Session } from './gvn1/session.ts';
import { GVN1_WIRE } from './gvn1/wire-language.ts';

export interface Gvn1Options {
  readonly name: string;
  readonly openPort: OpenPort;
  readonly clock: Clock;
  /** Names this daemon to the device: 1 to 32 letters, digits and `._:,-`. */
  readonly token: string;
  /** Takes the device from another host whose lease is live: an operator's explicit act. */
  readonly isForced?: boolean;
  /** Silence after which a command is sent again. Default 250. */
  readonly retryMs?: number;
  /** How often a command is sent before the link is lost, the first time included. Default 4. */
  readonly sendsMax?: number;
  /** Idle time after which the link is probed; null: never, for virtual time. Default 1000. */
  readonly keepAliveMs?: number | null;
  /** Default 10 000. */
  readonly openMs?: number;
  /** Before trying a device again that is not what it should be. Default 30 000. */
  readonly nonsenseRetryMs?: number;
  /** Sequence number of the first command. Default 0. */
  readonly firstSeq?: number;
}

/** With keepAliveMs 1000 and four sends 250 ms apart, a dead link is noticed within 2 s. */
const DEFAULTS = {
  isForced: false,
  retryMs: 250,
  sendsMax: 4,
  keepAliveMs: 1000,
  openMs: 10_000,
  nonsenseRetryMs: 30_000,
  firstSeq: 0,
};

/** Types of the frames that a device sends on its own. */
const REPORT_TYPES = new Set(['s', 'e', 'l', 'f', 'r', 'x']);

export const createGvn1Cycler: CreateCycler<Gvn1Options> = (options) => new Gvn1Cycler(options);

/**
 * `clock` changes nothing and is answered in every state: with the time where a session is open, else by
 * `nak NOSESSION` (GVN1 §3.1). Either is a frame with a CRC, which nobody else sends. `hello` would tell
 * more, but it takes the session from whoever has it.
 */
const PROBE: Probe = { ask: encodeFrame(0, 'clock', ''), waitMs: 500, parse: parseProbed };

export const GVN1: Dialect = {
  name: 'gvn1',
  instruments: 'cyclers with the open firmware described in firmware-sim/GVN1.md',
  create: createGvn1Cycler,
  hasDataPort: false,
  baudRate: 115_200,
  flowControl: 'none',
  // Open firmware runs on boards of any vendor: none of their ids tells it.
  usbIds: [],
  probe: PROBE,
  wire: GVN1_WIRE,
};

class Gvn1Cycler implements Cycler {
  readonly name: string;
  readonly #clock: Clock;
  readonly #link: Link<Frame>;
  readonly #session: Session;
  readonly #channels = new Map<number, Gvn1Channel>();
  #channelCount: number | null = null;
  #receiveLink: ((report: LinkReport) => void) | null = null;
  #linesDropped = 0;
  /** Asks for the device clock where it wraps, so that no wrap passes unheard. */
  #clockTimer: Timer | null = null;
  readonly #answerMaxMs: number;

  constructor(options: Gvn1Options) {
    this.name = options.name;
    this.#clock = options.clock;
    const rules = linkRules(options);
    this.#answerMaxMs = rules.retryMs * rules.sendsMax;
    this.#link = new Link<Frame>({
      clock: options.clock,
      openPort: options.openPort,
      rules,
      firstSeq: options.firstSeq ?? DEFAULTS.firstSeq,
      createDecoder: (hear) => this.#createDecoder(hear),
      onHello: (frame, sentMs) => this.#identify(frame, sentMs),
      onReport: (frame) => this.#report(frame),
      onLost: (reason, detail) => this.#lose(reason, detail),
    });
    this.#session = new Session({ clock: options.clock, token: options.token, link: this.#link });
  }

  get counters(): Cycler['counters'] {
    return {
      linesDropped: this.#linesDropped,
      framesLost: this.#link.framesLost,
      retries: this.#link.retries,
    };
  }

  channel(number: number): Gvn1Channel {
    const count = this.#channelCount;
    const doesExist = Number.isInteger(number) && number >= 1 && (count === null || number <= count);
    assert(doesExist, `channel must be 1 to ${count ?? 'the number of channels'}, found ${number}`);
    const known = this.#channels.get(number);
    if (known !== undefined) return known;
    const channel = new Gvn1Channel(this.#session, number);
    this.#channels.set(number, channel);
    return channel;
  }

  onLink(receive: (report: LinkReport) => void): void {
    this.#receiveLink = receive;
  }

  start(): void {
    this.#link.start();
  }

  close(): void {
    this.#link.close();
    this.#clockTimer?.cancel();
    this.#failChannels('closed', 'closed by this side');
  }

  readClock(
    done: Done<{ readonly deviceUs: number; readonly sentMs: number; readonly receivedMs: number }>,
  ): void {
    this.#session.ask('clock', {}, (result) => {
      if (!result.ok) return done(result);
      const { payload, sentMs } = result.value;
      const timeUs = parseClock(payload);
      const deviceUs = timeUs === null ? null : (this.#session.time?.answered(timeUs, sentMs) ?? null);
      if (deviceUs === null) return done(nonsense('clock', payload));
      done({ ok: true, value: { deviceUs, sentMs, receivedMs: this.#clock.nowMs() } });
    });
  }

  emergencyStop(): boolean {
    return this.#link.writeNow(STOP_BYTE);
  }

  /** A framer for each connection: half a line of one must not begin a line of the next. */
  #createDecoder(hear: (heard: Heard<Frame>) => void): (text: string) => void {
    const drop = (): void => {
      this.#linesDropped += 1;
      hear({ kind: 'garbage' });
    };
    const onLine = (line: string): void => {
      if (line === '\n') return;
      const frame = decodeFrame(line);
      if (frame.kind === 'garbage') drop();
      else this.#hearFrame(frame, hear, drop);
    };
    const framer = new LineFramer({ lengthMax: LINE_BYTES_MAX, onLine });
    let tooLong = 0;
    return (text) => {
      framer.push(text);
      for (; tooLong < framer.tooLong; tooLong += 1) drop();
    };
  }

  #hearFrame(frame: Frame, hear: (heard: Heard<Frame>) => void, drop: () => void): void {
    const { seq, type, payload } = frame;
    if (REPORT_TYPES.has(type)) return hear({ kind: 'report', txSeq: seq, frame });
    if (type !== 'ack' && type !== 'nak') return drop();
    const hasRestarted = type === 'nak' && parseNak(payload)?.code === 'NOSESSION';
    if (hasRestarted) this.#link.loseSession('the device has restarted and does not know this session');
    else hear({ kind: 'answer', seq, frame });
  }

  #identify(frame: Frame, sentMs: number): void {
    const introduction = introductionFrom(frame);
    if (!introduction.ok) return this.#link.refuse(introduction.reason, introduction.detail);
    const { identity, capabilities, hello } = introduction;
    const greeting = { hello, sentMs, answerMaxMs: this.#answerMaxMs };
    const result = deviceTimeFrom(this.#session.time, greeting);
    if (!result.ok) return this.#link.refuse('nonsense', result.detail);
    this.#session.time = result.time;
    this.#channelCount = capabilities.channels;
    this.#link.identified();
    this.#followClock(result.time.askEveryMs);
    this.#receiveLink?.({ type: 'up', identity, capabilities });
  }

  /** Reading it is enough: every answer is a count to start from. */
  #followClock(everyMs: number | null): void {
    this.#clockTimer?.cancel();
    if (everyMs === null) return;
    this.#clockTimer = this.#clock.after(everyMs, () => {
      this.readClock(() => undefined);
      this.#followClock(everyMs);
    });
  }

  #report(frame: Frame): void {
    const heard = reportFromFrame(frame);
    const isOurs = heard !== null && heard.channel <= (this.#channelCount ?? 0);
    const report = isOurs ? (this.#session.time?.place(heard) ?? null) : null;
    if (heard === null || report === null) this.#linesDropped += 1;
    else this.#channels.get(heard.channel)?.deliver(report);
  }

  #lose(reason: LinkLossReason, detail: string): void {
    this.#clockTimer?.cancel();
    this.#failChannels('closed', detail);
    this.#receiveLink?.({ type: 'lost', reason, detail });
  }

  #failChannels(reason: DeviceFailure, detail: string): void {
    for (const channel of this.#channels.values()) channel.fail({ ok: false, reason, detail });
  }
}

function parseProbed(heard: string): ProbedInstrument | null {
  for (const line of heard.split('\n')) {
    const frame = decodeFrame(`${line}\n`);
    if (frame.kind !== 'frame' || frame.seq !== 0) continue;
    const isTime = frame.type === 'ack' && parseClock(frame.payload) !== null;
    const hasNoSession = frame.type === 'nak' && parseNak(frame.payload)?.code === 'NOSESSION';
    if (isTime || hasNoSession) return { model: 'gvn1', serial: null, firmware: null };
  }
  return null;
}

function linkRules(options: Gvn1Options): LinkRules {
  const { isForced, retryMs, sendsMax, openMs, nonsenseRetryMs } = { ...DEFAULTS, ...options };
  const hello = encodeCommand('hello', { v: VERSION, token: options.token, force: isForced ? 1 : undefined });
  assert(hello.ok, `the token must be fit for hello: ${hello.ok ? '' : hello.detail}`);
  return {
    hello: { type: 'hello', payload: hello.payload },
    keepAlive: { type: 'clock', payload: '' },
    retryMs,
    sendsMax,
    keepAliveMs: options.keepAliveMs === undefined ? DEFAULTS.keepAliveMs : options.keepAliveMs,
    openMs,
    backOffMs,
    nonsenseRetryMs,
    seqModulus: SEQ_MODULUS,
    encode: (seq, { type, payload }) => encodeFrame(seq, type, payload),
  };
}
