// Driver of Keithley 2400 source meters over RS-232: codec, link and the host's step engine put together
// behind the Cycler interface. The instrument has no steps, no charge and no watchdog: the host has them
// for it. Must never tell of an instrument before its output is proved off, nor send anything twice.
import { assert } from '../../base/assert.ts';
import { MESSAGE_END, QUERIES, replyKindOf } from '../../frames/dialects/keithley2400/commands.ts';
import { parseReply } from '../../frames/dialects/keithley2400/replies.ts';
import { backOffMs } from '../back-off.ts';
import type { CreateCycler, Cycler, Done, LinkLossReason, LinkReport } from '../cycler.ts';
import type { CyclerOptions, Dialect, ProbedInstrument } from '../dialect.ts';
import { HostedChannel } from '../hosted/hosted-channel.ts';
import { Link, type Heard } from '../link-runner.ts';
import type { LinkRules } from '../link-types.ts';
import { Actuator } from './keithley2400/actuator.ts';
import { greet, HELLO } from './keithley2400/greeting.ts';
import { DIALECT, identityFrom, introductionFrom } from './keithley2400/identity.ts';
import { InstrumentClock } from './keithley2400/instrument-clock.ts';
import { capabilitiesOf, MODELS } from './keithley2400/models.ts';
import { ReplyReader, type Answered } from './keithley2400/reply-reader.ts';
import { commandOf, Session, type Moment } from './keithley2400/session.ts';
import { KEITHLEY2400_WIRE } from './keithley2400/wire-language.ts';

export interface Keithley2400Options extends CyclerOptions {
  /** Silence after which the link is lost; nothing is asked twice. Default 1500. */
  readonly retryMs?: number;
  /** Default 10 000. */
  readonly openMs?: number;
  /** Before trying a device again that is not what it should be. Default 30 000. */
  readonly nonsenseRetryMs?: number;
}

/** At 300 baud, the slowest there is, a reading takes 2 s: such a line is too slow to be driven by. */
const DEFAULTS = { retryMs: 1500, keepAliveMs: 1000, openMs: 10_000, nonsenseRetryMs: 30_000 };
const PROBE_WAIT_MS = 1000;
const STRANGE_TIMES_MAX = 2;
/** Answers are matched in order; the numbers are the link's own. */
const SEQ_MODULUS = 65_536;

export const createKeithley2400Cycler: CreateCycler<Keithley2400Options> = (options) =>
  new Keithley2400Cycler(options);

/** Baud rate as it leaves the factory; 57600 is better: a reading of 56 bytes takes 10 ms instead of 58. */
export const KEITHLEY2400: Dialect = {
  name: DIALECT,
  instruments: `Keithley ${Object.keys(MODELS).join(', ')} (SCPI over RS-232)`,
  create: createKeithley2400Cycler,
  hasDataPort: false,
  baudRate: 9600,
  flowControl: 'xon-xoff',
  // The descriptor is that of a cable.
  usbIds: [],
  probe: { ask: QUERIES.identity.text + MESSAGE_END, waitMs: PROBE_WAIT_MS, parse: probedFrom },
  wire: KEITHLEY2400_WIRE,
};

class Keithley2400Cycler implements Cycler {
  readonly name: string;
  readonly #clock: Keithley2400Options['clock'];
  readonly #link: Link<Answered>;
  readonly #session: Session;
  readonly #channel: HostedChannel;
  readonly #actuator: Actuator;
  #reader: ReplyReader | null = null;
  #receiveLink: ((report: LinkReport) => void) | null = null;
  #linesDropped = 0;
  #readingsAbsent = 0;
  #restarts = 0;
  #hasBeenUp = false;
  /** Greeted on this connection. */
  #isUp = false;
  /** Answers in a row with a time that cannot be. */
  #strangeTimes = 0;
  /** The loss that was told last, and not followed by `up`: told once. */
  #toldLoss: string | null = null;

  constructor(options: Keithley2400Options) {
    const { name, clock, openPort, isRemoteSensing = false } = options;
    this.name = name;
    this.#clock = clock;
    this.#link = new Link<Answered>({
      clock,
      openPort,
      rules: this.#rules(options),
      firstSeq: 0,
      createDecoder: (hear) => this.#createDecoder(hear),
      onHello: (answered) => this.#identify(answered),
      onReport: () => undefined,
      onLost: (reason, detail) => this.#lose(reason, detail),
    });
    const time = new InstrumentClock(clock);
    this.#session = new Session({ clock, time, link: this.#link, reader: () => this.#reader });
    const onAbsent = (): void => {
      this.#readingsAbsent += 1;
    };
    const created: Actuator[] = [];
    this.#channel = new HostedChannel({
      clock,
      enforces: { voltageLimits: false, shortFloor: false, currentMin: false },
      createActuator: (listener) => {
        const actuator = new Actuator({ session: this.#session, listener, isRemoteSensing, onAbsent });
        created.push(actuator);
        return actuator;
      },
    });
    const [actuator] = created;
    assert(actuator !== undefined, 'a hosted channel creates its actuator');
    this.#actuator = actuator;
  }

  /** Lost: readings that were due and are absent. */
  get counters(): Cycler['counters'] {
    const { retries } = this.#link;
    return { linesDropped: this.#linesDropped, framesLost: this.#readingsAbsent, retries };
  }

  channel(number: number): HostedChannel {
    assert(number === 1, `channel must be 1, found ${number}`);
    return this.#channel;
  }

  onLink(receive: (report: LinkReport) => void): void {
    this.#receiveLink = receive;
  }

  start(): void {
    this.#link.start();
  }

  close(): void {
    this.#link.close();
    this.#disconnect();
  }

  readClock(
    done: Done<{ readonly deviceUs: number; readonly sentMs: number; readonly receivedMs: number }>,
  ): void {
    const answer: Done<Moment> = (moment) => {
      if (!moment.ok) return done(moment);
      const { atUs, roundTripUs } = moment.value;
      const receivedMs = this.#clock.nowMs();
      done({ ok: true, value: { deviceUs: atUs, sentMs: receivedMs - roundTripUs / 1000, receivedMs } });
    };
    // Urgent: orders of the channel that are taken back do not take it along.
    this.#session.carryOut([], answer, { isUrgent: true });
  }

  emergencyStop(): boolean {
    return this.#actuator.emergencyStop();
  }

  #createDecoder(hear: (heard: Heard<Answered>) => void): (text: string) => void {
    const onDropped = (): void => {
      this.#linesDropped += 1;
    };
    const hearTimed = (heard: Heard<Answered>): void => {
      if (heard.kind === 'answer' && heard.frame.kind === 'time') this.#checkTime(heard.frame.timeUs);
      hear(heard);
    };
    const reader = new ReplyReader({ clock: this.#clock, hear: hearTimed, onDropped });
    this.#reader = reader;
    return (text) => reader.take(text);
  }

  /**
   * After a power-up its output is off but not open: the relay closes again, at 0 V (manual p. 13-11). So a
   * clock that was set back, told twice lest digits be damaged, begins the connection anew; idle or not.
   */
  #checkTime(timeUs: number): void {
    const isOurs = !this.#isUp || this.#session.time.told(timeUs) !== null;
    this.#strangeTimes = isOurs ? 0 : this.#strangeTimes + 1;
    if (this.#strangeTimes >= STRANGE_TIMES_MAX) this.#session.giveUp('its clock was set back: it was off');
  }

  /** One of ours: it is greeted, and told of when its output is proved off. */
  #identify(answered: Answered): void {
    // A stop went past it.
    if (answered.kind !== 'identity')
      return this.#session.giveUp('it was cleared before it had named itself');
    const { identity } = answered;
    const introduction = introductionFrom(identity);
    if (!introduction.ok) return this.#link.refuse('nonsense', introduction.detail);
    this.#link.identified();
    greet(this.#session, (greeting) => {
      if (!greeting.ok) return this.#session.giveUp(greeting.detail);
      if (greeting.hasRestarted && this.#hasBeenUp) this.#restarts += 1;
      [this.#hasBeenUp, this.#isUp, this.#strangeTimes] = [true, true, 0];
      this.#toldLoss = null;
      this.#actuator.greeted(introduction.model, greeting.zeroTripUs);
      this.#channel.linkRestored();
      const capabilities = capabilitiesOf(introduction.model);
      this.#receiveLink?.({ type: 'up', identity: identityFrom(identity, this.#restarts), capabilities });
    });
  }

  #lose(reason: LinkLossReason, detail: string): void {
    this.#disconnect();
    if (this.#toldLoss === detail) return;
    this.#toldLoss = detail;
    this.#receiveLink?.({ type: 'lost', reason, detail });
  }

  #disconnect(): void {
    this.#isUp = false;
    this.#reader?.close();
    this.#reader = null;
    this.#actuator.lost();
    this.#channel.linkLost();
  }

  #rules(options: Keithley2400Options): LinkRules {
    const { retryMs, keepAliveMs, openMs, nonsenseRetryMs } = { ...DEFAULTS, ...options };
    return {
      hello: HELLO,
      keepAlive: commandOf(QUERIES.time),
      retryMs,
      // A message that is repeated might act twice, and its late answer would pass for that of the next.
      sendsMax: 1,
      keepAliveMs,
      openMs,
      backOffMs,
      nonsenseRetryMs,
      seqModulus: SEQ_MODULUS,
      encode: (seq, { type, payload }) => {
        this.#reader?.expect(seq, replyKindOf(type));
        return payload;
      },
    };
  }
}

/** The last line that has the form of an identity; one without an end may still grow. */
function probedFrom(heard: string): ProbedInstrument | null {
  const lines = heard.split(/[\r\n]/).slice(0, -1);
  const replies = lines.map((line) => parseReply('identity', line)).filter((reply) => reply !== null);
  const last = replies.at(-1);
  if (last?.kind !== 'identity') return null;
  const { model, serial, firmware } = last.identity;
  return { model, serial, firmware };
}
