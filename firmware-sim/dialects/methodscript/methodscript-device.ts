// The instrument from power-up to power-down: bytes in, bytes out, one timer for whatever comes next.
//
//   bytes -> ReceiveBuffer -> command or line of a script        ScriptRun -> lines -> one write
//
// Before anything else every entry lives the script through to now, so a host never sees a stale state.
import type { BytePort } from '../../../src/base/byte-port.ts';
import type { Clock, Timer } from '../../../src/base/clock.ts';
import type { DeviceClock } from '../../board/device-clock.ts';
import type { SourceMeter } from '../../board/source-meter.ts';
import { answer, type CommandAnswer, type CommandHost } from './commands.ts';
import { ERRORS, type ErrorCode } from './error-codes.ts';
import type { OwnFaults } from './faults.ts';
import { ScriptMemory } from './memory.ts';
import { Outbox } from './outbox.ts';
import { type ParseFault, ScriptParser } from './parser.ts';
import { Pgstat } from './pgstat.ts';
import type { Profile } from './profiles.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { Registers } from './registers.ts';
import type { Script } from './script.ts';
import { ScriptOutput } from './script-output.ts';
import { ScriptRun } from './script-run.ts';

/** After an error the instrument hears nothing for 50 to 100 ms: PalmSens's clients wait 100. */
const DEAF_MS = 75;
/** Whether an empty line follows a runtime error is not settled; the protocol's own example has one. */
const RUNTIME_ERROR_END = '\n\n';
/** Floating point may wake the device a hair early; it then waits this long, never zero. */
const SHORTEST_WAIT_MS = 0.001;

/** A script on its way in. */
interface Loading {
  readonly command: 'l' | 'e';
  readonly parser: ScriptParser;
}

export interface MethodscriptDeviceOptions {
  readonly clock: Clock;
  readonly deviceClock: DeviceClock;
  readonly source: SourceMeter;
  readonly profile: Profile;
  readonly serial: string;
  readonly faults: OwnFaults;
  /** The script kept in non-volatile memory. */
  readonly permanent: CommandHost['permanent'];
}

export class MethodscriptDevice implements CommandHost {
  readonly profile: Profile;
  readonly serial: string;
  readonly registers: Registers;
  readonly permanent: CommandHost['permanent'];
  loaded: Script | null = null;
  readonly #options: MethodscriptDeviceOptions;
  readonly #pgstat: Pgstat;
  readonly #receiver: ReceiveBuffer;
  readonly #outbox = new Outbox();
  #run: ScriptRun | null = null;
  #loading: Loading | null = null;
  #deafUntilMs = Number.NEGATIVE_INFINITY;
  /** When a late `Z` is obeyed; Infinity: none waits. */
  #abortDueMs = Number.POSITIVE_INFINITY;
  #timer: Timer | null = null;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #isPowered = true;

  constructor(options: MethodscriptDeviceOptions) {
    const { profile, source, faults } = options;
    this.#options = options;
    this.profile = profile;
    this.serial = options.serial;
    this.registers = new Registers(options.serial);
    this.permanent = options.permanent;
    const complianceNvAt = (us: number): number => faults.complianceNv(us, source.instrument.complianceNv);
    this.#pgstat = new Pgstat({ profile, source, complianceNvAt });
    this.#receiver = new ReceiveBuffer(profile.uart, {
      line: (text) => this.#receiveLine(text),
      tooLong: (text) => this.#refuseLongLine(text),
      sendRaw: (character) => this.#outbox.sendNow(character),
      hold: (isHeld) => this.#outbox.hold(isHeld),
      isDeaf: () => options.clock.nowMs() < this.#deafUntilMs,
    });
  }

  get run(): ScriptRun | null {
    return this.#run;
  }

  get nowUs(): number {
    return this.#options.deviceClock.nowUs();
  }

  /** The line to a host; null when nobody is there. A script runs on, what it sends is lost. */
  attach(port: BytePort | null): void {
    this.#outbox.attach(port);
    this.#receiver.reset();
    this.#loading = null;
  }

  /** A UART that wakes says that it listens; it may be the first character a host sees. */
  greet(): void {
    if (this.profile.uart !== null) this.#outbox.sendNow('\x11');
  }

  receive(chunk: string): void {
    if (!this.#isPowered) return;
    this.#advance();
    this.#receiver.receive(chunk, this.#options.clock.nowMs());
    this.#finish();
  }

  /** Lives through everything up to now; for whoever asks for the hidden truth. */
  catchUp(): void {
    if (!this.#isPowered) return;
    this.#advance();
    this.#finish();
  }

  /** Everything in this object is lost from here on. */
  powerDown(): void {
    this.#isPowered = false;
    this.#timer?.cancel();
    this.#timer = null;
  }

  beginLoading(command: 'l' | 'e'): void {
    this.#loading = { command, parser: new ScriptParser(this.profile) };
  }

  startLoaded(): void {
    if (this.loaded === null) return;
    this.#outbox.line('r');
    this.#start(this.loaded);
  }

  abort(): void {
    const delayMs = this.#options.faults.abortDelayMs(this.nowUs);
    if (delayMs > 0) this.#abortDueMs = this.#options.clock.nowMs() + delayMs;
    else this.#abortNow();
  }

  #receiveLine(line: string): void {
    if (this.#loading !== null) this.#receiveScriptLine(this.#loading, line);
    else if (line !== '') this.#answer(line, answer(this, line));
    // An empty line in the stream would look like the end of the script that runs.
    else if (this.#run === null) this.#outbox.line('');
  }

  #receiveScriptLine({ command, parser }: Loading, line: string): void {
    const end = line === '' ? parser.end() : null;
    const fault = end === null ? parser.push(line) : end.ok ? null : end.fault;
    if (fault !== null) {
      this.#refuseScript(command, fault);
      return;
    }
    if (end?.ok !== true) return;
    this.#loading = null;
    this.loaded = end.script;
    this.#outbox.line(command);
    if (command === 'e') this.#start(end.script);
  }

  #answer(line: string, answered: CommandAnswer): void {
    const echo = line.charAt(0);
    if (!answered.ok) this.#refuse(echo, answered.code);
    else if (answered.text !== null) this.#outbox.line(echo + answered.text);
  }

  #refuse(echo: string, code: ErrorCode): void {
    this.#outbox.line(`${echo}!${code}`);
    this.#fallDeaf();
  }

  #refuseScript(command: string, { code, line, column }: ParseFault): void {
    this.#loading = null;
    this.loaded = null;
    this.#outbox.line(`${command}!${code}: Line ${line}, Col ${column}`);
    this.#fallDeaf();
  }

  #refuseLongLine(text: string): void {
    const echo = this.#loading?.command ?? text.charAt(0);
    this.#loading = null;
    this.#refuse(echo, ERRORS.lineTooLong);
  }

  #fallDeaf(): void {
    this.#deafUntilMs = this.#options.clock.nowMs() + DEAF_MS;
  }

  #start(script: Script): void {
    const { profile, faults } = this.#options;
    const nowUs = this.nowUs;
    this.#pgstat.beginScript();
    const output = new ScriptOutput({ emit: (line) => this.#outbox.line(line), noise: profile.noise });
    const context = {
      memory: new ScriptMemory(profile.arrayElementsMax),
      pgstat: this.#pgstat,
      output,
      hasCellOnAtOcp: profile.hasCellOnAtOcp,
      nowUs,
      timerUs: nowUs,
      interval: null,
      measuring: null,
    };
    const requests = { isAborting: false, isEndingLoop: false, isReversing: false };
    const interpreter = { context, requests, faults, lacks: profile.lacks, isFinishing: false };
    this.#run = new ScriptRun(interpreter, script);
    this.#settle();
  }

  #abortNow(): void {
    this.#abortDueMs = Number.POSITIVE_INFINITY;
    if (this.#run === null) return;
    this.#outbox.line('Z');
    this.#run.abort(this.nowUs);
    this.#settle();
  }

  #advance(): void {
    const { clock } = this.#options;
    if (this.#run?.outcome === null) this.#run.advanceTo(this.nowUs);
    this.#settle();
    if (this.#abortDueMs <= clock.nowMs() + SHORTEST_WAIT_MS) this.#abortNow();
    this.#receiver.pump(clock.nowMs());
  }

  /** A script that has ended says so. */
  #settle(): void {
    const outcome = this.#run?.outcome ?? null;
    if (outcome === null) return;
    this.#run = null;
    this.#abortDueMs = Number.POSITIVE_INFINITY;
    if (outcome.kind !== 'failed') {
      this.#outbox.line('');
      return;
    }
    this.#outbox.text(`!${outcome.code}: Line ${outcome.line}${RUNTIME_ERROR_END}`);
    this.#fallDeaf();
  }

  /** Writes once, and sets the alarm for what comes next. */
  #finish(): void {
    this.#outbox.flush();
    const { clock, deviceClock } = this.#options;
    const runDueMs = this.#run === null ? Number.POSITIVE_INFINITY : deviceClock.msAtUs(this.#run.dueUs);
    const dueMs = Math.min(runDueMs, this.#abortDueMs, this.#receiver.dueMs);
    if (dueMs === this.#timerDueMs && this.#timer !== null) return;
    this.#timer?.cancel();
    this.#timer = null;
    this.#timerDueMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#timer = clock.after(Math.max(SHORTEST_WAIT_MS, dueMs - clock.nowMs()), () => {
      this.#timer = null;
      this.catchUp();
    });
  }
}
