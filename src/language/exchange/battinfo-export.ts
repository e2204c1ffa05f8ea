// An exchange tree as a test protocol of BattINFO (test-protocol.schema.json): a tree with groups, whose
// steps have a direction and magnitudes. Says all that the common subset has but bounds that are no aim.
import {
  EVERY_US,
  type Exported,
  type ExchangeItem,
  type ExchangeStep,
  type ExchangeTree,
} from './exchange-tree.ts';
import { seconds, stepsOf } from './exchange-tree.ts';
import { plainNumber, safetyObject } from './safety-object.ts';

/** Stands for the identifier that the registry gives; it is of the form that the schema wants. */
const PLACEHOLDER_ID = 'https://w3id.org/battinfo/spec/xxxx-xxxx-xxxx-xxxx';

export function exportBattinfo(
  { items, safety }: ExchangeTree,
  { title, unixS }: { readonly title: string; readonly unixS: number },
): Exported {
  const dropped: string[] = [];
  const everyUs = commonEvery(items);
  const document = {
    schema_version: '0.1.0',
    test_spec: { id: PLACEHOLDER_ID, name: title, kind: 'cycling' },
    provenance: { source_type: 'lab', retrieved_at: unixS },
    record: { time_s: plainNumber(everyUs, 'time') },
    safety: safetyObject(safety),
    method: items.map((item) => itemObject(item, { everyUs, dropped })),
  };
  return { text: `${JSON.stringify(document, null, 1)}\n`, dropped };
}

/** The rule that most steps have; the others have their own. */
function commonEvery(items: readonly ExchangeItem[]): number {
  const counts = new Map<number, number>();
  for (const { everyUs } of stepsOf(items)) counts.set(everyUs, (counts.get(everyUs) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? EVERY_US;
}

interface Writing {
  readonly everyUs: number;
  readonly dropped: string[];
}

function itemObject(item: ExchangeItem, writing: Writing): object {
  if (item.kind === 'step') return stepObject(item, writing);
  const steps = item.items.map((inner) => itemObject(inner, writing));
  return { mode: 'group', count: item.count, steps };
}

function stepObject(step: ExchangeStep, { everyUs, dropped }: Writing): object {
  const termination = [
    ...timeEnd(step, dropped),
    ...end('capacity', { value: step.chargeNc, dimension: 'charge', unit: 'mAh', direction: 'above' }),
    ...end('voltage', { value: step.voltageAboveNv, dimension: 'voltage', unit: 'V', direction: 'above' }),
    ...end('voltage', { value: step.voltageBelowNv, dimension: 'voltage', unit: 'V', direction: 'below' }),
    ...end('current', { value: step.currentBelowPa, dimension: 'current', unit: 'mA', direction: 'below' }),
  ];
  const ownEvery = { value: plainNumber(step.everyUs, 'time'), unit: 's' };
  return {
    ...modeObject(step),
    termination,
    ...(step.everyUs === everyUs ? {} : { period: ownEvery }),
  };
}

function modeObject({ mode }: ExchangeStep): object {
  switch (mode.kind) {
    case 'rest':
      return { mode: 'rest', direction: 'rest' };
    case 'cc': {
      const current = { value: plainNumber(Math.abs(mode.currentPa), 'current'), unit: 'mA' };
      const direction = mode.currentPa > 0 ? 'charge' : 'discharge';
      return { mode: 'cc', direction, setpoints: { current } };
    }
    case 'cv': {
      const voltage = { value: plainNumber(mode.voltageNv, 'voltage'), unit: 'V' };
      return { mode: 'cv', direction: 'hold', setpoints: { voltage } };
    }
  }
}

function timeEnd({ name, timeUs, atMostUs }: ExchangeStep, dropped: string[]): object[] {
  if (timeUs === null && atMostUs !== null)
    dropped.push(`${name}: the bound of ${seconds(atMostUs)} becomes an end`);
  const value = timeUs ?? atMostUs;
  return end('duration', { value, dimension: 'time', unit: 's', direction: 'elapsed' });
}

function end(
  quantity: string,
  options: {
    readonly value: number | null;
    readonly dimension: 'time' | 'charge' | 'voltage' | 'current';
    readonly unit: string;
    readonly direction: string;
  },
): object[] {
  const { value, dimension, unit, direction } = options;
  return value === null ? [] : [{ quantity, value: plainNumber(value, dimension), unit, direction }];
}
