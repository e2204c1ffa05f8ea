// A PyBaMM experiment as an exchange tree: Python lists of step texts, with `*` for loops, or one step on
// each line. Loops that somebody wrote out are found again. No hard limits are in it, and no area.
import type { Place } from '../expression.ts';
import type { SourceProblem } from '../source-tree.ts';
import { type ExchangeItem, groupOf, type Imported, NO_SAFETY, stepsOf } from './exchange-tree.ts';
import { foldRepeats } from './fold-repeats.ts';
import { createForeignReading, type ForeignReading, importedFrom } from './foreign-nodes.ts';
import { type ListedItem, listsOf } from './python-lists.ts';
import { stepOfText, timeOf } from './pybamm-step.ts';

/** What PyBaMM records by where nothing is said. */
const PERIOD_US = 60_000_000;
/** A list without loops that is longer was written out by a program. */
const WRITTEN_OUT = 100;
const STEPS_MAX = 50_000;

export function importPybamm(text: string): Imported {
  const reading = createForeignReading();
  const isLines = /^\s*(?:#[^\n]*\n\s*)*(?:charge|discharge|rest|hold)\b/i.test(text);
  const listed = isLines ? linesOf(text) : listsOf(text);
  if (!listed.ok) return { ok: false, problems: [listed.problem] };
  const period = listed.settings.get('period');
  const periodUs = period === undefined ? PERIOD_US : timeOf(period);
  if (typeof periodUs === 'string')
    return { ok: false, problems: [{ line: 1, column: 1, message: periodUs }] };
  for (const name of listed.settings.keys())
    if (name !== 'period') reading.dropped.push(`experiment: "${name}" is left out`);
  const writing: Reading = { reading, everyUs: periodUs, steps: 0, needsPeriod: false };
  const items = itemsOf(listed.items, writing);
  if (writing.needsPeriod && period === undefined)
    reading.dropped.push('experiment: steps without a period are recorded every 60 s, as in PyBaMM');
  const isFlat = items.every(({ kind }) => kind === 'step');
  const isWrittenOut = isFlat && (isLines || stepsOf(items).length > WRITTEN_OUT);
  return importedFrom({ items: isWrittenOut ? foldRepeats(items) : items, safety: NO_SAFETY }, reading);
}

interface Reading {
  readonly reading: ForeignReading;
  readonly everyUs: number;
  steps: number;
  needsPeriod: boolean;
}

type Lines =
  | {
      readonly ok: true;
      readonly items: readonly ListedItem[];
      readonly settings: ReadonlyMap<string, string>;
    }
  | { readonly ok: false; readonly problem: SourceProblem };

function linesOf(text: string): Lines {
  const lines = text.split('\n');
  if (lines.length > STEPS_MAX) {
    const message = `${lines.length} lines; at most ${STEPS_MAX} are read`;
    return { ok: false, problem: { line: 1, column: 1, message } };
  }
  const items = lines.flatMap((line, index): ListedItem[] => {
    const step = line.replace(/,?\s*$/, '').trim();
    if (step === '' || step.startsWith('#')) return [];
    return [
      {
        kind: 'text',
        text: step,
        at: { line: index + 1, column: line.length - line.trimStart().length + 1 },
      },
    ];
  });
  return { ok: true, items, settings: new Map() };
}

function itemsOf(items: readonly ListedItem[], context: Reading): readonly ExchangeItem[] {
  return items.flatMap((item) => {
    if (context.reading.isFull()) return [];
    if (item.kind === 'group') return groupOf(item.count, itemsOf(item.items, context));
    return stepOf(item.text, item.at, context);
  });
}

function stepOf(text: string, at: Place, context: Reading): readonly ExchangeItem[] {
  const { reading, everyUs } = context;
  context.steps += 1;
  const name = `step ${context.steps}`;
  if (!text.includes('period)')) context.needsPeriod = true;
  const result = stepOfText(text, { name, everyUs, drop: (line) => void reading.dropped.push(line) });
  if (result.ok) return [result.step];
  reading.report(at, `${name}: ${result.message}`);
  return [];
}
