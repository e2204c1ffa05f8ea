// An exchange tree as a document in the language of protocols, as a person would write it. The text always
// parses; worked out, its tree says the same again, but for what is told. Writes no file.
import { TIME_UNITS } from '../end-text.ts';
import { formatQuantity } from '../../base/quantity.ts';
import { signOf } from '../resolve-mode.ts';
import type { CellKind } from '../source-tree.ts';
import {
  type Exported,
  type ExchangeItem,
  type ExchangeStep,
  type ExchangeTree,
  stepsOf,
} from './exchange-tree.ts';
import { separateSafety } from './separate-safety.ts';

export interface TextOptions {
  /** Lower case words and digits, joined by "-". */
  readonly name: string;
  /** One line. */
  readonly title: string;
  readonly about: string;
  /** Decides what plates and what strips, and the pre-flight window. */
  readonly cell: CellKind;
}

interface Writing {
  readonly cell: CellKind;
  readonly isInCycles: boolean;
  readonly endsRun: (step: ExchangeStep, side: 'above' | 'below') => boolean;
}

/** `dropped`: where the document says something else than the tree. */
export function protocolTextFromExchange(tree: ExchangeTree, options: TextOptions): Exported {
  const { name, title, about, cell } = options;
  const { items, safety, window, endsRun, dropped } = separateSafety(tree, cell);
  const resting = `{ kind: ${cell}, resting: [${volts(window.fromNv)}, ${volts(window.toNv)}] }`;
  const lines = [
    'galvanode: protocol/1',
    `name: ${name}`,
    'version: 1',
    `title: ${quoted(title)}`,
    `about: ${quoted(about)}`,
    `cell: ${cell === 'zn-zn' || cell === 'zn-cu' ? cell : resting}`,
  ];
  const limits = [
    ...(safety.voltageAboveNv === null ? [] : [`  voltage above: ${volts(safety.voltageAboveNv)}`]),
    ...(safety.voltageBelowNv === null ? [] : [`  voltage below: ${volts(safety.voltageBelowNv)}`]),
    ...(safety.currentPa === null ? [] : [`  current: ${amperes(safety.currentPa)}`]),
  ];
  if (limits.length > 0) lines.push('safety:', ...limits);
  lines.push(
    'steps:',
    ...indented(items.flatMap((item) => itemLines(item, { cell, isInCycles: false, endsRun }))),
  );
  return { text: `${lines.join('\n')}\n`, dropped };
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function itemLines(item: ExchangeItem, writing: Writing): string[] {
  if (item.kind === 'step') return stepLines(item, writing);
  const isCycles = !writing.isInCycles && isCycled(item.items);
  const inside = { ...writing, isInCycles: writing.isInCycles || isCycles };
  return [
    `- ${isCycles ? 'cycles' : 'repeat'}: ${item.count}`,
    '  steps:',
    ...indented(indented(item.items.flatMap((inner) => itemLines(inner, inside)))),
  ];
}

/** A cycle is a current one way and back; one way alone, as in a titration, is none. */
function isCycled(items: readonly ExchangeItem[]): boolean {
  const hasCurrent = items.some((item) => item.kind === 'step' && item.mode.kind === 'cc');
  const signs = stepsOf(items).flatMap(({ mode }) => (mode.kind === 'cc' ? [Math.sign(mode.currentPa)] : []));
  return hasCurrent && new Set(signs).size === 2;
}

function stepLines(step: ExchangeStep, writing: Writing): string[] {
  const { mode, timeUs, atMostUs, everyUs } = step;
  const until = limitsOf(step, writing);
  const isShort = mode.kind === 'rest' && timeUs !== null;
  const others = isShort ? until.slice(1) : until;
  return [
    `- ${isShort ? `rest: ${time(timeUs)}` : modeText(step, writing)}`,
    ...(others.length === 0 ? [] : ['  until:', ...others.map((limit) => `    - ${limit}`)]),
    ...(timeUs === null && atMostUs !== null ? [`  at most: ${time(atMostUs)}`] : []),
    `  record: ${time(everyUs)}`,
  ];
}

function modeText({ mode }: ExchangeStep, { cell, isInCycles }: Writing): string {
  switch (mode.kind) {
    case 'rest':
      return 'rest: {}';
    case 'cv':
      return `cv: ${volts(mode.voltageNv)}`;
    case 'cc': {
      if (!isInCycles) return `cc: ${amperes(mode.currentPa)}`;
      const half = Math.sign(mode.currentPa) === signOf('strip', cell) ? 'strip' : 'plate';
      return `${half}: ${amperes(Math.abs(mode.currentPa))}`;
    }
  }
}

/** A limit of time stands first. */
function limitsOf(step: ExchangeStep, { endsRun }: Writing): string[] {
  const { timeUs, chargeNc, voltageAboveNv, voltageBelowNv, currentBelowPa } = step;
  const voltage = (side: 'above' | 'below', voltageNv: number): string => {
    const limit = `voltage ${side}: ${volts(voltageNv)}`;
    return endsRun(step, side) ? `{ ${limit}, then: end run, verdict: voltage-limit }` : limit;
  };
  return [
    ...(timeUs === null ? [] : [`time: ${time(timeUs)}`]),
    ...(chargeNc === null ? [] : [`charge: ${chargeText(chargeNc)}`]),
    ...(voltageAboveNv === null ? [] : [voltage('above', voltageAboveNv)]),
    ...(voltageBelowNv === null ? [] : [voltage('below', voltageBelowNv)]),
    ...(currentBelowPa === null ? [] : [`current below: ${amperes(currentBelowPa)}`]),
  ];
}

/** In the largest unit of which it is a whole number, below 1 d in hours at most. */
function time(timeUs: number): string {
  const found = TIME_UNITS.find(([, size]) => timeUs % size === 0);
  return found === undefined ? `${timeUs} us` : `${timeUs / found[1]} ${found[0]}`;
}

function volts(voltageNv: number): string {
  return formatQuantity(voltageNv, 'voltage');
}

function amperes(currentPa: number): string {
  return formatQuantity(currentPa, 'current');
}

/** In mAh where that is a short number, else in C, in which every charge is a decimal. */
function chargeText(chargeNc: number): string {
  if ((BigInt(chargeNc) * 10_000n) % 3_600_000_000n === 0n) return formatQuantity(chargeNc, 'charge');
  const whole = Math.floor(chargeNc / 1e9);
  const fraction = String(chargeNc - whole * 1e9)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${whole}${fraction === '' ? '' : `.${fraction}`} C`;
}

/** Plain where YAML reads it as one text, in quotes elsewhere. */
function quoted(text: string): string {
  return /^[A-Za-z][\w ().,+/|-]*$/.test(text) && !/\s$/.test(text) ? text : JSON.stringify(text);
}
