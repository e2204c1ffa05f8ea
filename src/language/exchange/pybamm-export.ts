// An exchange tree as a PyBaMM experiment: Python that is its own value, lists of step texts with `*` for
// loops. No hard limits, no end by charge, one voltage a step. Charge is the positive current of ours.
import { formatQuantity } from '../../base/quantity.ts';
import type { Exported, ExchangeItem, ExchangeStep, ExchangeTree } from './exchange-tree.ts';
import { volts } from './exchange-tree.ts';
import { reduceStep } from './reduce-step.ts';

export function exportPybamm({ items, safety }: ExchangeTree): Exported {
  const dropped: string[] = [];
  const limits = [safety.voltageAboveNv, safety.voltageBelowNv, safety.currentPa];
  if (limits.some((limit) => limit !== null))
    dropped.push('safety: the hard limits of the cell are left out: an experiment has none');
  const lines = [
    '# Steps of pybamm.Experiment(experiment). "Charge" is the current that strips the working electrode.',
    'experiment = (',
    ...indented(sumLines(items, dropped)),
    ')',
  ];
  return { text: `${lines.join('\n')}\n`, dropped };
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `    ${line}`);
}

/** Lists joined by `+`: runs of steps, and groups. */
function sumLines(items: readonly ExchangeItem[], dropped: string[]): string[] {
  const terms: string[][] = [];
  let run: string[] = [];
  const closeRun = (): void => {
    if (run.length > 0) terms.push(['[', ...indented(run), ']']);
    run = [];
  };
  for (const item of items) {
    if (item.kind === 'step') {
      run.push(`${stepText(item, dropped)},`);
      continue;
    }
    closeRun();
    terms.push(groupLines(item.count, item.items, dropped));
  }
  closeRun();
  return terms.flatMap(([first = '', ...rest], index) => [index === 0 ? first : `+ ${first}`, ...rest]);
}

/** The steps of a pass are a tuple: one cycle of PyBaMM. */
function groupLines(count: number, items: readonly ExchangeItem[], dropped: string[]): string[] {
  const steps = items.flatMap((item) => (item.kind === 'step' ? [item] : []));
  if (steps.length < items.length) return ['(', ...indented(sumLines(items, dropped)), `) * ${count}`];
  const texts = steps.map((step) => `${stepText(step, dropped)},`);
  return ['[', ...indented(['(', ...indented(texts), '),']), `] * ${count}`];
}

function stepText(step: ExchangeStep, dropped: string[]): string {
  const { mode, timeUs, untilNv, currentBelowPa } = reduceStep(step, { dropped, hasZeroVolts: true });
  const until = untilNv === null ? amperesOrNull(currentBelowPa) : volts(untilNv);
  const ends = [
    ...(timeUs === null ? [] : [`for ${timeText(timeUs)}`]),
    ...(until === null ? [] : [`until ${until}`]),
  ];
  return `"${modeText(mode)} ${ends.join(' or ')} (${periodText(step.everyUs)} period)"`;
}

function modeText(mode: ExchangeStep['mode']): string {
  switch (mode.kind) {
    case 'rest':
      return 'Rest';
    case 'cv':
      return `Hold at ${volts(mode.voltageNv)}`;
    case 'cc': {
      const size = formatQuantity(Math.abs(mode.currentPa), 'current');
      return `${mode.currentPa > 0 ? 'Charge' : 'Discharge'} at ${size}`;
    }
  }
}

function amperesOrNull(currentPa: number | null): string | null {
  return currentPa === null ? null : formatQuantity(currentPa, 'current');
}

function timeText(timeUs: number): string {
  const [number, word] = timeParts(timeUs);
  return `${number} ${word}${number === '1' ? '' : 's'}`;
}

function periodText(timeUs: number): string {
  return timeParts(timeUs).join(' ');
}

/** In hours or minutes where these are whole, else in seconds. */
function timeParts(timeUs: number): readonly [string, string] {
  if (timeUs % 3_600_000_000 === 0) return [String(timeUs / 3_600_000_000), 'hour'];
  if (timeUs % 60_000_000 === 0) return [String(timeUs / 60_000_000), 'minute'];
  return [formatQuantity(timeUs, 'time').replace(/ s$/, ''), 'second'];
}
