// Output of a running plan (compile-plan.ts) to events: marks and packages put together. Pure but for the
// mark it waits behind. What does not fit is `nonsense`, counted by the driver; no value is ever made up.
import { EXPONENT } from '../../../frames/dialects/methodscript/literal.ts';
import type { DeviceError, Line } from '../../../frames/dialects/methodscript/line.ts';
import { integerOf, statusOf, type PackageVariable } from '../../../frames/dialects/methodscript/package.ts';
import type { ProgramEndReason } from '../../../steps/step.ts';
import { HARD_LIMIT_WORDS } from './compile-limits.ts';
import { impedancePointFrom, type ImpedancePoint } from './compile-impedance.ts';

/** Times count from the last `timer_start`, µs. */
export type OutputEvent =
  | { readonly type: 'began'; readonly stepNumber: number }
  | {
      readonly type: 'reading';
      readonly sinceUs: number;
      readonly voltageNv: number;
      readonly currentPa: number;
      readonly flags: number;
    }
  | ({ readonly type: 'impedance' } & ImpedancePoint)
  /** A limit has struck; the end of the step follows. */
  | { readonly type: 'struck'; readonly stepNumber: number; readonly limit: Limit }
  /** The timer stood at `sinceUs` and starts anew; the step goes on. */
  | { readonly type: 'wentOn'; readonly stepNumber: number; readonly sinceUs: number }
  /** The same, and the step has ended. */
  | { readonly type: 'ended'; readonly stepNumber: number; readonly sinceUs: number }
  /** The cell is open; nothing follows but the end of the script. */
  | { readonly type: 'opened'; readonly sinceUs: number }
  | { readonly type: 'finished' }
  | { readonly type: 'failed'; readonly error: DeviceError }
  /** The answer to `Z`: null while a script runs, else an error. */
  | { readonly type: 'aborted'; readonly error: DeviceError | null }
  /** A line that belongs there and says nothing that is not known. */
  | { readonly type: 'nothing' }
  | { readonly type: 'nonsense' };

export type Limit =
  | Extract<ProgramEndReason, 'voltage-max' | 'voltage-min' | 'short-floor' | 'current-min'>
  | 'vhard'
  | 'ihard';

const LIMITS: readonly Limit[] = [
  'voltage-max',
  'voltage-min',
  'short-floor',
  'current-min',
  ...HARD_LIMIT_WORDS,
];
const NOTHING: OutputEvent = { type: 'nothing' };
const NONSENSE: OutputEvent = { type: 'nonsense' };
const MARK = /^s([1-9][0-9]{0,9}) ([a-z -]+)$/;
/** Flags of a sample: status bits of the dialect stand above those of the engine. */
const STATUS_SHIFT = 4;

type TimedMark = 'wentOn' | 'ended' | 'opened';

export class ScriptOutput {
  /** The mark whose time is still to come. */
  #mark: { readonly type: TimedMark; readonly stepNumber: number } | null = null;

  take(line: Line): OutputEvent {
    switch (line.kind) {
      case 'text':
        return this.#takeText(line.text);
      case 'package':
        return this.#takePackage(line.variables);
      case 'empty':
        this.#mark = null;
        return { type: 'finished' };
      case 'failed':
        this.#mark = null;
        return { type: 'failed', error: line.error };
      case 'reply':
        return line.command === 'Z' ? { type: 'aborted', error: line.error } : NONSENSE;
      case 'loopBegan':
      case 'loopEnded':
      case 'scanBegan':
      case 'scanEnded':
      case 'repeatBegan':
      case 'repeatEnded':
      case 'release':
        return NOTHING;
      case 'garbage':
        return NONSENSE;
    }
  }

  #takeText(text: string): OutputEvent {
    if (text === 'off') return this.#expectTime('opened', 0);
    const [, numberText, word] = MARK.exec(text) ?? [];
    const stepNumber = Number(numberText);
    const limit = LIMITS.find((each) => each === word);
    if (limit !== undefined) return { type: 'struck', stepNumber, limit };
    if (word === 'begins') return { type: 'began', stepNumber };
    if (word === 'goes on') return this.#expectTime('wentOn', stepNumber);
    return word === 'ends' ? this.#expectTime('ended', stepNumber) : NONSENSE;
  }

  #expectTime(type: TimedMark, stepNumber: number): OutputEvent {
    this.#mark = { type, stepNumber };
    return NOTHING;
  }

  #takePackage(variables: readonly PackageVariable[]): OutputEvent {
    const point = impedancePointFrom(variables);
    if (point !== null) return { type: 'impedance', ...point };
    const [time, voltage, current, ...others] = variables;
    const sinceUs = time?.type === 'eb' ? integerOf(time, EXPONENT.timeUs) : null;
    if (sinceUs === null || sinceUs < 0 || others.length > 0) return NONSENSE;
    if (voltage !== undefined) return readingFrom(sinceUs, voltage, current);
    const mark = this.#mark;
    this.#mark = null;
    if (mark === null) return NONSENSE;
    const { type, stepNumber } = mark;
    return type === 'opened' ? { type, sinceUs } : { type, stepNumber, sinceUs };
  }
}

/** At open circuit there is no current. `ab` and `ba` are measured, `da` and `db` what was set. */
function readingFrom(
  sinceUs: number,
  voltage: PackageVariable,
  current: PackageVariable | undefined,
): OutputEvent {
  const isVoltage = voltage.type === 'ab' || voltage.type === 'da';
  const voltageNv = isVoltage ? integerOf(voltage, EXPONENT.voltageNv) : null;
  const isCurrent = current === undefined || current.type === 'ba' || current.type === 'db';
  const currentPa = current === undefined ? 0 : integerOf(current, EXPONENT.currentPa);
  if (voltageNv === null || currentPa === null || !isCurrent) return NONSENSE;
  const status = statusOf(voltage) | (current === undefined ? 0 : statusOf(current));
  return { type: 'reading', sinceUs, voltageNv, currentPa, flags: status << STATUS_SHIFT };
}
