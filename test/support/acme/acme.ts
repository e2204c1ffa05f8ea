// Driver of the imaginary instrument "acme": language, link and the host's step engine put together behind
// the Cycler interface. Must never tell that the link is up before the cell is open.
import { assert } from '../../../src/base/assert.ts';
import { backOffMs } from '../../../src/device/back-off.ts';
import type { Capabilities, Cycler, Done, LinkReport } from '../../../src/device/cycler.ts';
import type { CyclerOptions, Dialect, ProbedInstrument } from '../../../src/device/dialect.ts';
import { HostedChannel } from '../../../src/device/hosted/hosted-channel.ts';
import { HOST_LEASE_MAX_MS } from '../../../src/device/hosted/host-lease.ts';
import { RING_SAMPLES } from '../../../src/device/hosted/report-ring.ts';
import { Link, type Heard } from '../../../src/device/link-runner.ts';
import type { LinkRules } from '../../../src/device/link-types.ts';
import { createLineLanguage } from '../../../src/device/wire-language.ts';
import { crc32OfText } from '../../../src/frames/crc32.ts';
import { LineFramer } from '../../../src/frames/line-framer.ts';
import { AcmeActuator } from './acme-actuator.ts';
import { IDENTIFY, parseIdentity } from './acme-language.ts';

export const ACME: Dialect = {
  name: 'acme',
  instruments: 'Acme A1',
  create: (options) => new AcmeCycler(options),
  hasDataPort: false,
  baudRate: 115_200,
  flowControl: 'none',
  usbIds: [],
  probe: {
    ask: 'id?\n',
    waitMs: 500,
    parse: (heard) => heard.split('\n').slice(0, -1).map(parseIdentity).find(isFound) ?? null,
  },
  wire: createLineLanguage({ terminators: ['\n'], isPoll: () => false }),
};

/** What the instrument leaves to the host, the run records as such. */
const CAPABILITIES: Capabilities = {
  channels: 1,
  modes: ['rest', 'cc'],
  limits: { voltage: 'host', charge: 'host', shortFloor: 'host' },
  recordRules: 'host',
  recordBursts: null,
  deadMan: 'nobody',
  hasChargeCounter: false,
  hasStepEndLog: false,
  ringSamples: RING_SAMPLES,
  lookAheadSlots: 16,
  currentRangesPa: [10_000_000_000],
  voltageSpanNv: 10_000_000_000,
  accuracy: {
    currentGainPpm: 1000,
    currentOffsetPpmOfRange: 100,
    voltageGainPpm: 500,
    voltageOffsetNv: 100_000,
  },
  tickUs: 10_000,
  leaseMaxMs: HOST_LEASE_MAX_MS,
  timeScale: 1,
};

class AcmeCycler implements Cycler {
  readonly name: string;
  readonly #options: CyclerOptions;
  readonly #link: Link<string>;
  readonly #channel: HostedChannel;
  #actuator: AcmeActuator | null = null;
  #receive: ((report: LinkReport) => void) | null = null;
  /** Answers carry no number: a line belongs to the command that is outstanding. */
  #outstandingSeq: number | null = null;
  #linesDropped = 0;

  constructor(options: CyclerOptions) {
    const { name, clock, openPort } = options;
    [this.name, this.#options] = [name, options];
    this.#link = new Link<string>({
      ...{ clock, openPort, rules: this.#rules(), firstSeq: 0, onReport: () => undefined },
      createDecoder: (hear) => this.#createDecoder(hear),
      onHello: (line) => this.#greet(parseIdentity(line)),
      onLost: (reason, detail) => {
        this.#forget();
        this.#receive?.({ type: 'lost', reason, detail });
      },
    });
    this.#channel = new HostedChannel({
      clock,
      enforces: { voltageLimits: false, shortFloor: false, currentMin: false },
      createActuator: (listener) => {
        const actuator = new AcmeActuator(clock, this.#link, listener);
        this.#actuator = actuator;
        return actuator;
      },
    });
  }

  get counters(): Cycler['counters'] {
    return { linesDropped: this.#linesDropped, framesLost: 0, retries: 0 };
  }

  channel(number: number): HostedChannel {
    assert(number === 1, `channel must be 1, found ${number}`);
    return this.#channel;
  }

  onLink(receive: (report: LinkReport) => void): void {
    this.#receive = receive;
  }

  start(): void {
    this.#link.start();
  }

  close(): void {
    this.#link.close();
    this.#forget();
  }

  /** The host keeps the channel's clock. */
  readClock(
    done: Done<{ readonly deviceUs: number; readonly sentMs: number; readonly receivedMs: number }>,
  ): void {
    if (!this.#link.isUp) return done({ ok: false, reason: 'closed', detail: 'no link' });
    const nowMs = this.#options.clock.nowMs();
    const value = { deviceUs: this.#actuator?.nowUs() ?? 0, sentMs: nowMs, receivedMs: nowMs };
    done({ ok: true, value });
  }

  emergencyStop(): boolean {
    if (!this.#link.isUp) return false;
    this.#actuator?.off((result) => {
      if (result.ok) this.#channel.faulted('stop', result.value.openUs);
    });
    return true;
  }

  #rules(): LinkRules {
    return {
      hello: IDENTIFY,
      keepAlive: IDENTIFY,
      retryMs: 500,
      // A command that is repeated might act twice.
      sendsMax: 1,
      keepAliveMs: this.#options.keepAliveMs === undefined ? 1000 : this.#options.keepAliveMs,
      openMs: 5000,
      backOffMs,
      nonsenseRetryMs: 30_000,
      seqModulus: 65_536,
      encode: (seq, { payload }) => {
        this.#outstandingSeq = seq;
        return `${payload}\n`;
      },
    };
  }

  #createDecoder(hear: (heard: Heard<string>) => void): (text: string) => void {
    const onLine = (line: string): void => {
      const seq = this.#outstandingSeq;
      this.#outstandingSeq = null;
      if (seq === null) this.#linesDropped += 1;
      hear(seq === null ? { kind: 'garbage' } : { kind: 'answer', seq, frame: line.trimEnd() });
    };
    const framer = new LineFramer({ lengthMax: 80, onLine });
    return (text) => framer.push(text);
  }

  /** Off before anybody hears of it: what the instrument did since the last connection, nobody knows. */
  #greet(found: ProbedInstrument | null): void {
    if (found === null) return this.#link.refuse('nonsense', 'it is no acme; check "port" and "dialect"');
    this.#link.identified();
    this.#actuator?.off((result) => {
      if (!result.ok) return this.#link.loseSession(result.detail);
      const serial = found.serial ?? '';
      const identity = {
        dialect: ACME.name,
        deviceId: serial,
        model: serial.includes('SIM') ? `${found.model}-sim` : found.model,
        firmware: found.firmware ?? '',
        bootId: crc32OfText(serial),
      };
      this.#channel.linkRestored();
      this.#receive?.({ type: 'up', identity, capabilities: CAPABILITIES });
    });
  }

  #forget(): void {
    this.#outstandingSeq = null;
    this.#actuator?.lost();
    this.#channel.linkLost();
  }
}

function isFound(probed: ProbedInstrument | null): probed is ProbedInstrument {
  return probed !== null;
}
