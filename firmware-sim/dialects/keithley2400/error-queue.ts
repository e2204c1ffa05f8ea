// The error queue: ten messages, first in first out; when it is full the last one becomes -350 (p. 15-19).
// Reading takes a message out. Survives everything but `*CLS`, `:SYST:CLE` and the loss of power.
import { ERROR_TEXTS, type ErrorCode } from './scpi-errors.ts';

const MESSAGES_MAX = 10;
const NONE = '0,"No error"';

export class ErrorQueue {
  #codes: ErrorCode[] = [];
  /** Numbers that are let in, as ranges; the default is every error (`:STAT:QUE:ENAB`, p. 18-103). */
  #enabled: readonly NumberRange[] = [{ low: -999, high: 999 }];

  get count(): number {
    return this.#codes.length;
  }

  push(code: ErrorCode): void {
    if (!this.#enabled.some(({ low, high }) => code >= low && code <= high)) return;
    if (this.#codes.length < MESSAGES_MAX) this.#codes.push(code);
    else this.#codes[MESSAGES_MAX - 1] = -350;
  }

  /** `-113,"Undefined header"`, or `0,"No error"`. */
  next(): string {
    return textOf(this.#codes.shift());
  }

  /** All of them, oldest first, separated by commas. */
  all(): string {
    return this.#codes.length === 0 ? NONE : this.#drain().map(textOf).join(',');
  }

  nextCode(): string {
    return String(this.#codes.shift() ?? 0);
  }

  allCodes(): string {
    return this.#codes.length === 0 ? '0' : this.#drain().join(',');
  }

  clear(): void {
    this.#codes = [];
  }

  enable(ranges: readonly NumberRange[]): void {
    this.#enabled = ranges;
  }

  /** `(-999:999)`, as it was set. */
  enabledText(): string {
    const ranges = this.#enabled.map(({ low, high }) => (low === high ? `${low}` : `${low}:${high}`));
    return `(${ranges.join(',')})`;
  }

  /** Lets the numbers of `ranges` in no more. */
  disable(ranges: readonly NumberRange[]): void {
    this.#enabled = ranges.reduce(
      (kept, gone) => kept.flatMap((range) => without(range, gone)),
      [...this.#enabled],
    );
  }

  #drain(): ErrorCode[] {
    const codes = this.#codes;
    this.#codes = [];
    return codes;
  }
}

export interface NumberRange {
  readonly low: number;
  readonly high: number;
}

function textOf(code: ErrorCode | undefined): string {
  return code === undefined ? NONE : `${code > 0 ? '+' : ''}${code},"${ERROR_TEXTS[code]}"`;
}

function without(range: NumberRange, gone: NumberRange): NumberRange[] {
  const below = { low: range.low, high: Math.min(range.high, gone.low - 1) };
  const above = { low: Math.max(range.low, gone.high + 1), high: range.high };
  return [below, above].filter(({ low, high }) => low <= high);
}
