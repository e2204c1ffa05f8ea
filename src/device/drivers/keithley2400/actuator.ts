// The one channel of a Keithley 2400, as the host's step engine moves it: a galvanostat that stands at a
// level until it is told otherwise. Never goes on with an order that a later one has overtaken.
//
// A rest is 0 A with the output on and the lowest current range, because a relay that is open disconnects
// the sense leads too: an open cell cannot be measured. Its error current is the offset of that range, 0.6
// nA (2400, 2401, 2410: 1 uA range) or 2 nA (2420, 2440: 10 uA range), which is 0.05 or 0.2 mC a day. Off
// (stop, fault, nothing follows) is always HIMP: relay open, 15 ms to settle, and it wears, so not for
// rests.
//
// Nothing bounds a host that falls silent: the output stays on at its last level, within the compliance,
// for good.
import type { DeviceResult, Done, RunSetup } from '../../cycler.ts';
import { COMMANDS, sourceSettings } from '../../../frames/dialects/keithley2400/commands.ts';
import type { PlannedStep, StepActuator, StepListener, StepPlan } from '../../hosted/step-actuator.ts';
import { complianceFor } from './compliance.ts';
import { messagesToward, type Level } from './level.ts';
import type { Model } from './models.ts';
import { confirmOpen, openCell } from './opening.ts';
import type { Session } from './session.ts';
import { FIRST_TRIPS, StepRun, type RoundTrips } from './step-run.ts';

export interface ActuatorOptions {
  readonly session: Session;
  readonly listener: StepListener;
  readonly isRemoteSensing: boolean;
  /** A reading that was due is absent. */
  readonly onAbsent: () => void;
}

type OffDone = Done<{ readonly openUs: number }>;

const TAKEN = { ok: true, value: null } as const;
const OVERTAKEN = { ok: false, reason: 'stale', detail: 'a later order has overtaken this one' } as const;

export class Actuator implements StepActuator {
  readonly #options: ActuatorOptions;
  readonly #trips: RoundTrips = { ...FIRST_TRIPS };
  /** Of the instrument that answered last. */
  #model: Model | null = null;
  #setup: RunSetup | null = null;
  /** The settings of the run stand in the instrument. */
  #isPrepared = false;
  #rangePa: number | null = null;
  #isCellOn = false;
  #run: StepRun | null = null;
  /** Counts what it was told to do. */
  #order = 0;
  #offsUnderWay = 0;
  /** What an `off` has overtaken; it fails when that is done, so that its step has ended as `off` by then. */
  #overtaken: (() => void)[] = [];

  constructor(options: ActuatorOptions) {
    this.#options = options;
  }

  get isCellOn(): boolean {
    return this.#isCellOn;
  }

  nowUs(): number {
    return this.#options.session.time.nowUs();
  }

  /** From the driver: this model answers, its output off; what else it is set to is not known. */
  greeted(model: Model, zeroTripUs: number): void {
    this.#model = model;
    this.#isCellOn = false;
    this.#trips.zeroUs = zeroTripUs;
  }

  /** From the driver: the link is gone. Whether the cell is on is as known as it was. */
  lost(): void {
    this.#newOrder();
    this.#isPrepared = false;
  }

  prepare(setup: RunSetup, done: Done<null>): void {
    this.#setup = setup;
    const order = this.#newOrder();
    this.#applySetup(order, (result) => this.#answer(order, result, done));
  }

  begin(plan: StepPlan, done: Done<null>): void {
    const [planned] = plan.steps;
    const order = this.#newOrder();
    if (this.#isPrepared) return this.#drive(planned, order, done);
    // The link was lost since, and the instrument may have been without power.
    this.#applySetup(order, (result) => {
      if (order === this.#order && result.ok) this.#drive(planned, order, done);
      else this.#answer(order, result, done);
    });
  }

  off(done: OffDone): void {
    openCell(this.#options.session, this.#offBegins(done));
  }

  /** Out of band, then latched as the fault `stop`. Returns false when there is no port. */
  emergencyStop(): boolean {
    const { session } = this.#options;
    const isSent = session.clearAndSend(COMMANDS.outputOff);
    if (isSent) confirmOpen(session, this.nowUs(), this.#offBegins(this.#thenFault('stop')));
    return isSent;
  }

  /** From the state of the front panel to that of the run, output off. */
  #applySetup(order: number, done: Done<null>): void {
    const { session, isRemoteSensing } = this.#options;
    const [setup, model] = [this.#setup, this.#model];
    if (setup === null || model === null) return done(refused('no run is prepared'));
    const rangePa = model.currentRangesPa[setup.rangeIndex];
    if (rangePa === undefined) return done(refused(`there is no current range ${setup.rangeIndex}`));
    const chosen = complianceFor(setup.limits, model);
    if (!chosen.ok) return done(refused(chosen.detail));
    this.#isPrepared = false;
    const messages = sourceSettings({ ...chosen, rangePa, isRemoteSensing });
    const isWanted = (): boolean => order === this.#order;
    session.checkEach(messages, isWanted, (result) => {
      if (result.ok && isWanted()) [this.#isPrepared, this.#isCellOn, this.#rangePa] = [true, false, rangePa];
      done(result);
    });
  }

  /** Level, output and clock in one breath; then whether all of it was taken. */
  #drive(planned: PlannedStep, order: number, done: Done<null>): void {
    const { session } = this.#options;
    const level = this.#levelOf(planned);
    if (!level.ok) return this.#refuse(level, done);
    const messages = messagesToward(level.value, { isOutputOn: this.#isCellOn, rangePa: this.#rangePa });
    [this.#isCellOn, this.#rangePa] = [true, level.value.rangePa];
    session.carryOut(messages, (moment) => {
      if (order !== this.#order || !moment.ok) return this.#answer(order, failureOf(moment), done);
      session.check([], (check) => {
        if (order !== this.#order) return this.#answer(order, OVERTAKEN, done);
        if (!check.ok) return this.#refuse(check, done);
        done(TAKEN);
        if (order === this.#order) this.#follow(planned, moment.value.atUs);
      });
    });
  }

  #levelOf({ step: { mode } }: PlannedStep): DeviceResult<Level> {
    const ranges = this.#model?.currentRangesPa ?? [];
    const rangePa = ranges[this.#setup?.rangeIndex ?? 0] ?? 0;
    if (mode.kind === 'rest') return { ok: true, value: { currentPa: 0, rangePa: ranges[0] ?? 0 } };
    if (mode.kind !== 'cc') return refused(`this driver has no step of kind ${mode.kind}`);
    const { currentPa } = mode;
    if (Math.abs(currentPa) <= rangePa) return { ok: true, value: { currentPa, rangePa } };
    return refused(`${currentPa / 1e9} mA is beyond the ${rangePa / 1e9} mA range of the run`);
  }

  #follow(planned: PlannedStep, startUs: number): void {
    const { session, listener, onAbsent } = this.#options;
    const onFault = (fault: string): void => this.off(this.#thenFault(fault));
    const trips = this.#trips;
    const run = new StepRun({ session, listener, planned, startUs, trips, onAbsent, onFault });
    this.#run = run;
    listener.began(planned.stepNumber, startUs);
    if (this.#run === run) run.start();
  }

  /** Whatever ran or was ordered ends here. */
  #offBegins(done: OffDone): OffDone {
    this.#offsUnderWay += 1;
    this.#newOrder();
    return (result) => {
      this.#offsUnderWay -= 1;
      if (result.ok) this.#isCellOn = false;
      done(result);
      for (const fail of this.#overtaken.splice(0)) fail();
    };
  }

  #thenFault(fault: string): OffDone {
    return (result) => {
      if (result.ok) this.#options.listener.faulted(fault, result.value.openUs);
    };
  }

  /** Cell open first, then the failure: that is what a failed `begin` means. */
  #refuse(failure: DeviceResult<never>, done: Done<null>): void {
    if (this.#isCellOn && !isLinkGone(failure)) this.off(() => done(failure));
    else done(failure);
  }

  /** Of an order that an `off` has overtaken, when that is done; else now. */
  #answer(order: number, result: DeviceResult<null>, done: Done<null>): void {
    if (order === this.#order || isLinkGone(result)) return done(result);
    if (this.#offsUnderWay === 0) return done(OVERTAKEN);
    this.#overtaken.push(() => done(OVERTAKEN));
  }

  #newOrder(): number {
    this.#run?.cancel();
    this.#run = null;
    this.#order += 1;
    this.#options.session.takeBack();
    return this.#order;
  }
}

function refused(detail: string): DeviceResult<never> {
  return { ok: false, reason: 'refused', detail };
}

function failureOf(result: DeviceResult<unknown>): DeviceResult<never> {
  return result.ok ? OVERTAKEN : result;
}

function isLinkGone(result: DeviceResult<unknown>): boolean {
  return !result.ok && (result.reason === 'closed' || result.reason === 'timeout');
}
