// The firmware from power-up to power-down: text in, a line out for each, one timer for whatever comes next.
//
//   text -> LineSplitter -> queue -> execute -> answer | job -> answer      job -> DataStream -> data port
//                        `-> ABOR, *RST at once
//
// Before anything else every entry lives through everything up to now.
import type { BytePort } from '../../../src/base/byte-port.ts';
import type { Clock, Timer } from '../../../src/base/clock.ts';
import type { DeviceClock } from '../../board/device-clock.ts';
import { execute } from './commands.ts';
import { ERROR_CODES, OK } from './error-codes.ts';
import type { FirmwareState } from './firmware-state.ts';
import type { Job } from './job.ts';
import { PrimitiveJob } from './primitive-job.ts';
import { identityText } from './queries.ts';
import { LineSplitter, parseScpiLine } from './scpi-line.ts';

/** Live rows that are due within this much real time go out together. */
const WAKE_MS = 20;
/** Floating point may wake the device a hair early; it then waits this long, never zero. */
const SHORTEST_WAIT_MS = 0.001;
/** Lines that wait for a primitive; USB would make the host wait, a port cannot, so more are lost. */
const QUEUE_MAX = 1000;

export interface ZahnerDeviceOptions {
  readonly state: FirmwareState;
  readonly deviceClock: DeviceClock;
  /** `*RST` has been answered: the instrument starts anew, and its lines with it. */
  readonly reboot: () => void;
}

export class ZahnerDevice {
  readonly #state: FirmwareState;
  readonly #clock: Clock;
  readonly #deviceClock: DeviceClock;
  readonly #reboot: () => void;
  readonly #text = new LineSplitter((line) => this.#receiveLine(line));
  readonly #data = new LineSplitter((line) => this.#receiveDataLine(line));
  #port: BytePort | null = null;
  #outbox = '';
  readonly #queue: string[] = [];
  #job: Job | null = null;
  /** Device time of the last thing that happened. */
  #doneUs = 0;
  /** Answers to ABOR that wait for the answer of what it ended. */
  #heldBack = 0;
  #timer: Timer | null = null;
  #isPowered = true;

  constructor({ state, deviceClock, reboot }: ZahnerDeviceOptions) {
    this.#state = state;
    this.#clock = state.clock;
    this.#deviceClock = deviceClock;
    this.#reboot = reboot;
  }

  /** The text line; null when nobody is there. What runs goes on, its answer goes to whoever is. */
  attach(port: BytePort | null): void {
    this.#port = port;
    this.#text.reset();
  }

  attachData(port: BytePort | null): void {
    this.catchUp();
    this.#data.reset();
    this.#state.stream.attach(port);
  }

  receive(chunk: string): void {
    this.#enter(() => this.#text.push(chunk));
  }

  /** The data port understands `*IDN?`, to be told from the other one, and nothing else [inferred]. */
  receiveData(chunk: string): void {
    this.#enter(() => this.#data.push(chunk));
  }

  /** Lives through everything up to now. */
  catchUp(): void {
    this.#enter(() => undefined);
  }

  /** Everything in this object is lost from here on. */
  powerDown(): void {
    this.#isPowered = false;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #enter(act: () => void): void {
    if (!this.#isPowered) return;
    this.#advance(this.#deviceClock.nowUs());
    act();
    this.#flush();
    this.#arm();
  }

  #receiveLine(line: string): void {
    if (!this.#isPowered) return;
    const { header } = parseScpiLine(line);
    if (header === 'ABOR') this.#abort();
    else if (header === '*RST') this.#reset();
    else if (this.#queue.length < QUEUE_MAX) {
      this.#queue.push(line);
      this.#advance(this.#deviceClock.nowUs());
    }
  }

  #receiveDataLine(line: string): void {
    if (parseScpiLine(line).header === '*IDN?') {
      this.#state.stream.sendLine(`${identityText(this.#state)} binary`);
    }
  }

  /** Output off, error latched; the answers of both come in either order (serial_interface.py). */
  #abort(): void {
    const us = this.#deviceClock.nowUs();
    const isErrorFirst = this.#state.faults.drawsErrorFirst(us);
    this.#stopAll(us);
    this.#state.latched = ERROR_CODES.aborted;
    if (isErrorFirst && this.#job !== null) this.#heldBack += 1;
    else this.#answer(OK);
  }

  /** "Switches off the potentiostat and reboots the device": the lines go with it (control.py). */
  #reset(): void {
    const us = this.#deviceClock.nowUs();
    const isErrorFirst = this.#state.faults.drawsErrorFirst(us);
    this.#stopAll(us);
    const lines = this.#job === null ? [] : [this.#job.answer];
    const held = Array.from({ length: this.#heldBack }, () => OK);
    for (const line of isErrorFirst ? [...lines, ...held, OK] : [OK, ...lines, ...held]) this.#answer(line);
    this.#flush();
    this.#reboot();
  }

  #stopAll(us: number): void {
    const { stage } = this.#state;
    const primitive = this.#job instanceof PrimitiveJob ? this.#job : null;
    this.#job?.abort(us);
    if (primitive !== null) this.#keepFinal(primitive);
    stage.off(us, 'stop');
    this.#doneUs = us;
  }

  #advance(nowUs: number): void {
    for (;;) {
      const job = this.#job;
      if (job === null) {
        const line = this.#queue.shift();
        if (line === undefined) break;
        this.#start(line, this.#doneUs);
      } else if (job.nextUs <= nowUs) this.#step(job);
      else break;
    }
    this.#doneUs = Math.max(this.#doneUs, nowUs);
  }

  /** A line that waited runs at the moment at which the one before it was answered. */
  #start(line: string, us: number): void {
    const result = execute(this.#state, line, us);
    if (typeof result === 'string') this.#answer(result);
    else this.#job = result;
  }

  #step(job: Job): void {
    this.#doneUs = Math.max(this.#doneUs, job.nextUs);
    const answer = job.advance();
    if (job instanceof PrimitiveJob && job.hasHitGlobalLimit) this.#state.latched ??= ERROR_CODES.globalLimit;
    if (answer === null) return;
    this.#job = null;
    if (job instanceof PrimitiveJob) this.#keepFinal(job);
    this.#answer(answer);
    for (; this.#heldBack > 0; this.#heldBack -= 1) this.#answer(OK);
  }

  #keepFinal({ finalSetpoint }: PrimitiveJob): void {
    if (finalSetpoint === null) return;
    const { finals } = this.#state;
    if (finalSetpoint.coupling === 'gal') finals.gal = finalSetpoint.currentPa * 1e-12;
    else finals.pot = finalSetpoint.voltageNv * 1e-9;
  }

  #answer(line: string): void {
    this.#outbox += `${line}\n`;
  }

  #flush(): void {
    this.#state.stream.flush();
    const text = this.#outbox;
    this.#outbox = '';
    if (text !== '') this.#port?.write(text);
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = null;
    const job = this.#job;
    if (job === null || !this.#isPowered) return;
    const nowMs = this.#clock.nowMs();
    const { nextUs, endsByUs } = job;
    const togetherMs = Math.min(nowMs + WAKE_MS, this.#deviceClock.msAtUs(endsByUs));
    const dueMs = Math.max(this.#deviceClock.msAtUs(nextUs), togetherMs);
    this.#timer = this.#clock.after(Math.max(SHORTEST_WAIT_MS, dueMs - nowMs), () => {
      this.#timer = null;
      this.catchUp();
    });
  }
}
