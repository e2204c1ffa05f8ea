// Driver of PalmSens MethodSCRIPT instruments with a galvanostat: EmStat4, MultiEmStat4, Nexus. One port is
// one channel, whose steps the host keeps (device/hosted/); a plan of them is one script that ends by itself.
// Must never send `dlfw` (boot loader), nor leave an instrument unopened that it has just met.
import { assert } from '../../base/assert.ts';
import type { OpenPort } from '../../base/byte-port.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { ABORT } from '../../frames/dialects/methodscript/script.ts';
import type { Line } from '../../frames/dialects/methodscript/line.ts';
import type { CreateCycler, Cycler, Done, LinkLossReason, LinkReport } from '../cycler.ts';
import type { Dialect } from '../dialect.ts';
import { HostedChannel } from '../hosted/hosted-channel.ts';
import type { StepListener } from '../hosted/step-actuator.ts';
import { Link, type Heard } from '../link-runner.ts';
import { MethodscriptActuator, type Instrument } from './methodscript/actuator.ts';
import { Conversation } from './methodscript/conversation.ts';
import { Greeting } from './methodscript/greeting.ts';
import { introductionFrom, type Answers, DIALECT } from './methodscript/identity.ts';
import { linkRules, WHO, type LinkTimes, type Outstanding } from './methodscript/link-rules.ts';
import { METHODSCRIPT_PROBE } from './methodscript/probe.ts';
import { ScriptSession } from './methodscript/script-session.ts';
import { METHODSCRIPT_WIRE } from './methodscript/wire-language.ts';
import { writeScript } from './methodscript/write-script.ts';

export interface MethodscriptOptions extends LinkTimes {
  readonly name: string;
  readonly openPort: OpenPort;
  readonly clock: Clock;
  /** The instrument knows no sessions. */
  readonly token: string;
  /** Idle time after which the link is probed; null: never, for virtual time. Default 1000. */
  readonly keepAliveMs?: number | null;
  /** Frequency of the mains, averaged out where the instrument can. Default 50. */
  readonly mainsHz?: 50 | 60;
}

const KEEP_ALIVE_MS = 1000;
const MAINS_HZ = 50;

export const createMethodscriptCycler: CreateCycler<MethodscriptOptions> = (options) =>
  new MethodscriptCycler(options);

export const METHODSCRIPT: Dialect = {
  name: DIALECT,
  instruments: 'PalmSens EmStat4S/4M LR and HR, MultiEmStat4, Nexus',
  create: createMethodscriptCycler,
  hasDataPort: false,
  // Of the UART; over USB both are ignored. RTS/CTS is what its manual recommends: without it a burst may
  // lose bytes, and a script may lose a digit.
  baudRate: 921_600,
  flowControl: 'rts-cts',
  usbIds: [],
  probe: METHODSCRIPT_PROBE,
  wire: METHODSCRIPT_WIRE,
  writeScript,
};

class MethodscriptCycler implements Cycler {
  readonly name: string;
  readonly #options: MethodscriptOptions;
  readonly #clock: Clock;
  readonly #link: Link<Line>;
  readonly #session: ScriptSession;
  readonly #channel: HostedChannel;
  #actuator: MethodscriptActuator | null = null;
  #receiveLink: ((report: LinkReport) => void) | null = null;
  #instrument: Instrument | null = null;
  #greeting: Greeting | null = null;
  #answers: Answers | null = null;
  #outstanding: Outstanding | null = null;
  #linesDropped = 0;
  #probeTimer: Timer | null = null;

  constructor(options: MethodscriptOptions) {
    this.name = options.name;
    this.#options = options;
    this.#clock = options.clock;
    this.#link = new Link<Line>({
      clock: options.clock,
      openPort: options.openPort,
      rules: linkRules(options, (outstanding) => this.#sent(outstanding)),
      firstSeq: 0,
      createDecoder: (hear) => this.#createDecoder(hear),
      onHello: () => this.#identify(),
      onReport: (line) => this.#actuator?.hear(line),
      onLost: (reason, detail) => this.#lose(reason, detail),
    });
    this.#session = new ScriptSession(options.clock, this.#link);
    this.#channel = new HostedChannel({
      clock: options.clock,
      enforces: { voltageLimits: true, shortFloor: true, currentMin: true },
      createActuator: (listener) => this.#createActuator(listener),
    });
  }

  get counters(): Cycler['counters'] {
    return {
      linesDropped: this.#linesDropped,
      framesLost: this.#link.framesLost,
      retries: this.#link.retries,
    };
  }

  channel(number: number): HostedChannel {
    assert(number === 1, `channel must be 1: one port is one channel, found ${number}`);
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
    this.#forget('closed by this side');
  }

  /** The channel's clock, which the host keeps: the instrument's own starts anew with each step. */
  readClock(
    done: Done<{ readonly deviceUs: number; readonly sentMs: number; readonly receivedMs: number }>,
  ): void {
    const nowMs = this.#clock.nowMs();
    const deviceUs = this.#link.isUp ? (this.#actuator?.nowUs() ?? null) : null;
    if (deviceUs === null) return done({ ok: false, reason: 'closed', detail: 'no link' });
    done({ ok: true, value: { deviceUs, sentMs: nowMs, receivedMs: nowMs } });
  }

  emergencyStop(): boolean {
    return this.#link.writeNow(ABORT);
  }

  #createActuator(listener: StepListener): MethodscriptActuator {
    const actuator = new MethodscriptActuator({
      session: this.#session,
      listener,
      instrument: () => this.#instrument,
      onNonsense: () => this.#drop(),
    });
    this.#actuator = actuator;
    return actuator;
  }

  /** A greeting and a framer for each connection. */
  #createDecoder(hear: (heard: Heard<Line>) => void): (text: string) => void {
    this.#outstanding = null;
    const greeting = new Greeting({
      clock: this.#clock,
      write: (text) => this.#link.writeNow(text),
      onMet: (answers) => {
        this.#answers = answers;
        const seq = this.#outstanding?.seq ?? 0;
        hear({ kind: 'answer', seq, frame: { kind: 'empty' } });
      },
    });
    this.#greeting = greeting;
    const conversation = new Conversation({
      greeting,
      outstanding: () => this.#outstanding,
      onDropped: () => this.#drop(),
      hear: (heard) => {
        if (heard.kind === 'answer') this.#outstanding = null;
        hear(heard);
      },
    });
    return (text) => conversation.push(text);
  }

  #sent(outstanding: Outstanding): void {
    this.#outstanding = outstanding;
    if (outstanding.type === 'hello') this.#greeting?.begin();
  }

  #drop(): void {
    this.#linesDropped += 1;
  }

  /** The greeting is over: the cell is open. */
  #identify(): void {
    this.#outstanding = null;
    const answers = this.#answers;
    assert(answers !== null, 'a greeting must end with answers');
    const introduction = introductionFrom(answers);
    if (!introduction.ok) return this.#link.refuse('nonsense', introduction.detail);
    const { identity, capabilities, profile, hasMainsFilter } = introduction;
    const mainsHz = hasMainsFilter ? (this.#options.mainsHz ?? MAINS_HZ) : null;
    this.#instrument = { profile, mainsHz };
    this.#link.identified();
    this.#actuator?.linkRestored();
    this.#channel.linkRestored();
    this.#probeIdle();
    this.#receiveLink?.({ type: 'up', identity, capabilities });
  }

  /** An instrument that runs a script speaks unasked; an idle one is asked who it is. */
  #probeIdle(): void {
    const everyMs = this.#options.keepAliveMs === undefined ? KEEP_ALIVE_MS : this.#options.keepAliveMs;
    this.#probeTimer?.cancel();
    if (everyMs === null) return;
    this.#probeTimer = this.#clock.after(everyMs, () => {
      const isFree = this.#outstanding === null && this.#actuator?.isIdle === true;
      if (isFree) this.#link.request(WHO, () => undefined);
      this.#probeIdle();
    });
  }

  #lose(reason: LinkLossReason, detail: string): void {
    this.#forget(detail);
    this.#receiveLink?.({ type: 'lost', reason, detail });
  }

  #forget(detail: string): void {
    this.#probeTimer?.cancel();
    this.#greeting?.cancel();
    this.#instrument = null;
    this.#session.linkLost();
    this.#actuator?.linkLost(detail);
    this.#channel.linkLost();
  }
}
