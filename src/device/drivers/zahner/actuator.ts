// Executes plans on a Zahner potentiostat: one primitive for each step, the cell open between them. Limits of
// voltage, charge and time are the instrument's own; it answers when the step has ended, and step-end.ts says
// why. Readings come from the data port (primitive-rows.ts).
//
//   idle ─ begin ─► setting ─ all set ─► sent ─ first sign ─► begun ─ `ok` and all data ─► ended ─► idle
//
// Must never start a primitive after an `off` that was asked before it.
import { assert } from '../../../base/assert.ts';
import type { Clock } from '../../../base/clock.ts';
import { HEADER_STATES, type Packet } from '../../../frames/dialects/zahner/packets.ts';
import { ERROR_CODES, type Reply } from '../../../frames/dialects/zahner/replies.ts';
import { type RowReader, rowReaderFor } from '../../../frames/dialects/zahner/samples.ts';
import type { DeviceResult, Done, HardLimits, RunSetup } from '../../cycler.ts';
import { DONE, refused, STALE } from '../../hosted/answers.ts';
import { ChannelClock } from '../../hosted/channel-clock.ts';
import type { StepActuator, StepListener, StepPlan } from '../../hosted/step-actuator.ts';
import { ActiveStep } from './active-step.ts';
import type { Connection } from './connection.ts';
import { failureFrom, isEnd } from './failures.ts';
import { parametersOf, preparation, primitiveOf } from './step-commands.ts';
import { endOf } from './step-end.ts';
import { SwitchOff } from './switch-off.ts';
import { Thermometer } from './thermometer.ts';

export interface ZahnerActuatorOptions {
  readonly clock: Clock;
  readonly connection: Connection;
  readonly listener: StepListener;
  /** Full scale of a range of the connected model, pA; null: none such. */
  readonly rangePa: (rangeIndex: number) => number | null;
  /** Whether silence on the data port while a primitive runs is the end of the link. */
  readonly isDataWatched: boolean;
}

type OffResult = DeviceResult<{ readonly openUs: number }>;

/** Over the time that a primitive may take: settling (50 ms), sending its data (100 ms), a busy host. */
const ANSWER_SPARE_MS = 10_000;
/** A primitive that was not refused for so long has begun. */
const BEGUN_MS = 250;
/** Between the answer of a primitive and the rest of its data; shorter where it was aborted. */
const DATA_MS = 3000;
const ABORTED_DATA_MS = 500;

export class ZahnerActuator implements StepActuator {
  readonly #options: ZahnerActuatorOptions;
  readonly #channelClock: ChannelClock;
  readonly #thermometer: Thermometer;
  #run: { readonly rangePa: number; readonly hard: HardLimits } | null = null;
  /** What is set once a run stands; not so after an error, nor on a new connection: it may have restarted. */
  #isPrepared = false;
  #step: ActiveStep | null = null;
  #isCellOn = true;
  #isHardLimitLatched = false;
  #switchOff: SwitchOff | null = null;
  #offDones: ((result: OffResult) => void)[] = [];
  /** Ends the wait for data of an aborted step. */
  #settleOff: (() => void) | null = null;
  #readRow: RowReader | null = null;
  /** The data of a step did not come to an end: what still comes of it is not the next one's. */
  #isDataStale = false;
  #readingsLost = 0;

  constructor(options: ZahnerActuatorOptions) {
    this.#options = options;
    this.#channelClock = new ChannelClock({ clock: options.clock, timeScale: 1 });
    this.#thermometer = new Thermometer(options);
  }

  get isCellOn(): boolean {
    return this.#isCellOn;
  }

  /** Samples that neither came live nor in time with the rest, and temperatures that cannot be. */
  get readingsLost(): number {
    return this.#readingsLost + this.#thermometer.implausible;
  }

  nowUs(): number {
    return this.#channelClock.nowUs();
  }

  /** From the driver: both ports speak, and the potentiostat has confirmed that it is off. */
  connected(): void {
    [this.#isCellOn, this.#isHardLimitLatched, this.#isDataStale] = [false, false, false];
    [this.#isPrepared, this.#readRow] = [false, null];
    this.#thermometer.connected();
  }

  /** From the driver: every request has failed. What is held of a step is handed on; its end is unknown. */
  disconnected(): void {
    this.#settleOff?.();
    const step = this.#step;
    this.#step = null;
    if (step !== null) this.#leave(step);
  }

  prepare({ rangeIndex, limits }: RunSetup, done: Done<null>): void {
    const rangePa = this.#options.rangePa(rangeIndex);
    if (rangePa === null) return done(refused(`it has no current range ${rangeIndex}`));
    this.#run = { rangePa, hard: limits };
    this.#options.connection.askAll(preparation(rangePa, limits), (result) => {
      if (result.ok) this.#prepared();
      done(result);
    });
  }

  begin(plan: StepPlan, done: Done<null>): void {
    assert(this.#step === null || this.#switchOff !== null, 'one step at a time');
    const run = this.#run;
    const [planned] = plan.steps;
    const { kind } = planned.step.mode;
    if (run === null) return done(refused('no run is prepared'));
    if (kind !== 'rest' && kind !== 'cc') return done(refused(`it does no ${kind} steps`));
    // Only a stop that the engine has not heard of yet can be under way here.
    if (this.#switchOff !== null) return done(STALE);
    const step = new ActiveStep({
      clock: this.#options.clock,
      planned,
      taken: done,
      readRow: (row) => this.#readRow?.(row) ?? null,
      onRow: ({ timeUs, voltageNv, currentPa }) => {
        const atUs = this.#channelClock.at(timeUs);
        this.#options.listener.reading({ timeUs: atUs, voltageNv, currentPa, flags: 0 });
        this.#thermometer.tell(step.startUs);
      },
    });
    this.#step = step;
    const isWanted = (): boolean => this.#step === step && this.#switchOff === null;
    const first = this.#isPrepared ? [] : preparation(run.rangePa, run.hard);
    const set = (result: DeviceResult<null>): void => {
      if (!isWanted()) return;
      if (result.ok) return this.#send(step);
      [this.#step, this.#isPrepared] = [null, false];
      step.tellTaken(result);
    };
    const measure: Done<null> = (result) => (result.ok ? this.#thermometer.measure(set) : set(result));
    this.#options.connection.askAll([...first, ...parametersOf(planned, run.hard)], measure, isWanted);
  }

  off(done: Done<{ readonly openUs: number }>): void {
    this.#offDones.push(done);
    if (this.#switchOff === null) this.#openCell();
  }

  /** As `off`, and the engine is told of a stop. False when there is no port to say it on. */
  emergencyStop(): boolean {
    const { connection, listener } = this.#options;
    if (!connection.isUp) return connection.abortUnheard();
    this.off((result) => {
      if (result.ok) listener.faulted('stop', result.value.openUs);
    });
    return true;
  }

  /** From the driver: of the data port. */
  take(packet: Packet): void {
    const step = this.#step;
    const isRunning = packet.type === 'header' && packet.state === HEADER_STATES.running;
    const isStart = isRunning || (packet.type === 'header' && packet.state === HEADER_STATES.start);
    if (packet.type === 'tracks') this.#readRow = rowReaderFor(packet.tracks);
    if (packet.type === 'tracks' || isStart) this.#isDataStale = false;
    if (step === null || !step.isSent || this.#isDataStale) return;
    if (isStart && !step.hasBegun) step.startUs = this.#channelClock.stepStarts();
    if (isRunning || packet.type === 'sample' || packet.type === 'bulk') this.#begun(step);
    step.rows.take(packet);
    // A reading may have ended the step.
    if (this.#step !== step) return;
    if (step.reply === null) this.#watch(step);
    else if (step.rows.isComplete) this.#finish(step);
  }

  /** All is set; from here on current may flow. */
  #send(step: ActiveStep): void {
    const { planned } = step;
    this.#prepared();
    step.isSent = true;
    step.startUs = this.#channelClock.stepStarts();
    if (planned.step.mode.kind !== 'rest') this.#isCellOn = true;
    step.arm(BEGUN_MS, () => this.#begun(step));
    const answerMs = planned.durationUs / 1000 + ANSWER_SPARE_MS;
    const answered: Done<Reply> = (result) => {
      if (result.ok) return this.#answered(step, result.value);
      this.#switchOff?.failed(result);
      step.tellTaken(result);
    };
    this.#options.connection.ask(primitiveOf(planned), answered, answerMs);
  }

  /** The instrument takes orders, with all that is set once a run. */
  #prepared(): void {
    [this.#isPrepared, this.#isHardLimitLatched] = [true, false];
  }

  /** The first sign of it: told once. */
  #begun(step: ActiveStep): void {
    if (step.hasBegun || this.#step !== step) return;
    step.hasBegun = true;
    if (step.reply === null) step.disarm();
    step.tellTaken(DONE);
    this.#options.listener.began(step.planned.stepNumber, step.startUs);
    if (step.reply === null) this.#watch(step);
  }

  /** Samples are the only sign of life while the text port waits for the end of the primitive. */
  #watch(step: ActiveStep): void {
    const { isDataWatched, connection } = this.#options;
    if (!isDataWatched || !step.hasBegun || this.#switchOff !== null) return;
    const { silenceMs } = step;
    step.arm(silenceMs, () => connection.lose(`no sample within ${silenceMs} ms; check power and cable`));
  }

  #answered(step: ActiveStep, reply: Reply): void {
    if (this.#step !== step) return;
    step.reply = reply;
    if (reply.kind !== 'ok') this.#isPrepared = false;
    this.#isHardLimitLatched = reply.kind === 'error' && reply.code === ERROR_CODES.hardLimit;
    if (this.#switchOff !== null) return this.#switchOff.primitiveAnswered();
    // It was off before the primitive, so it is off after it (control.py, class doc), and by any abort. What
    // an error of another kind has left, nobody knows: then the engine has it confirmed.
    const isRefused = reply.kind !== 'ok' && !step.hasBegun;
    this.#isCellOn = !(isRefused || isEnd(reply));
    if (isRefused || step.rows.isComplete) this.#finish(step);
    else step.arm(DATA_MS, () => this.#finish(step));
  }

  /** The primitive has answered, and its data are here or will not come. */
  #finish(step: ActiveStep): void {
    if (this.#isSwitchingOff()) return this.#settleOff?.();
    const { reply } = step;
    const run = this.#run;
    if (this.#step !== step || reply === null || run === null) return;
    if (reply.kind !== 'ok' && !step.hasBegun) {
      this.#step = null;
      this.#leave(step);
      return step.tellTaken(failureFrom(primitiveOf(step.planned), reply));
    }
    this.#begun(step);
    this.#leave(step);
    // What was heard last may have brought other orders.
    if (this.#isSwitchingOff()) return;
    this.#step = null;
    const end = endOf(step.evidence, reply, run.hard);
    const endUs = this.#channelClock.at(end.sinceStartUs);
    const { listener } = this.#options;
    if (end.reason === 'fault') listener.faulted(end.fault, endUs);
    else listener.ended({ reason: end.reason, endUs, hasGoneOn: false });
  }

  #openCell(): void {
    const step = this.#step;
    this.#switchOff = new SwitchOff({
      clock: this.#options.clock,
      connection: this.#options.connection,
      isPrimitiveRunning: step?.isRunning ?? false,
      nowUs: () => this.nowUs(),
      isHardLimitLatched: () => this.#isHardLimitLatched,
      onOpen: () => {
        this.#isCellOn = false;
      },
      onDone: (result) => this.#opened(step, result),
    });
    this.#switchOff.start();
  }

  /** Samples of the step that was aborted may still be on their way. */
  #opened(step: ActiveStep | null, result: OffResult): void {
    const settle = (): void => this.#offDone(step, result);
    if (!result.ok || step === null || !step.isSent || step.rows.isComplete) return settle();
    this.#settleOff = settle;
    step.arm(ABORTED_DATA_MS, settle);
  }

  #offDone(step: ActiveStep | null, result: OffResult): void {
    if (step !== null) this.#leave(step);
    [this.#step, this.#switchOff, this.#settleOff] = [null, null, null];
    for (const done of this.#offDones.splice(0)) done(result);
    step?.tellTaken(result.ok ? STALE : result);
    const isHardLimit = this.#isHardLimitLatched && step !== null && step.reply !== null;
    if (isHardLimit && result.ok) this.#options.listener.faulted('vhard', result.value.openUs);
  }

  #isSwitchingOff(): boolean {
    return this.#switchOff !== null;
  }

  /** No more of its data is wanted: what is held is handed on. */
  #leave(step: ActiveStep): void {
    step.disarm();
    if (!step.isSent || !step.hasBegun) return;
    if (!step.rows.isComplete) {
      this.#isDataStale = true;
      step.rows.flush();
    }
    this.#readingsLost += step.rows.lostCount;
  }
}
