// The first words of a connection: whatever runs is stopped, the instrument is off, then it is asked who it
// is, and then the data port is opened. Nothing it says can move current.
//
//   ABOR ─► *CLS ─► *IDN? ─► :SESO:STAT OFF ─► data port: *IDN? ─► done
//
// It is not known how many lines ABOR brings: one, two where a primitive ran, in any order. So lines are not
// matched here: all that comes before the identity is passed over, and from the identity on they match.
import type { BytePort, OpenPort, PortResult } from '../../../base/byte-port.ts';
import type { Clock, Timer } from '../../../base/clock.ts';
import { type CommandName, encodeCommand } from '../../../frames/dialects/zahner/commands.ts';
import {
  ERROR_CODES,
  type IdentityReply,
  parseIdentity,
  parseReply,
} from '../../../frames/dialects/zahner/replies.ts';
import { isFirmwareKnown } from './models.ts';

export interface GreeterOptions {
  readonly clock: Clock;
  readonly write: (text: string) => boolean;
  readonly openDataPort: OpenPort | undefined;
  /** Makes the data port of this connection; what it greets with comes back by `dataPortGreeted`. */
  readonly takeDataPort: (port: BytePort) => void;
  readonly onDone: (identity: IdentityReply) => void;
  readonly onRefused: (reason: 'nonsense' | 'busy' | 'closed', detail: string) => void;
}

/** An instrument that has nothing to abort answers at once; this only ends the wait for one that does not. */
const ABORT_WAIT_MS = 500;
const DATA_PORT_WAIT_MS = 3000;
/** How often it is cleared anew where it still says that it is blocked. */
const CLEARS_MAX = 3;

type Phase = 'aborting' | 'clearing' | 'asking' | 'switching-off' | 'opening-data' | 'over';

export class Greeter {
  readonly #options: GreeterOptions;
  #phase: Phase = 'aborting';
  #clears = 0;
  #identity: IdentityReply | null = null;
  #timer: Timer | null = null;

  constructor(options: GreeterOptions) {
    this.#options = options;
  }

  get isOver(): boolean {
    return this.#phase === 'over';
  }

  /** `ABOR` is on its way. */
  started(): void {
    this.#arm(ABORT_WAIT_MS, () => this.#clear());
  }

  /** The connection is gone. */
  stop(): void {
    this.#phase = 'over';
    this.#timer?.cancel();
  }

  /** Returns false for a line that makes no sense here. */
  hear(line: string): boolean {
    switch (this.#phase) {
      case 'aborting':
        this.#clear();
        return parseReply(line).kind !== 'value';
      case 'clearing':
        this.#ask();
        return parseReply(line).kind !== 'value';
      case 'asking':
        return this.#hearIdentity(line);
      case 'switching-off':
        this.#switchedOff(line);
        return true;
      case 'opening-data':
      case 'over':
        return false;
    }
  }

  dataPortGreeted(data: IdentityReply): void {
    const text = this.#identity;
    if (this.#phase !== 'opening-data' || text === null) return;
    if (!data.isDataPort)
      return this.#refuse('nonsense', 'the data port is not one; the ports may be swapped');
    if (data.serial !== text.serial) {
      return this.#refuse('nonsense', `the data port is that of ${data.serial}, not of ${text.serial}`);
    }
    this.stop();
    this.#options.onDone(text);
  }

  #clear(): void {
    this.#timer?.cancel();
    this.#phase = 'clearing';
    this.#clears += 1;
    this.#say('clearState');
  }

  #ask(): void {
    this.#phase = 'asking';
    this.#say('identify');
  }

  #hearIdentity(line: string): boolean {
    const identity = parseIdentity(line);
    if (identity === null) {
      const reply = parseReply(line);
      const isBlocked = reply.kind === 'error' && reply.code === ERROR_CODES.blocked;
      if (isBlocked && this.#clears < CLEARS_MAX) this.#clear();
      return reply.kind !== 'value';
    }
    this.#identify(identity);
    return true;
  }

  #identify(identity: IdentityReply): void {
    const { firmware, model, isDataPort } = identity;
    if (isDataPort) {
      return this.#refuse('nonsense', 'this is the data port; it and the text port are swapped');
    }
    if (!isFirmwareKnown(firmware)) {
      return this.#refuse('nonsense', `${model} has firmware ${firmware}; update it to 1.1.0 or later`);
    }
    this.#identity = identity;
    this.#phase = 'switching-off';
    this.#options.write(`${encodeCommand({ name: 'potentiostat', value: false })}\n`);
  }

  #switchedOff(line: string): void {
    const reply = parseReply(line);
    if (reply.kind !== 'ok') return this.#refuse('nonsense', `it does not switch off: "${line.trim()}"`);
    const { openDataPort } = this.#options;
    if (openDataPort === undefined) {
      return this.#refuse('nonsense', 'it has two ports; name the data port, too');
    }
    this.#phase = 'opening-data';
    this.#arm(DATA_PORT_WAIT_MS, () => {
      this.#refuse('nonsense', 'the data port does not say who it is; check that it is the right one');
    });
    openDataPort((result) => this.#dataPortOpened(result));
  }

  #dataPortOpened(result: PortResult): void {
    if (this.#phase !== 'opening-data') {
      if (result.ok) result.port.close();
      return;
    }
    if (result.ok) return this.#options.takeDataPort(result.port);
    this.#refuse(result.reason === 'busy' ? 'busy' : 'closed', `data port: ${result.detail}`);
  }

  #refuse(reason: 'nonsense' | 'busy' | 'closed', detail: string): void {
    this.stop();
    this.#options.onRefused(reason, detail);
  }

  #say(name: CommandName): void {
    this.#options.write(`${encodeCommand({ name })}\n`);
  }

  #arm(delayMs: number, run: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(delayMs, run);
  }
}
