// The firmware from power-up to power-down: bytes in, bytes out, one timer for whatever comes next.
//
//   bytes -> SerialLine -> message -> MessageRunner -> commands -> Core <- TriggerModel <- device clock
//
// Before anything else every entry lives through all events up to now, so a host never sees a stale state.
import type { BytePort } from '../../../src/base/byte-port.ts';
import type { Clock, Timer } from '../../../src/base/clock.ts';
import type { DeviceClock } from '../../board/device-clock.ts';
import type { SourceMeter } from '../../board/source-meter.ts';
import type { Accuracy } from './accuracy.ts';
import { applyOutput, type Core, type Memory } from './core.ts';
import { ErrorQueue } from './error-queue.ts';
import { NO_RESULT } from './limit-tests.ts';
import { MessageRunner } from './message-runner.ts';
import { OutputStage } from './output-stage.ts';
import type { OwnFaults } from './own-faults.ts';
import type { Profile } from './profiles.ts';
import { createSdmActions, showTrace } from './sdm-cycle.ts';
import { type LineMenu, SerialLine } from './serial-line.ts';
import { MEASUREMENT, OPERATION, StatusModel } from './status-model.ts';
import { powerOnSettings } from './system-commands.ts';
import { TriggerModel } from './trigger-model.ts';

/**
 * "On power-up, the SourceMeter will momentarily be in the HIGH IMPEDANCE state before going to the selected
 * one" (p. 13-11). How long a moment is is assumed.
 */
const HELD_OPEN_US = 1_000_000;
/** Floating point may wake the device a hair early; it then waits this long, never zero. */
const SHORTEST_WAIT_MS = 0.001;

export interface Keithley2400DeviceOptions {
  readonly clock: Clock;
  readonly deviceClock: DeviceClock;
  readonly meter: SourceMeter;
  readonly profile: Profile;
  readonly accuracy: Accuracy;
  readonly memory: Memory;
  readonly menu: LineMenu;
  readonly seed: number;
  readonly faults: OwnFaults;
}

export class Keithley2400Device {
  readonly #options: Keithley2400DeviceOptions;
  readonly #core: Core;
  readonly #runner: MessageRunner;
  readonly #line: SerialLine;
  #timer: Timer | null = null;
  #timerDueMs = Number.POSITIVE_INFINITY;
  #isPowered = true;

  constructor(options: Keithley2400DeviceOptions) {
    this.#options = options;
    this.#core = createCore(options);
    this.#runner = new MessageRunner(this.#core, (text) => this.#line.reply(text));
    this.#line = new SerialLine(options.menu, {
      message: (text) => this.#runner.take(text),
      clear: () => this.#clear(),
      overrun: () => this.#runner.raise(-363),
      interrupted: () => this.#runner.raise(-410),
      waitingLength: () => this.#runner.waitingLength,
    });
    this.#finish();
  }

  /** The line to a host; null when nobody is there. The instrument goes on either way. */
  attach(port: BytePort | null): void {
    this.#line.attach(port);
  }

  receive(chunk: string): void {
    if (!this.#isPowered) return;
    this.#advance();
    this.#line.receive(chunk);
    this.#finish();
  }

  /** Lives through everything up to now; for whoever asks for the hidden truth. */
  catchUp(): void {
    if (!this.#isPowered) return;
    this.#advance();
    this.#finish();
  }

  /** Everything in this object is lost from here on; what has a battery stops storing. */
  powerDown(): void {
    this.catchUp();
    this.#isPowered = false;
    this.#timer?.cancel();
    this.#timer = null;
    this.#options.memory.trace.stop();
    this.#core.output.powerDown(this.#core.us);
  }

  /** `^C`, `^X` (p. 14-14): like a device clear, operation ends and what waits is gone; settings stay. */
  #clear(): void {
    this.#core.trigger.abort(this.#core.us);
    this.#runner.clear();
  }

  /** Runs trigger events, and what waits for them, each at its own instant. */
  #advance(): void {
    const nowUs = this.#options.deviceClock.nowUs();
    const core = this.#core;
    for (;;) {
      const dueUs = Math.min(core.trigger.nextUs, this.#wakeUs());
      if (dueUs > nowUs) break;
      this.#applyFaults(dueUs);
      if (dueUs === core.trigger.nextUs) core.trigger.step();
      else this.#wake(dueUs);
      this.#runner.run();
    }
    this.#applyFaults(nowUs);
    core.us = nowUs;
  }

  /** Instants that are not the trigger model's: a relay has settled, power-up is over. */
  #wakeUs(): number {
    const { busyUntilUs, us, output } = this.#core;
    const settledUs = busyUntilUs > us ? busyUntilUs : Number.POSITIVE_INFINITY;
    return Math.min(settledUs, output.isHeldOpen ? HELD_OPEN_US : Number.POSITIVE_INFINITY);
  }

  #wake(us: number): void {
    this.#core.us = us;
    if (us < HELD_OPEN_US || !this.#core.output.isHeldOpen) return;
    this.#core.output.isHeldOpen = false;
    applyOutput(this.#core);
  }

  #applyFaults(us: number): void {
    const { faults, deviceClock } = this.#options;
    const limitV = faults.limitV(deviceClock.msAtUs(us) + SHORTEST_WAIT_MS);
    if (limitV === this.#core.output.faultLimitV) return;
    this.#core.us = Math.max(us, this.#core.us);
    this.#core.output.faultLimitV = limitV;
    applyOutput(this.#core);
  }

  /** Sends what is ready, and sets the alarm for what comes next. */
  #finish(): void {
    this.#line.flush();
    const { clock, deviceClock, faults } = this.#options;
    const nowMs = clock.nowMs();
    const dueUs = Math.min(this.#core.trigger.nextUs, this.#wakeUs());
    const dueMs = Math.min(deviceClock.msAtUs(dueUs), faults.nextMs(nowMs));
    if (dueMs === this.#timerDueMs && this.#timer !== null) return;
    this.#timer?.cancel();
    this.#timer = null;
    this.#timerDueMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#timer = clock.after(Math.max(SHORTEST_WAIT_MS, dueMs - nowMs), () => {
      this.#timer = null;
      this.catchUp();
    });
  }
}

function createCore(options: Keithley2400DeviceOptions): Core {
  const { profile, accuracy, memory, seed, meter, faults } = options;
  const trigger: TriggerModel = new TriggerModel(createSdmActions(() => core));
  const core: Core = {
    profile,
    accuracy,
    seed,
    memory,
    status: new StatusModel(),
    errors: new ErrorQueue(),
    output: new OutputStage({ meter, accuracy, profile }),
    trigger,
    settings: powerOnSettings({ memory, profile }),
    us: 0,
    busyUntilUs: 0,
    timeZeroUs: -faults.timestampS * 1e6,
    samples: [],
    movingFilter: [],
    limits: NO_RESULT,
    overlay: null,
  };
  core.status.operation.setWhile(OPERATION.idle, true);
  core.status.measurement.setWhile(MEASUREMENT.outputEnable, true);
  showTrace(core);
  return core;
}
