// One step of a PyBaMM experiment: "Charge at 1 mA for 1 hour or until 0.5 V (10 second period)". The
// grammar is that of `pybamm.step.string`; what needs a capacity or a model (C-rates, power) is refused.
// Charge is positive.
import { type Dimension, parseQuantity } from '../../base/quantity.ts';
import { suggestion } from '../../base/suggestion.ts';
import { quoted } from '../read-nodes.ts';
import { bareStep, EVERY_MIN_US, type ExchangeStep, UNBOUNDED_US } from './exchange-tree.ts';

export interface StepTextOptions {
  readonly name: string;
  /** Where the text has no period. */
  readonly everyUs: number;
  readonly drop: (line: string) => void;
}

export type StepTextResult =
  | { readonly ok: true; readonly step: ExchangeStep }
  | { readonly ok: false; readonly message: string };

const WORDS = ['Charge', 'Discharge', 'Rest', 'Hold'] as const;
/** Longer than any step; keeps the search in it short. */
const LENGTH_MAX = 300;

export function stepOfText(text: string, options: StepTextOptions): StepTextResult {
  const { name, drop } = options;
  if (text.length > LENGTH_MAX) return refused(`a step of ${text.length} characters`);
  const [body, period] = periodOf(text.trim());
  const [front = '', until, third] = body.split(/ (?:or )?until /);
  const [instruction = '', duration, more] = front.split(' for ');
  if (third !== undefined || more !== undefined) return refused('"for" and "until" stand once in a step');
  const mode = modeOf(instruction.trim());
  if (!mode.ok) return mode;
  const everyUs = period === undefined ? options.everyUs : timeOf(period.replace(/ period\)$/, ''));
  const timeUs = duration === undefined ? null : timeOf(duration);
  if (typeof everyUs === 'string') return refused(everyUs);
  if (typeof timeUs === 'string') return refused(timeUs);
  if (everyUs < EVERY_MIN_US) drop(`${name}: a record each ${everyUs} us becomes one each ms`);
  const step = bareStep({ name, mode: mode.mode, everyUs: Math.max(everyUs, EVERY_MIN_US) });
  const end = until === undefined ? {} : endOf(until.trim(), mode.mode);
  if (typeof end === 'string') return refused(end);
  if (timeUs !== null) return { ok: true, step: { ...step, ...end, timeUs } };
  if (until === undefined) return refused('a step has no "for" and no "until"; nothing ends it');
  if (mode.mode.kind === 'rest') return refused('a rest without "for"; say how long it lasts at most');
  drop(`${name}: no end in time: taken to last 24 h at most, as in PyBaMM`);
  return { ok: true, step: { ...step, ...end, atMostUs: UNBOUNDED_US } };
}

function refused(message: string): { readonly ok: false; readonly message: string } {
  return { ok: false, message };
}

/** What stands before `(10 second period)`, and what in it. */
function periodOf(text: string): readonly [string, string?] {
  const index = text.lastIndexOf(' (');
  return index < 0 || !text.endsWith(' period)') ? [text] : [text.slice(0, index), text.slice(index + 2)];
}

type ModeResult =
  | { readonly ok: true; readonly mode: ExchangeStep['mode'] }
  | { readonly ok: false; readonly message: string };

function modeOf(instruction: string): ModeResult {
  const [, word = '', value] = /^(\S*)(?: at (.+))?$/.exec(instruction) ?? [];
  const known = WORDS.find((candidate) => candidate.toLowerCase() === word.toLowerCase());
  if (known === undefined) return refused(`found ${quoted(instruction)}; ${suggestion(word, WORDS)}`);
  if (known === 'Rest')
    return value === undefined ? { ok: true, mode: { kind: 'rest' } } : refused('a rest has no "at"');
  if (value === undefined) return refused(`"${known}" without a value: "${known} at …"`);
  const found = measured(value.trim(), known === 'Hold' ? 'voltage' : 'current');
  if (typeof found === 'string') return refused(found);
  if (known === 'Hold') return { ok: true, mode: { kind: 'cv', voltageNv: found } };
  if (found <= 0) return refused(`${quoted(value)}: a current above 0 is wanted; the word gives its sign`);
  return { ok: true, mode: { kind: 'cc', currentPa: known === 'Charge' ? found : -found } };
}

type End = Partial<Pick<ExchangeStep, 'voltageAboveNv' | 'voltageBelowNv' | 'currentBelowPa'>>;

/** A voltage strikes where the current goes, or as `<` and `>` say; a held voltage ends by a current. */
function endOf(text: string, mode: ExchangeStep['mode']): End | string {
  const [, sign = '', value = ''] = /^([<>]?)\s*(.*)$/.exec(text) ?? [];
  const found = measured(value, mode.kind === 'cv' ? 'current' : 'voltage');
  if (typeof found === 'string') return found;
  if (mode.kind === 'cv')
    return found === 0 ? 'an end by a current above 0 is wanted' : { currentBelowPa: Math.abs(found) };
  if (mode.kind === 'rest' && sign === '') return 'a rest ends at a voltage with "<" or ">" before it';
  const isAbove = sign === '' ? mode.kind === 'cc' && mode.currentPa > 0 : sign === '>';
  return isAbove ? { voltageAboveNv: found } : { voltageBelowNv: found };
}

const NUMBER = String.raw`[+-]?\d{1,30}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?`;
const QUANTITY = new RegExp(String.raw`^(${NUMBER})\s*([A-Za-z]+)$`);
const C_RATE = new RegExp(String.raw`^(?:C/.+|${NUMBER}\s*C)$`);

/** A number of base units, or why it is none. */
function measured(text: string, dimension: 'voltage' | 'current'): number | string {
  if (C_RATE.test(text))
    return `${quoted(text)}: a C-rate needs a capacity; none is in the text, so write a current`;
  const match = QUANTITY.exec(text);
  if (match === null) return `found ${quoted(text)}, a ${dimension} is wanted`;
  const parsed = parseQuantity(text, dimension);
  return parsed.ok ? parsed.value : parsed.message;
}

const TIME_WORDS: ReadonlyMap<string, string> = new Map([
  ...['second', 'seconds', 's', 'sec'].map((word) => [word, 's'] as const),
  ...['minute', 'minutes', 'm', 'min'].map((word) => [word, 'min'] as const),
  ...['hour', 'hours', 'h', 'hr'].map((word) => [word, 'h'] as const),
]);

/** `1.5 hours` in us, or why it is none. */
export function timeOf(text: string): number | string {
  const [, number = '', word = ''] = QUANTITY.exec(text.trim()) ?? [];
  const unit = TIME_WORDS.get(word);
  if (unit === undefined) return `found ${quoted(text)}, a time is wanted: 10 seconds, 3 minutes, 1 hour`;
  const parsed = parseQuantity(`${number} ${unit}`, 'time' satisfies Dimension);
  if (!parsed.ok) return parsed.message;
  return parsed.value > 0 ? parsed.value : `${quoted(text)}: a time is above 0`;
}
