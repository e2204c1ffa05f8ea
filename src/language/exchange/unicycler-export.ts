// An exchange tree as JSON of aurora-unicycler: a flat list with tags, and loops back to them that tell the
// total of passes. One record rule for all; a step ends by time, by the voltage that its current moves to,
// or by the current of a held voltage. Positive current charges.
import type { Exported, ExchangeItem, ExchangeStep, ExchangeTree } from './exchange-tree.ts';
import { stepsOf } from './exchange-tree.ts';
import { plainNumber, safetyObject } from './safety-object.ts';
import { reduceStep } from './reduce-step.ts';

type MethodEntry = Readonly<Record<string, string | number>>;

interface Writing {
  readonly method: MethodEntry[];
  readonly dropped: string[];
  loops: number;
}

export function exportUnicycler({ items, safety }: ExchangeTree): Exported {
  const writing: Writing = { method: [], dropped: [], loops: 0 };
  const everyUs = Math.min(...stepsOf(items).map((step) => step.everyUs));
  const time_s = plainNumber(everyUs, 'time');
  const slower = stepsOf(items).filter((step) => step.everyUs !== everyUs);
  for (const { name } of new Map(slower.map((step) => [step.name, step])).values())
    writing.dropped.push(`${name}: recorded every ${time_s} s: one rule is for all steps`);
  writeItems(items, writing);
  const head = {
    sample: { name: '$NAME' },
    record: { time_s },
    safety: safetyObject(safety),
  };
  return { text: textOf(head, writing.method), dropped: writing.dropped };
}

/** As people write it: a line for each step. */
function textOf(head: object, method: readonly MethodEntry[]): string {
  const lines = Object.entries(head).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`,
  );
  const steps = method.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
  return `{\n${lines.join('\n')}\n  "method": [\n${steps}\n  ]\n}\n`;
}

function writeItems(items: readonly ExchangeItem[], writing: Writing): void {
  for (const item of items) {
    if (item.kind === 'step') {
      writing.method.push(...stepEntry(item, writing));
      continue;
    }
    writing.loops += 1;
    const tag = `loop-${writing.loops}`;
    writing.method.push({ step: 'tag', tag });
    writeItems(item.items, writing);
    writing.method.push({ step: 'loop', loop_to: tag, cycle_count: item.count });
  }
}

function stepEntry(full: ExchangeStep, { dropped }: Writing): MethodEntry[] {
  const step = reduceStep(full, { dropped, hasZeroVolts: false });
  const { mode, timeUs, currentBelowPa, untilNv } = step;
  const until_time_s = timeUs === null ? {} : { until_time_s: plainNumber(timeUs, 'time') };
  switch (mode.kind) {
    case 'rest':
      return [{ step: 'open_circuit_voltage', ...until_time_s }];
    case 'cc':
      return [
        {
          step: 'constant_current',
          current_mA: plainNumber(mode.currentPa, 'current'),
          ...until_time_s,
          ...(untilNv === null ? {} : { until_voltage_V: plainNumber(untilNv, 'voltage') }),
        },
      ];
    case 'cv': {
      const until =
        currentBelowPa === null ? {} : { until_current_mA: plainNumber(currentBelowPa, 'current') };
      const voltage_V = plainNumber(mode.voltageNv, 'voltage');
      return [{ step: 'constant_voltage', voltage_V, ...until_time_s, ...until }];
    }
  }
}
