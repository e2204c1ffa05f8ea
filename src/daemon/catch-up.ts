// Catching up: reads from the device what it ended and recorded while nobody heard it, until the record has
// come as far as the device was when it was met. Asks again where an answer was lost; never asks without end.
import type { Clock, Timer } from '../base/clock.ts';
import type { ChannelStatus } from '../device/cycler.ts';

/** How far the record is. */
interface Position {
  readonly nextN: number;
  readonly stepNumber: number;
}

export interface CatchUpOptions {
  readonly clock: Clock;
  readonly guard: (handle: () => void) => void;
  readonly sequencer: {
    readonly position: Position;
    deviceIsAt(status: Pick<ChannelStatus, 'nextN' | 'endedStepNumber'>): void;
  };
  /** All of it is read: the device may be further by now. */
  readonly onRead: () => void;
  /** It is asked again and again and sends nothing. */
  readonly onSilence: () => void;
}

const ASK_EVERY_MS = 1000;
const ASKS_MAX = 60;

export class CatchUp {
  readonly #options: CatchUpOptions;
  /** Where the device was. */
  #target: ChannelStatus | null = null;
  #askedFrom: Position = { nextN: 0, stepNumber: 0 };
  #barrenAsks = 0;
  #timer: Timer | null = null;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  get isReading(): boolean {
    return this.#target !== null;
  }

  hasRead({ nextN, endedStepNumber }: ChannelStatus): boolean {
    const { position } = this.#options.sequencer;
    return position.stepNumber > endedStepNumber && position.nextN >= nextN;
  }

  read(status: ChannelStatus): void {
    this.#target = status;
    this.#barrenAsks = 0;
    this.#ask(status);
    this.#waitForMore();
    this.settle();
  }

  /** To be called whenever something was recorded, or will not come. */
  settle(): void {
    const target = this.#target;
    if (target === null) return;
    if (this.hasRead(target)) {
      this.cease();
      return this.#options.onRead();
    }
    // A device answers in pieces. Asked again at once only where the last one brought something: a link that
    // is down refuses at once.
    const { position } = this.#options.sequencer;
    const { nextN, stepNumber } = this.#askedFrom;
    if (position.nextN > nextN || position.stepNumber > stepNumber) this.#ask(target);
  }

  cease(): void {
    this.#target = null;
    this.#timer?.cancel();
  }

  #ask(target: ChannelStatus): void {
    const { sequencer } = this.#options;
    this.#askedFrom = sequencer.position;
    sequencer.deviceIsAt(target);
  }

  #waitForMore(): void {
    const { clock, guard, onSilence, sequencer } = this.#options;
    const before = sequencer.position;
    this.#timer?.cancel();
    this.#timer = clock.after(ASK_EVERY_MS, () =>
      guard(() => {
        const target = this.#target;
        if (target === null) return;
        const { nextN, stepNumber } = sequencer.position;
        const hasGained = nextN > before.nextN || stepNumber > before.stepNumber;
        this.#barrenAsks = hasGained ? 0 : this.#barrenAsks + 1;
        if (this.#barrenAsks >= ASKS_MAX) {
          this.cease();
          return onSilence();
        }
        this.#waitForMore();
        this.#ask(target);
      }),
    );
  }
}
