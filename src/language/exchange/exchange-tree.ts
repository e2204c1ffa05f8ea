// What the languages of other cyclers and of simulators share with ours: rests, currents and voltages that
// are held, groups with counts, ends that lead on to the next step, a record rule, hard limits of the cell.
// Every importer makes one of these, every exporter writes one. Plain data; counts are never expanded.
import { formatQuantity } from '../../base/quantity.ts';
import type { SourceProblem } from '../source-tree.ts';

export interface ExchangeTree {
  readonly items: readonly ExchangeItem[];
  readonly safety: ExchangeSafety;
}

/** Hard limits of the cell, apart from the ends of steps; null: the text says nothing of them. */
export interface ExchangeSafety {
  readonly voltageAboveNv: number | null;
  readonly voltageBelowNv: number | null;
  /** Magnitude. */
  readonly currentPa: number | null;
}

export type ExchangeItem = ExchangeStep | ExchangeGroup;

export interface ExchangeGroup {
  readonly kind: 'group';
  /** 2 … 1e9: what runs once is not a group. */
  readonly count: number;
  /** At least one. */
  readonly items: readonly ExchangeItem[];
}

/** null: no such limit. Each end leads to the next step. */
export interface ExchangeStep {
  readonly kind: 'step';
  /** What messages call it: a label, or where it stands in a text. No part of what the step does. */
  readonly name: string;
  /** Positive current charges: it strips the working electrode of a zinc cell. Never 0. */
  readonly mode: ExchangeMode;
  readonly timeUs: number | null;
  /** No aim but a bound, where something else than time ends the step; null: from charge and current. */
  readonly atMostUs: number | null;
  /** Magnitude of the charge of the step; not of a rest. */
  readonly chargeNc: number | null;
  readonly voltageAboveNv: number | null;
  readonly voltageBelowNv: number | null;
  /** Magnitude; of a held voltage only. */
  readonly currentBelowPa: number | null;
  readonly everyUs: number;
}

export type ExchangeMode =
  | { readonly kind: 'rest' }
  | { readonly kind: 'cc'; readonly currentPa: number }
  | { readonly kind: 'cv'; readonly voltageNv: number };

/** A text in another language, and what of the protocol it could not say, a line each. */
export interface Exported {
  readonly text: string;
  readonly dropped: readonly string[];
}

/** `dropped`: what of the text the tree could not say, and what had to be assumed. */
export type Imported =
  | { readonly ok: true; readonly exchange: ExchangeTree; readonly dropped: readonly string[] }
  | { readonly ok: false; readonly problems: readonly SourceProblem[] };

export const NO_SAFETY: ExchangeSafety = { voltageAboveNv: null, voltageBelowNv: null, currentPa: null };

/** How long a step may take that its text does not bound (the usual assumption, as PyBaMM makes it). */
export const UNBOUNDED_US = 86_400_000_000;
/** The record rule of a text that has none. */
export const EVERY_US = 10_000_000;
/** The shortest that the language records by. */
export const EVERY_MIN_US = 1000;

/** All steps, each once, in the order of the text. */
export function stepsOf(items: readonly ExchangeItem[]): ExchangeStep[] {
  return items.flatMap((item) => (item.kind === 'step' ? [item] : stepsOf(item.items)));
}

/** A step with nothing but its mode and its record rule. */
export function bareStep(options: Pick<ExchangeStep, 'name' | 'mode' | 'everyUs'>): ExchangeStep {
  return {
    kind: 'step',
    ...options,
    timeUs: null,
    atMostUs: null,
    chargeNc: null,
    voltageAboveNv: null,
    voltageBelowNv: null,
    currentBelowPa: null,
  };
}

/** A group, or its items where it would run once. */
export function groupOf(count: number, items: readonly ExchangeItem[]): readonly ExchangeItem[] {
  return count === 1 || items.length === 0 ? items : [{ kind: 'group', count, items }];
}

/** us of a charge (nC) at a current (pA), as whole numbers. */
export function timeOfCharge(chargeNc: number, currentPa: number): number {
  const magnitude = BigInt(Math.abs(currentPa));
  return Math.max(1, Number((2n * BigInt(chargeNc) * 1_000_000_000n + magnitude) / (2n * magnitude)));
}

/** `0.5 V`, for messages. */
export function volts(voltageNv: number): string {
  return formatQuantity(voltageNv, 'voltage');
}

/** `3600 s`, for messages. */
export function seconds(timeUs: number): string {
  return formatQuantity(timeUs, 'time');
}

/** `1.13 mAh`, for messages. */
export function charge(chargeNc: number): string {
  return formatQuantity(chargeNc, 'charge');
}
