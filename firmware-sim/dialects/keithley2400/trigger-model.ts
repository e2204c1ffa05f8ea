// The trigger model of section 11: idle, arm layer, trigger layer, and in it source, delay, measure. It keeps
// counts and instants only; what the actions do is the caller's. Moves from event to event in device time.
//
//   idle -INIT-> arm event -> trigger event -> delay -> SOURCE -> delay -> MEASURE (conversions) -> finish
//                   ^             ^--- trigger count ------------------------------------------------'
//                   '----------------- arm count ----------------------------------------------------'
import { assert } from '../../../src/base/assert.ts';
import { type SourceOutcome, sdmTiming } from './sdm-timing.ts';
import type { Settings } from './settings.ts';

export interface TriggerActions {
  settings(): Settings;
  /** Number of the point since INITiate, from 0; tells what took place at the output. */
  source(us: number, point: number): SourceOutcome;
  convert(us: number): void;
  /** A reading is complete; true asks for the end of the sweep. */
  finish(us: number): boolean;
  triggersDone(us: number): void;
  /** Waiting or not, idle or not: for the operation register. */
  phaseChanged(us: number, phase: TriggerPhase): void;
}

export type TriggerPhase = 'idle' | 'arm' | 'trigger' | 'source' | 'convert' | 'finish';

const NEVER = Number.POSITIVE_INFINITY;
/** From a trigger event to the start of what follows; cases I to IV (p. A-4). */
const LATENCY_US = 225;
/** Events that a line or a key would have to give; nothing in here presses it. */
const OUTSIDE_EVENTS = ['MAN', 'TLIN', 'NST', 'PST', 'BST'];

export class TriggerModel {
  readonly #actions: TriggerActions;
  #phase: TriggerPhase = 'idle';
  #nextUs = NEVER;
  #armsLeft = 0;
  #triggersLeft = 0;
  #point = 0;
  #conversionsLeft = 0;
  #timerUs = -NEVER;
  /** A detector is passed by once where its direction is SOURce (p. 18-120). */
  #isArmBypassed = false;
  #isTriggerBypassed = false;

  constructor(actions: TriggerActions) {
    this.#actions = actions;
  }

  get isIdle(): boolean {
    return this.#phase === 'idle';
  }

  /** Device time of the next event; Infinity while idle or waiting for something from outside. */
  get nextUs(): number {
    return this.#nextUs;
  }

  /** INITiate. */
  start(us: number): void {
    assert(this.isIdle, 'a trigger model that is running cannot be started');
    const { numbers, words } = this.#actions.settings();
    this.#armsLeft = numbers.armCount;
    this.#point = 0;
    this.#timerUs = -NEVER;
    this.#isArmBypassed = words.armDirection === 'SOUR';
    this.#isTriggerBypassed = words.triggerDirection === 'SOUR';
    this.#enterArm(us);
  }

  /** ABORt, and everything that includes it. */
  abort(us: number): void {
    if (!this.isIdle) this.#enter('idle', NEVER, us);
  }

  /** `*TRG`; false where nothing waits for it. */
  busTrigger(us: number): boolean {
    const isWaiting = this.#phase === 'arm' && this.#nextUs === NEVER;
    if (!isWaiting || this.#actions.settings().words.armSource !== 'BUS') return false;
    this.#enterTriggers(us);
    return true;
  }

  /** Carries out the event that is due at `nextUs`. */
  step(): void {
    const us = this.#nextUs;
    assert(Number.isFinite(us), 'the trigger model has nothing to do');
    switch (this.#phase) {
      case 'idle':
        break;
      case 'arm':
        this.#timerUs = us;
        this.#enterTriggers(us);
        break;
      case 'trigger':
        this.#sourceAt(us);
        break;
      case 'source':
      case 'convert':
        this.#convertAt(us);
        break;
      case 'finish':
        this.#finishAt(us);
        break;
    }
  }

  #enterArm(us: number): void {
    const { words, numbers } = this.#actions.settings();
    const isBypassed = this.#isArmBypassed;
    this.#isArmBypassed = false;
    if (words.armSource === 'TIM') {
      // The first pass is immediate; a pass that comes too late does not wait (p. 18-119).
      this.#enter('arm', Math.max(us, this.#timerUs + numbers.armTimerS * 1e6), us);
    } else if (words.armSource === 'IMM' || isBypassed) {
      this.#enterTriggers(us);
    } else this.#enter('arm', NEVER, us);
  }

  #enterTriggers(us: number): void {
    this.#triggersLeft = this.#actions.settings().numbers.triggerCount;
    this.#enterTrigger(us);
  }

  #enterTrigger(us: number): void {
    const { words, numbers } = this.#actions.settings();
    const isBypassed = this.#isTriggerBypassed;
    this.#isTriggerBypassed = false;
    const isWaiting = OUTSIDE_EVENTS.includes(words.triggerSource) && !isBypassed;
    this.#enter('trigger', isWaiting ? NEVER : us + LATENCY_US + numbers.triggerDelayS * 1e6, us);
  }

  #sourceAt(us: number): void {
    const outcome = this.#actions.source(us, this.#point);
    const timing = sdmTiming(this.#actions.settings(), outcome);
    this.#conversionsLeft = timing.conversions;
    this.#enter('source', us + timing.delayUs + timing.apertureUs / 2, us);
  }

  #convertAt(us: number): void {
    this.#actions.convert(us);
    this.#conversionsLeft -= 1;
    const timing = sdmTiming(this.#actions.settings(), { isChanged: false, relaySettleUs: 0 });
    if (this.#conversionsLeft > 0) this.#enter('convert', us + timing.conversionUs, us);
    else this.#enter('finish', us + timing.conversionUs - timing.apertureUs / 2 + timing.overheadUs, us);
  }

  #finishAt(us: number): void {
    const isAborted = this.#actions.finish(us);
    this.#point += 1;
    this.#triggersLeft -= 1;
    if (this.#triggersLeft > 0 && !isAborted) {
      this.#enterTrigger(us);
      return;
    }
    this.#actions.triggersDone(us);
    this.#armsLeft -= 1;
    if (this.#armsLeft > 0 && !isAborted) this.#enterArm(us);
    else this.#enter('idle', NEVER, us);
  }

  #enter(phase: TriggerPhase, nextUs: number, us: number): void {
    this.#phase = phase;
    this.#nextUs = nextUs;
    this.#actions.phaseChanged(us, phase);
  }
}
