// An exchange tree as MethodSCRIPT, for an instrument that runs it by itself. The dialect writes the script;
// here stands what a script of its kind cannot say. It is only written: a script is no description of an
// experiment.
import { assert } from '../../base/assert.ts';
import { findDialect } from '../../device/dialects.ts';
import type { ScriptItem, ScriptStep } from '../../device/script-program.ts';
import {
  type Exported,
  type ExchangeItem,
  type ExchangeStep,
  type ExchangeTree,
  stepsOf,
} from './exchange-tree.ts';
import { endInTime } from './reduce-step.ts';

export function exportMethodscript({ items, safety }: ExchangeTree): Exported {
  const { writeScript } = findDialect('methodscript');
  assert(writeScript !== undefined, 'the dialect has scripts');
  const dropped: string[] = [];
  const kinds = new Set(stepsOf(items).map(({ mode }) => mode.kind));
  if (kinds.has('cc') && kinds.has('cv'))
    dropped.push('script: the cell is open for a moment between a current and a held voltage');
  if (kinds.has('cc') && safety.currentPa !== null)
    dropped.push('safety: the limit of current is judged only while a voltage is held');
  if (kinds.has('cv') && (safety.voltageAboveNv !== null || safety.voltageBelowNv !== null))
    dropped.push('safety: the limits of voltage are judged only while a current flows');
  const program = {
    items: items.map((item) => itemOf(item, dropped)),
    voltageMaxNv: safety.voltageAboveNv,
    voltageMinNv: safety.voltageBelowNv,
    currentMaxPa: safety.currentPa,
  };
  return { text: writeScript(program), dropped };
}

function itemOf(item: ExchangeItem, dropped: string[]): ScriptItem {
  if (item.kind === 'step') return stepOf(item, dropped);
  return { ...item, items: item.items.map((inner) => itemOf(inner, dropped)) };
}

/** Above this a script counts a time in whole milliseconds. */
const EXACT_US = 2 ** 31 - 1;

function stepOf(step: ExchangeStep, dropped: string[]): ScriptStep {
  const drop = (what: string): void => void dropped.push(`${step.name}: ${what}`);
  const { mode, everyUs, voltageAboveNv, voltageBelowNv, currentBelowPa } = step;
  const durationUs = endInTime(step, drop);
  assert(durationUs !== null, 'every step has an end in time');
  if (durationUs > EXACT_US && durationUs % 1000 !== 0) drop('its time is rounded to 1 ms');
  return {
    kind: 'step',
    mode,
    durationUs,
    everyUs,
    voltageMaxNv: voltageAboveNv,
    voltageMinNv: voltageBelowNv,
    currentMinPa: currentBelowPa,
  };
}
