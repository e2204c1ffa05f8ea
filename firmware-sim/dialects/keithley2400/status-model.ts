// The registers of IEEE 488.2 and SCPI as the 2400 has them (manual section 15): three register sets with
// condition, event and enable, the standard events, and the byte that sums them up. An event is latched when
// its condition rises and is cleared by reading. Must never be touched by `*RST` (p. 15-4).

/** Weights in the measurement register (p. 15-13). */
export const MEASUREMENT = {
  limit1: 1,
  low2: 2,
  high2: 4,
  limitsPass: 32,
  readingAvailable: 64,
  readingOverflow: 128,
  bufferAvailable: 256,
  bufferFull: 512,
  outputEnable: 2048,
  overVoltage: 8192,
  compliance: 16_384,
} as const;

/** Weights in the operation register (p. 15-11). */
export const OPERATION = { sweeping: 8, waitingForTrigger: 32, waitingForArm: 64, idle: 1024 } as const;

export const STANDARD = { operationComplete: 1, powerOn: 128 } as const;

const SUMMARY = { measurement: 1, error: 4, questionable: 8, message: 16, standard: 32, operation: 128 };
const MASTER = 64;

export class RegisterSet {
  #condition = 0;
  #event = 0;
  enable = 0;

  get condition(): number {
    return this.#condition;
  }

  get isRaised(): boolean {
    return (this.#event & this.enable) !== 0;
  }

  /** Makes these bits of the condition true or false; those that rise are latched. */
  setWhile(bits: number, isTrue: boolean): void {
    if (isTrue) this.#event |= bits & ~this.#condition;
    this.#condition = isTrue ? this.#condition | bits : this.#condition & ~bits;
  }

  /** Something that happens and is over: latched at once. */
  pulse(bits: number): void {
    this.#event |= bits;
  }

  /** Reading clears. */
  takeEvents(): number {
    const event = this.#event;
    this.#event = 0;
    return event;
  }
}

export class StatusModel {
  readonly measurement = new RegisterSet();
  readonly operation = new RegisterSet();
  readonly questionable = new RegisterSet();
  standardEnable = 0;
  serviceEnable = 0;
  #standardEvent: number = STANDARD.powerOn;

  raiseStandard(bits: number): void {
    this.#standardEvent |= bits;
  }

  takeStandard(): number {
    const event = this.#standardEvent;
    this.#standardEvent = 0;
    return event;
  }

  /** `*STB?`: bit 6 is the master summary (p. 15-9). */
  statusByte(queues: { readonly hasErrors: boolean; readonly hasMessage: boolean }): number {
    let byte = 0;
    if (this.measurement.isRaised) byte |= SUMMARY.measurement;
    if (queues.hasErrors) byte |= SUMMARY.error;
    if (this.questionable.isRaised) byte |= SUMMARY.questionable;
    if (queues.hasMessage) byte |= SUMMARY.message;
    if ((this.#standardEvent & this.standardEnable) !== 0) byte |= SUMMARY.standard;
    if (this.operation.isRaised) byte |= SUMMARY.operation;
    return (byte & this.serviceEnable) === 0 ? byte : byte | MASTER;
  }

  /** `*CLS`: events go, enables stay. */
  clearEvents(): void {
    this.#standardEvent = 0;
    for (const set of this.#sets()) set.takeEvents();
  }

  /** `:STAT:PRES`: the enables of the three sets, not those of the standard events (p. 15-4). */
  presetEnables(): void {
    for (const set of this.#sets()) set.enable = 0;
  }

  #sets(): readonly RegisterSet[] {
    return [this.measurement, this.operation, this.questionable];
  }
}
