// The cable between a daemon and one instrument, with all lines that it has: can be pulled, fall silent, be
// noisy or stalled, and outlives the daemon. Each connection is a pair of ports of its own; those of a dead
// daemon close as an operating system closes them. Writes down what was sent, heard and said.
import type { LineEnd } from '../../firmware-sim/simulated-instrument.ts';
import type { BytePort, OpenPort } from '../../src/base/byte-port.ts';
import type { Clock } from '../../src/base/clock.ts';
import { babble, NO_NOISE } from './byte-noise.ts';
import { Dice } from './dice.ts';
import type { HostClock } from './host-clock.ts';
import type { NoiseShares } from './story.ts';
import { Wire } from './wire.ts';
import type { Witness } from './witness.ts';

export interface CableOptions {
  readonly clock: Clock;
  readonly witness: Witness;
  readonly instrument: string;
  readonly seed: number;
  readonly latencyMs: number;
}

/** A daemon process, as far as its ports must know it. */
export interface Process {
  readonly life: number;
  readonly clock: HostClock;
  /** Asked just before each write, and told just after: here a process may die. */
  readonly beforeWrite: () => void;
  readonly afterWrite: () => void;
}

interface Connection {
  readonly number: number;
  readonly line: 'text' | 'data';
  readonly process: Process;
  readonly toDevice: Wire;
  readonly toHost: Wire;
  isHostOpen: boolean;
  isDeviceOpen: boolean;
  receive: { hostBytes: Bytes; hostEnd: Ended; deviceBytes: Bytes; deviceEnd: Ended };
}
type Bytes = ((text: string) => void) | null;
type Ended = ((reason: string) => void) | null;

export class Cable {
  readonly #options: CableOptions;
  readonly #dice: Dice;
  #open: Connection[] = [];
  #count = 0;
  #isPlugged = true;
  #isSilent = false;
  #isStalled = false;
  #noise: NoiseShares = NO_NOISE;

  constructor(options: CableOptions) {
    this.#options = options;
    this.#dice = new Dice(options.seed, `cable ${options.instrument}`);
  }

  /** How a process opens one line of the instrument. */
  opener(process: Process, line: 'text' | 'data', end: LineEnd): OpenPort {
    return (done) => {
      if (process.clock.isDead) return;
      if (!this.#isPlugged)
        return process.clock.defer(() => done({ ok: false, reason: 'absent', detail: 'the cable is out' }));
      const connection = this.#connect(process, line);
      end.attach(this.#devicePort(connection));
      process.clock.defer(() => done({ ok: true, port: this.#hostPort(connection) }));
    };
  }

  /** Both sides are told, and what is on its way is lost. */
  pull(): void {
    this.#isPlugged = false;
    for (const connection of this.#open) {
      connection.toDevice.cut();
      connection.toHost.cut();
      this.#endHost(connection, 'the cable was pulled');
      this.#endDevice(connection, 'the cable was pulled');
    }
    this.#open = [];
  }

  plugIn(): void {
    this.#isPlugged = true;
  }

  silence(isSilent: boolean): void {
    this.#isSilent = isSilent;
    this.#apply();
  }

  stall(isStalled: boolean): void {
    this.#isStalled = isStalled;
    for (const { toHost } of this.#open) {
      if (isStalled) toHost.stall();
      else toHost.flow();
    }
  }

  noise(shares: NoiseShares): void {
    this.#noise = shares;
    this.#apply();
  }

  /** Puts noise into the daemon's ear, with no end of line in it. */
  babble(bytes: number): void {
    for (const { toHost, line } of this.#open) if (line === 'text') toHost.send(babble(bytes, this.#dice));
  }

  /** Nothing goes wrong any more. */
  heal(): void {
    this.plugIn();
    this.silence(false);
    this.noise(NO_NOISE);
    this.stall(false);
  }

  /** The operating system closes the ports of a process that has died; what it had written still arrives. */
  processDied(process: Process): void {
    for (const connection of this.#open) {
      if (connection.process === process) this.#closeHost(connection);
    }
  }

  #connect(process: Process, line: 'text' | 'data'): Connection {
    const { clock, latencyMs } = this.#options;
    this.#count += 1;
    const wire = (deliver: (text: string) => void): Wire =>
      new Wire({ clock, latencyMs, dice: this.#dice, deliver });
    const connection: Connection = {
      ...{ number: this.#count, line, process, isHostOpen: true, isDeviceOpen: true },
      receive: { hostBytes: null, hostEnd: null, deviceBytes: null, deviceEnd: null },
      toDevice: wire((text) => this.#arrive(connection, text)),
      toHost: wire((text) => {
        process.clock.deliver(() => {
          if (connection.isHostOpen) connection.receive.hostBytes?.(text);
        });
      }),
    };
    this.#open.push(connection);
    this.#apply();
    if (this.#isStalled) connection.toHost.stall();
    return connection;
  }

  #apply(): void {
    for (const { toDevice, toHost } of this.#open) {
      for (const wire of [toDevice, toHost]) [wire.isSilent, wire.noise] = [this.#isSilent, this.#noise];
    }
  }

  #arrive(connection: Connection, text: string): void {
    if (!connection.isDeviceOpen) return;
    this.#options.witness.heard(this.#named(connection, text));
    connection.receive.deviceBytes?.(text);
  }

  #hostPort(connection: Connection): BytePort {
    const { process } = connection;
    return {
      name: `memory:${this.#options.instrument}`,
      pendingBytes: 0,
      get isOpen() {
        return connection.isHostOpen;
      },
      write: (text) => {
        if (!process.clock.isDead) process.beforeWrite();
        if (!connection.isHostOpen || process.clock.isDead) return false;
        this.#options.witness.sent(this.#named(connection, text));
        connection.toDevice.send(text);
        process.afterWrite();
        return true;
      },
      onBytes: (receive) => {
        connection.receive.hostBytes = receive;
      },
      onClosed: (receive) => {
        connection.receive.hostEnd = receive;
      },
      close: () => {
        if (!process.clock.isDead) this.#closeHost(connection);
      },
    };
  }

  #devicePort(connection: Connection): BytePort {
    return {
      name: `memory:${this.#options.instrument}`,
      pendingBytes: 0,
      get isOpen() {
        return connection.isDeviceOpen;
      },
      write: (text) => {
        if (!connection.isDeviceOpen) return false;
        if (text === '') return true;
        this.#options.witness.said(this.#named(connection, text));
        connection.toHost.send(text);
        return true;
      },
      onBytes: (receive) => {
        connection.receive.deviceBytes = receive;
      },
      onClosed: (receive) => {
        connection.receive.deviceEnd = receive;
      },
      close: () => {
        this.#endDevice(connection, 'closed by this side');
        connection.toHost.whenEmpty(() => this.#endHost(connection, 'closed by the other side'));
      },
    };
  }

  #closeHost(connection: Connection): void {
    this.#endHost(connection, 'closed by this side');
    connection.toDevice.whenEmpty(() => this.#endDevice(connection, 'closed by the other side'));
    this.#open = this.#open.filter((other) => other !== connection);
  }

  #endHost(connection: Connection, reason: string): void {
    if (!connection.isHostOpen) return;
    connection.isHostOpen = false;
    const { process, receive } = connection;
    process.clock.defer(() => process.clock.deliver(() => receive.hostEnd?.(reason)));
  }

  #endDevice(connection: Connection, reason: string): void {
    if (!connection.isDeviceOpen) return;
    connection.isDeviceOpen = false;
    this.#options.clock.defer(() => connection.receive.deviceEnd?.(reason));
  }

  #named({ number, line, process }: Connection, text: string) {
    return { instrument: this.#options.instrument, life: process.life, connection: number, line, text };
  }
}
