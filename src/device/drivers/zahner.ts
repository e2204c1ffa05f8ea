// Driver of Zahner potentiostats (XPOT2, PP212, PP222, PP242, EL1002): two ports, one channel, a step engine
// on the host. Behaviour after the vendor's client, github.com/Zahner-elektrik/zahner_potentiostat, whose
// files are named where a fact is theirs. Must never tell that the link is up before the cell is open.
import { assert } from '../../base/assert.ts';
import type { OpenPort } from '../../base/byte-port.ts';
import type { Clock } from '../../base/clock.ts';
import { encodeCommand } from '../../frames/dialects/zahner/commands.ts';
import { type IdentityReply, parseIdentity } from '../../frames/dialects/zahner/replies.ts';
import type { CreateCycler, Cycler, CyclerChannel, Done, LinkLossReason, LinkReport } from '../cycler.ts';
import type { Dialect, ProbedInstrument } from '../dialect.ts';
import { NO_LINK } from '../hosted/answers.ts';
import { HostedChannel } from '../hosted/hosted-channel.ts';
import { ZahnerActuator } from './zahner/actuator.ts';
import { Connection } from './zahner/connection.ts';
import { capabilitiesOf, DIALECT, identityFrom, rangePa } from './zahner/models.ts';
import { ZAHNER_WIRE } from './zahner/wire-language.ts';

export interface ZahnerOptions {
  readonly name: string;
  /** The text port. */
  readonly openPort: OpenPort;
  /** The binary port; without it no link comes up. */
  readonly openDataPort?: OpenPort;
  readonly clock: Clock;
  /** These instruments know no sessions: not used. */
  readonly token: string;
  /** Silence after which a command has failed, and the link with it. Default 2000. */
  readonly retryMs?: number;
  /** Idle time after which the link is probed; null: never, for virtual time. Default 1000. */
  readonly keepAliveMs?: number | null;
  /** Default 10 000. */
  readonly openMs?: number;
  /** Before trying a device again that is not what it should be. Default 30 000. */
  readonly nonsenseRetryMs?: number;
  /** Samples are taken at least this often; limits are judged on the same grid. Default 1000. */
  readonly sampleEveryMs?: number;
}

const DEFAULTS = {
  retryMs: 2000,
  keepAliveMs: 1000,
  openMs: 10_000,
  nonsenseRetryMs: 30_000,
  sampleEveryMs: 1000,
};

export const createZahnerCycler: CreateCycler<ZahnerOptions> = (options) => new ZahnerCycler(options);

export const ZAHNER: Dialect = {
  name: DIALECT,
  instruments: 'Zahner XPOT2, PP212, PP222, PP242, EL1002 with firmware 1.1.0 or later',
  create: createZahnerCycler,
  hasDataPort: true,
  // USB-CDC ignores it; the vendor's client opens both ports with its library's default.
  baudRate: 9600,
  flowControl: 'none',
  usbIds: [{ vendorId: '0483', productId: 'a3ad', product: 'Zahner potentiostat' }],
  // The vendor's searcher asks so, and waits a second. The data port answers, too, and is not meant.
  probe: { ask: `${encodeCommand({ name: 'identify' })}\n`, waitMs: 1000, parse: parseProbed },
  wire: ZAHNER_WIRE,
};

function parseProbed(heard: string): ProbedInstrument | null {
  for (const line of heard.split('\n').slice(0, -1)) {
    const identity = parseIdentity(line);
    if (identity !== null && !identity.isDataPort) {
      return { model: identity.model, serial: identity.serial, firmware: identity.firmware };
    }
  }
  return null;
}

class ZahnerCycler implements Cycler {
  readonly name: string;
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #actuator: ZahnerActuator;
  readonly #channel: HostedChannel;
  readonly #sampleEveryUs: number;
  #identity: IdentityReply | null = null;
  #receiveLink: ((report: LinkReport) => void) | null = null;

  constructor(options: ZahnerOptions) {
    const { retryMs, openMs, nonsenseRetryMs, sampleEveryMs } = { ...DEFAULTS, ...options };
    const keepAliveMs = options.keepAliveMs === undefined ? DEFAULTS.keepAliveMs : options.keepAliveMs;
    this.name = options.name;
    this.#clock = options.clock;
    this.#sampleEveryUs = Math.round(sampleEveryMs * 1000);
    this.#connection = new Connection({
      clock: options.clock,
      openPort: options.openPort,
      openDataPort: options.openDataPort,
      answerMs: retryMs,
      keepAliveMs,
      openMs,
      nonsenseRetryMs,
      onUp: (identity) => this.#up(identity),
      onLost: (reason, detail) => this.#lost(reason, detail),
      onPacket: (packet) => this.#actuator.take(packet),
    });
    const made: { actuator: ZahnerActuator | null } = { actuator: null };
    this.#channel = new HostedChannel({
      clock: options.clock,
      enforces: { voltageLimits: true, shortFloor: false, currentMin: false },
      readingEveryMaxUs: this.#sampleEveryUs,
      createActuator: (listener) => {
        const actuator = new ZahnerActuator({
          clock: options.clock,
          connection: this.#connection,
          listener,
          rangePa: (rangeIndex) => rangePa(this.#identity?.model ?? '', rangeIndex),
          isDataWatched: keepAliveMs !== null,
        });
        made.actuator = actuator;
        return actuator;
      },
    });
    assert(made.actuator !== null, 'a hosted channel makes its actuator at once');
    this.#actuator = made.actuator;
  }

  get counters(): Cycler['counters'] {
    return {
      linesDropped: this.#connection.linesDropped,
      framesLost: this.#actuator.readingsLost,
      retries: 0,
    };
  }

  channel(number: number): CyclerChannel {
    assert(number === 1, `channel must be 1, found ${number}`);
    return this.#channel;
  }

  onLink(receive: (report: LinkReport) => void): void {
    this.#receiveLink = receive;
  }

  start(): void {
    this.#connection.start();
  }

  close(): void {
    this.#connection.close();
    this.#leave();
  }

  /** The channel's clock is the host's between steps: there is no other to be asked for. */
  readClock(
    done: Done<{ readonly deviceUs: number; readonly sentMs: number; readonly receivedMs: number }>,
  ): void {
    if (!this.#connection.isUp) return done(NO_LINK);
    const nowMs = this.#clock.nowMs();
    done({ ok: true, value: { deviceUs: this.#actuator.nowUs(), sentMs: nowMs, receivedMs: nowMs } });
  }

  emergencyStop(): boolean {
    return this.#actuator.emergencyStop();
  }

  #up(identity: IdentityReply): void {
    this.#identity = identity;
    this.#actuator.connected();
    this.#channel.linkRestored();
    this.#receiveLink?.({
      type: 'up',
      identity: identityFrom(identity),
      capabilities: capabilitiesOf(identity.model, this.#sampleEveryUs),
    });
  }

  #lost(reason: LinkLossReason, detail: string): void {
    this.#leave();
    this.#receiveLink?.({ type: 'lost', reason, detail });
  }

  #leave(): void {
    this.#actuator.disconnected();
    this.#channel.linkLost();
  }
}
