// One channel of a MethodSCRIPT instrument as the host's step engine sees it: a plan is one script, what it
// says are readings and ends. The cell is open at the end of every script, and opened by hand after an error.
// Must never tell the end of a step, nor of a script, that the instrument has not told.
import type { Timer } from '../../../base/clock.ts';
import { ERROR_CODE, errorText } from '../../../frames/dialects/methodscript/errors.ts';
import type { Line } from '../../../frames/dialects/methodscript/line.ts';
import type { DeviceResult, Done, RunSetup } from '../../cycler.ts';
import { ChannelClock } from '../../hosted/channel-clock.ts';
import type { StepActuator, StepListener, StepPlan } from '../../hosted/step-actuator.ts';
import { CellOpener } from './cell-opener.ts';
import { compilePlan, type CompiledPlan } from './compile-plan.ts';
import type { Profile } from './profiles.ts';
import type { RunningScript } from './running-script.ts';
import { ScriptOutput, type OutputEvent } from './script-output.ts';
import type { ScriptSession } from './script-session.ts';

/** What the greeting found. */
export interface Instrument {
  readonly profile: Profile;
  readonly mainsHz: number | null;
}

/** Beyond the longest silence of a script. */
const SILENCE_MS = 3000;

export class MethodscriptActuator implements StepActuator {
  readonly #session: ScriptSession;
  readonly #listener: StepListener;
  readonly #instrument: () => Instrument | null;
  readonly #opener: CellOpener;
  readonly #channelClock: ChannelClock;
  readonly #onNonsense: () => void;
  #output = new ScriptOutput();
  #setup: RunSetup | null = null;
  #running: RunningScript | null = null;
  #takeBack: (() => void) | null = null;
  #isCellOn = false;
  /** When the device itself has said that it opened the cell. */
  #openedUs: number | null = null;
  #heardMs = 0;
  #silenceTimer: Timer | null = null;

  constructor(options: {
    readonly session: ScriptSession;
    readonly listener: StepListener;
    /** Null while the link is down. */
    readonly instrument: () => Instrument | null;
    readonly onNonsense: () => void;
  }) {
    this.#session = options.session;
    this.#listener = options.listener;
    this.#instrument = options.instrument;
    this.#onNonsense = options.onNonsense;
    this.#opener = new CellOpener(options.session);
    this.#channelClock = new ChannelClock({ clock: options.session.clock, timeScale: 1 });
  }

  get isCellOn(): boolean {
    return this.#isCellOn;
  }

  /** Nothing runs and nothing is about to: the instrument may be asked who it is. */
  get isIdle(): boolean {
    return this.#running === null && !this.#opener.isActive;
  }

  nowUs(): number {
    return this.#channelClock.nowUs();
  }

  prepare(setup: RunSetup, done: Done<null>): void {
    const instrument = this.#instrument();
    if (instrument === null) return done(failure('closed', 'no link'));
    const count = instrument.profile.currentRangesPa.length;
    if (!Number.isInteger(setup.rangeIndex) || setup.rangeIndex < 0 || setup.rangeIndex >= count) {
      return done(failure('refused', `range ${setup.rangeIndex} is not one of its ${count}`));
    }
    this.#setup = setup;
    done({ ok: true, value: null });
  }

  begin(plan: StepPlan, done: Done<null>): void {
    const compiled = this.#compile(plan);
    if (!compiled.ok) return done(failure('refused', compiled.detail));
    if (!this.isIdle) return done(failure('refused', 'the script before has not ended'));
    const running: RunningScript = {
      steps: compiled.steps,
      quietMaxMs: compiled.quietMaxUs / 1000,
      index: -1,
      struck: null,
      endUs: null,
      isStopped: false,
    };
    this.#running = running;
    this.#output = new ScriptOutput();
    this.#openedUs = null;
    this.#isCellOn = compiled.steps.some(({ step }) => step.mode.kind !== 'rest');
    this.#takeBack = this.#session.run(compiled.script, false, (result) => {
      this.#takeBack = null;
      if (result.ok) {
        this.#heardMs = this.#session.clock.nowMs();
        this.#watchSilence();
      } else if (this.#running === running) {
        this.#neverRan(result);
      }
      done(result);
    });
  }

  off(done: Done<{ readonly openUs: number }>): void {
    const running = this.#running;
    const opened = (result: DeviceResult<null>): void => {
      if (!result.ok) return done(result);
      const openUs = this.#openedUs ?? this.nowUs();
      this.#rest();
      done({ ok: true, value: { openUs } });
    };
    if (!this.#session.isUp) return done(failure('closed', 'no link'));
    if (running === null) this.#opener.open(opened);
    else this.#opener.abortAndOpen(running.quietMaxMs, opened);
    this.#takeBack?.();
  }

  /** From the driver: a line that answers no request. */
  hear(line: Line): void {
    this.#heardMs = this.#session.clock.nowMs();
    const event = this.#output.take(line);
    if (event.type === 'nonsense') this.#onNonsense();
    else if (event.type === 'reading') this.#read(event);
    else if (event.type === 'impedance') this.#tellPoint(event);
    else if (event.type === 'opened') this.#openedUs = this.#restartTimer(event.sinceUs);
    else if (this.#opener.isActive) this.#hearWhileOpening(event);
    else this.#hearRunning(event);
  }

  /** From the driver: the link is gone and every request has failed. */
  linkLost(detail: string): void {
    this.#silenceTimer?.cancel();
    this.#takeBack = null;
    this.#running = null;
    this.#opener.fail(failure('closed', detail));
  }

  /** From the driver: the greeting has opened the cell. */
  linkRestored(): void {
    this.#rest();
  }

  #compile(plan: StepPlan): CompiledPlan {
    const instrument = this.#instrument();
    const setup = this.#setup;
    if (instrument === null || setup === null) return { ok: false, detail: 'no run is prepared' };
    return compilePlan(plan, { ...instrument, setup });
  }

  #read({ sinceUs, voltageNv, currentPa, flags }: Extract<OutputEvent, { type: 'reading' }>): void {
    const running = this.#running;
    if (running === null || running.index < 0 || running.endUs !== null) {
      if (running === null || this.#opener.isActive) return this.#onNonsense();
      // The line that its step begins with is lost: current would flow that nobody counts or judges.
      return this.#session.giveUp('a reading came, but not the beginning of its step');
    }
    this.#listener.reading({ timeUs: this.#channelClock.at(sinceUs), voltageNv, currentPa, flags });
  }

  #tellPoint({ sinceUs, ...point }: Extract<OutputEvent, { type: 'impedance' }>): void {
    const stepNumber = this.#running?.steps[this.#running.index]?.stepNumber;
    if (stepNumber === undefined) return this.#onNonsense();
    this.#listener.beside({ ...point, stepNumber, timeUs: this.#channelClock.at(sinceUs) });
  }

  /** Its zero moves; nothing of it is told to the engine, which waits for `off`. */
  #hearWhileOpening(event: OutputEvent): void {
    if (event.type === 'ended' || event.type === 'wentOn') this.#restartTimer(event.sinceUs);
    this.#opener.take(event);
  }

  #hearRunning(event: OutputEvent): void {
    const running = this.#running;
    if (running === null) return this.#hearIdle(event);
    switch (event.type) {
      case 'began':
        return this.#began(running, event.stepNumber);
      case 'struck':
        running.struck = event.limit;
        return undefined;
      case 'wentOn':
        this.#restartTimer(event.sinceUs);
        return undefined;
      case 'ended':
        return this.#ended(running, event.stepNumber, this.#restartTimer(event.sinceUs));
      case 'finished':
        return this.#finished(running);
      case 'failed':
        this.#session.heardError();
        return this.#fault(event.error.code === ERROR_CODE.overload ? 'overload' : 'device-error', event);
      case 'aborted':
        running.isStopped = true;
        return undefined;
      case 'reading':
      case 'impedance':
      case 'opened':
      case 'nothing':
      case 'nonsense':
        return undefined;
    }
  }

  /** An emergency stop that found nothing to stop is answered by an error. */
  #hearIdle(event: OutputEvent): void {
    if (event.type === 'aborted' && event.error !== null) this.#session.heardError();
  }

  #began(running: RunningScript, stepNumber: number): void {
    running.index += 1;
    const planned = running.steps[running.index];
    if (planned?.stepNumber !== stepNumber) {
      return this.#session.giveUp(`the script is in step ${stepNumber}, which it was not given`);
    }
    // Behind another step the zero of its time is the end of that.
    const startUs = running.endUs ?? this.#channelClock.stepStarts();
    running.endUs = null;
    this.#listener.began(stepNumber, startUs);
  }

  #ended(running: RunningScript, stepNumber: number, endUs: number): void {
    const planned = running.steps[running.index];
    // A line can be lost: what an instrument says must not fail an assertion, nor count for another step.
    if (planned?.stepNumber !== stepNumber || running.endUs !== null) {
      return this.#session.giveUp(`step ${stepNumber} has ended, and was not heard to begin`);
    }
    running.endUs = endUs;
    const isLast = running.index === running.steps.length - 1;
    if (running.struck !== null || isLast) return;
    this.#listener.ended({ reason: planned.timedEnd, endUs, hasGoneOn: true });
  }

  /** End of the output, which `on_finished:` comes before: the cell is open. */
  #finished(running: RunningScript): void {
    const { endUs, index, steps, struck } = running;
    const planned = steps[index];
    // Before its last step, and no limit named: that line is lost, and no end is to be guessed.
    const isWhole = struck !== null || index === steps.length - 1;
    if (planned === undefined || endUs === null || !isWhole || this.#openedUs === null) {
      return this.#fault(running.isStopped ? 'stop' : 'device-error', null);
    }
    this.#rest();
    if (struck === 'vhard' || struck === 'ihard') return this.#listener.faulted(struck, endUs);
    this.#listener.ended({ reason: struck ?? planned.timedEnd, endUs, hasGoneOn: false });
  }

  /** After a runtime error nothing has opened the cell. */
  #fault(fault: string, failed: Extract<OutputEvent, { type: 'failed' }> | null): void {
    this.#silenceTimer?.cancel();
    this.#opener.open((result) => {
      if (!result.ok) return;
      const atUs = this.#openedUs ?? this.nowUs();
      this.#rest();
      const isNamed = failed === null || fault === 'overload';
      this.#listener.faulted(isNamed ? fault : `${fault} ${errorText(failed.error)}`, atUs);
    });
  }

  #neverRan(result: DeviceResult<null>): void {
    this.#rest();
    if (!result.ok && result.reason === 'refused') this.#opener.scriptRefused();
  }

  #rest(): void {
    this.#silenceTimer?.cancel();
    this.#running = null;
    this.#isCellOn = false;
  }

  /** The device has taken a time and started its timer anew; returns that time on the channel's clock. */
  #restartTimer(sinceUs: number): number {
    const timeUs = this.#channelClock.at(sinceUs);
    this.#channelClock.stepStarts();
    return timeUs;
  }

  /** A script speaks at least once an interval: one that does not is beyond our reach. */
  #watchSilence(): void {
    const [running, { clock }] = [this.#running, this.#session];
    if (running === null) return;
    const dueMs = (): number => this.#heardMs + running.quietMaxMs + SILENCE_MS;
    this.#silenceTimer?.cancel();
    this.#silenceTimer = clock.after(Math.max(0, dueMs() - clock.nowMs()), () => {
      if (this.#running !== running) return;
      // The sum that the wait was made from: a difference might never reach its limit.
      if (clock.nowMs() < dueMs()) return this.#watchSilence();
      const silentMs = clock.nowMs() - this.#heardMs;
      this.#session.giveUp(`nothing heard from the running script for ${Math.round(silentMs / 1000)} s`);
    });
  }
}

function failure(reason: 'closed' | 'refused', detail: string): DeviceResult<never> {
  return { ok: false, reason, detail };
}
