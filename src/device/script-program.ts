// A program that an instrument is to go through by itself, without a host: steps and loops, with the hard
// limits of its cell. What a dialect that has scripts can write down. Plain data.
import type { StepMode } from '../steps/step.ts';

export interface ScriptProgram {
  readonly items: readonly ScriptItem[];
  /** Beyond these the script ends and opens the cell; null: none. */
  readonly voltageMaxNv: number | null;
  readonly voltageMinNv: number | null;
  /** Magnitude. */
  readonly currentMaxPa: number | null;
}

export type ScriptItem = ScriptStep | ScriptGroup;

export interface ScriptGroup {
  readonly kind: 'group';
  readonly count: number;
  /** At least one. */
  readonly items: readonly ScriptItem[];
}

export interface ScriptStep {
  readonly kind: 'step';
  readonly mode: Extract<StepMode, { readonly kind: 'rest' | 'cc' | 'cv' }>;
  readonly durationUs: number;
  /** Readings are taken, told and judged so often. */
  readonly everyUs: number;
  /** Ends besides the duration, each leads to the next step; null: no such end. */
  readonly voltageMaxNv: number | null;
  readonly voltageMinNv: number | null;
  /** |I| falls below it. */
  readonly currentMinPa: number | null;
}
