// JSON of aurora-unicycler as an exchange tree. Loops become groups, C-rates become currents where the file
// has a capacity; unknown keys and loops that cross are refused. Positive current charges.
import { multiplyDivide } from '../../base/quantity.ts';
import { quoted } from '../read-nodes.ts';
import type { SourceNode } from '../yaml-nodes.ts';
import {
  bareStep,
  type ExchangeItem,
  type ExchangeStep,
  type Imported,
  UNBOUNDED_US,
} from './exchange-tree.ts';
import {
  countOf,
  fieldsOf,
  type ForeignReading,
  importJson,
  itemsOf,
  numberOf,
  textOf,
} from './foreign-nodes.ts';
import { everyFrom, safetyFrom } from './safety-object.ts';

const DOCUMENT_KEYS = ['unicycler', 'sample', 'record', 'safety', 'method'] as const;
const STEP_KEYS = {
  open_circuit_voltage: ['id', 'step', 'until_time_s'],
  constant_current: ['id', 'step', 'rate_C', 'current_mA', 'until_time_s', 'until_voltage_V'],
  constant_voltage: ['id', 'step', 'voltage_V', 'until_time_s', 'until_rate_C', 'until_current_mA'],
  impedance_spectroscopy: [
    'id',
    'step',
    'amplitude_V',
    'amplitude_mA',
    'start_frequency_Hz',
    'end_frequency_Hz',
    'points_per_decade',
    'measures_per_point',
    'drift_correction',
  ],
  tag: ['id', 'step', 'tag'],
  loop: ['id', 'step', 'loop_to', 'cycle_count', 'start_step'],
} as const;
type StepKind = keyof typeof STEP_KEYS;
const ALL_KEYS = [...new Set(Object.values(STEP_KEYS).flat())];

const SECOND = { name: 's', dimension: 'time' } as const;
const VOLT = { name: 'V', dimension: 'voltage' } as const;
const MILLIAMPERE = { name: 'mA', dimension: 'current' } as const;
const MILLIAMPERE_HOUR = { name: 'mAh', dimension: 'charge' } as const;

export function importUnicycler(text: string): Imported {
  return importJson(text, readMethod, (root, reading) => {
    const fields = root.kind === 'table' ? root.entries : [];
    return safetyFrom(fields.find(({ key }) => key === 'safety')?.value, reading);
  });
}

function readMethod(root: SourceNode, reading: ForeignReading): readonly ExchangeItem[] {
  const fields = fieldsOf(root, DOCUMENT_KEYS, { path: 'protocol', reading });
  if (fields === null) return [];
  const everyUs = everyFrom(fields.record, reading);
  const capacityNc = capacityOf(fields.sample, reading);
  if (fields.unicycler !== undefined) fieldsOf(fields.unicycler, ['version'], { path: 'unicycler', reading });
  if (fields.method === undefined)
    reading.report(fields.at, 'protocol has no "method"; it is its list of steps');
  const placed: Placed[] = [];
  const tags = new Map<string, Tag>();
  for (const [index, node] of itemsOf(fields.method, 'method', reading).entries()) {
    if (reading.isFull()) break;
    readEntry(node, { index, placed, tags, reading, everyUs, capacityNc });
  }
  for (const [tag, { isUsed }] of tags)
    if (!isUsed) reading.dropped.push(`method: the tag ${quoted(tag)} is left out: no loop leads to it`);
  return placed.map(({ item }) => item);
}

function capacityOf(node: SourceNode | undefined, reading: ForeignReading): number | null {
  const fields =
    node === undefined ? null : fieldsOf(node, ['name', 'capacity_mAh'], { path: 'sample', reading });
  return numberOf(fields?.capacity_mAh, MILLIAMPERE_HOUR, { path: 'sample.capacity_mAh', reading });
}

/** An item with the entries of the list that it stands for. */
interface Placed {
  readonly from: number;
  readonly to: number;
  readonly item: ExchangeItem;
}

interface Tag {
  readonly index: number;
  isUsed: boolean;
}

interface EntryContext {
  readonly index: number;
  readonly placed: Placed[];
  readonly tags: Map<string, Tag>;
  readonly reading: ForeignReading;
  readonly everyUs: number;
  readonly capacityNc: number | null;
}

type EntryFields = NonNullable<ReturnType<typeof fieldsOf<(typeof ALL_KEYS)[number]>>>;

function readEntry(node: SourceNode, context: EntryContext): void {
  const { index, placed, tags, reading } = context;
  const path = `method[${index}]`;
  const kind = kindOf(node, path, reading);
  const fields: EntryFields | null =
    kind === null ? null : fieldsOf<(typeof ALL_KEYS)[number]>(node, STEP_KEYS[kind], { path, reading });
  if (kind === null || fields === null) return;
  if (kind === 'tag') {
    const tag = fields.tag === undefined ? '' : (textOf(fields.tag, `${path}.tag`, reading) ?? '');
    if (tags.has(tag)) reading.report(fields.at, `${path}: a second tag ${quoted(tag)}; rename one`);
    tags.set(tag, { index, isUsed: false });
  } else if (kind === 'loop') closeLoop(fields, path, context);
  else if (kind === 'impedance_spectroscopy')
    reading.dropped.push(`${path}: an impedance spectrum is left out`);
  else {
    const step = stepOf(kind, fields, { ...context, path });
    if (step !== null) placed.push({ from: index, to: index, item: step });
  }
}

function kindOf(node: SourceNode, path: string, reading: ForeignReading): StepKind | null {
  const entry = node.kind === 'table' ? node.entries.find(({ key }) => key === 'step') : undefined;
  const text = entry === undefined ? null : textOf(entry.value, `${path}.step`, reading);
  const kinds = Object.keys(STEP_KEYS).filter((kind): kind is StepKind => kind in STEP_KEYS);
  const found = kinds.find((kind) => kind === text);
  if (found !== undefined) return found;
  const what = text === null ? 'an entry without "step"' : `the step ${quoted(text)}`;
  reading.report(entry?.at ?? node.at, `${path}: found ${what}; known: ${kinds.join(', ')}`);
  return null;
}

/** What lies between the target and the loop runs that often in all. */
function closeLoop(fields: EntryFields, path: string, { index, placed, tags, reading }: EntryContext): void {
  const count =
    fields.cycle_count === undefined ? null : countOf(fields.cycle_count, `${path}.cycle_count`, reading);
  if (fields.cycle_count === undefined)
    reading.report(fields.at, `${path} has no "cycle_count"; it is the total`);
  const target = fields.loop_to ?? fields.start_step;
  const text = target === undefined ? '1' : (textOf(target, `${path}.loop_to`, reading) ?? '');
  const tag = tags.get(text);
  const start = tag?.index ?? (/^\d{1,5}$/.test(text) ? Number(text) - 1 : -1);
  if (tag !== undefined) tag.isUsed = true;
  if (start < 0 || start >= index) {
    const advice = 'it goes back to a tag before it, or to the number of a step before it';
    return reading.report(target?.at ?? fields.at, `${path}: no way back to ${quoted(text)}; ${advice}`);
  }
  const inside = placed.filter(({ from }) => from >= start);
  const [first] = inside;
  if (placed.some(({ from, to }) => from < start && to >= start))
    return reading.report(fields.at, `${path}: this loop crosses another one; put one inside the other`);
  if (first === undefined) return reading.report(fields.at, `${path}: there is nothing to repeat`);
  if (count === null || count === 1) return;
  const items = inside.map(({ item }) => item);
  const group = { kind: 'group', count, items } as const;
  placed.splice(placed.length - inside.length, inside.length, { from: first.from, to: index, item: group });
}

interface StepContext extends EntryContext {
  readonly path: string;
}

function stepOf(
  kind: 'open_circuit_voltage' | 'constant_current' | 'constant_voltage',
  fields: EntryFields,
  context: StepContext,
): ExchangeStep | null {
  const { path, reading, everyUs } = context;
  const at = (key: string) => ({ path: `${path}.${key}`, reading });
  const orNone = (value: number | null): number | null => (value === 0 ? null : value);
  const timeUs = orNone(numberOf(fields.until_time_s, SECOND, at('until_time_s')));
  if (timeUs !== null && timeUs < 0) reading.report(fields.at, `${path}: a time is above 0`);
  const mode = modeOf(kind, fields, context);
  if (mode === null) return null;
  const untilNv = orNone(numberOf(fields.until_voltage_V, VOLT, at('until_voltage_V')));
  const isUp = mode.kind === 'cc' && mode.currentPa > 0;
  const endPa =
    kind === 'constant_voltage'
      ? currentOf(fields, { current: 'until_current_mA', rate: 'until_rate_C' }, context)
      : null;
  const step: ExchangeStep = {
    ...bareStep({ name: path, mode, everyUs }),
    timeUs,
    voltageAboveNv: isUp ? untilNv : null,
    voltageBelowNv: isUp ? null : untilNv,
    currentBelowPa: endPa === null ? null : Math.abs(endPa),
  };
  if (timeUs !== null) return step;
  if (mode.kind === 'rest' || (untilNv === null && endPa === null)) {
    reading.report(fields.at, `${path}: nothing ends this step; give it "until_time_s"`);
    return null;
  }
  reading.dropped.push(`${path}: no end in time: taken to last 24 h at most`);
  return { ...step, atMostUs: UNBOUNDED_US };
}

function modeOf(
  kind: 'open_circuit_voltage' | 'constant_current' | 'constant_voltage',
  fields: EntryFields,
  context: StepContext,
): ExchangeStep['mode'] | null {
  const { path, reading } = context;
  if (kind === 'open_circuit_voltage') return { kind: 'rest' };
  if (kind === 'constant_voltage') {
    const voltageNv = numberOf(fields.voltage_V, VOLT, { path: `${path}.voltage_V`, reading });
    if (fields.voltage_V === undefined) reading.report(fields.at, `${path} has no "voltage_V"`);
    return voltageNv === null ? null : { kind: 'cv', voltageNv };
  }
  const currentPa = currentOf(fields, { current: 'current_mA', rate: 'rate_C' }, context);
  if (currentPa === null) reading.report(fields.at, `${path} has no current; give it "current_mA", not 0`);
  return currentPa === null ? null : { kind: 'cc', currentPa };
}

/** A C-rate goes before a current, as its authors have it; null: neither, or 0. */
function currentOf(
  fields: EntryFields,
  keys: { readonly current: 'current_mA' | 'until_current_mA'; readonly rate: 'rate_C' | 'until_rate_C' },
  { path, reading, capacityNc }: StepContext,
): number | null {
  const node = fields[keys.rate];
  const ppm = node === undefined ? null : rateOf(node, `${path}.${keys.rate}`, reading);
  if (node !== undefined && ppm !== null && ppm !== 0) {
    if (capacityNc === null) {
      reading.report(node.at, `${path}.${keys.rate}: a C-rate needs "sample.capacity_mAh"; add it`);
      return null;
    }
    // nC/h is 1/3.6 pA.
    const currentPa = multiplyDivide(multiplyDivide(capacityNc, 10, 36), ppm, 1_000_000);
    return currentPa === 0 ? null : currentPa;
  }
  const found = numberOf(fields[keys.current], MILLIAMPERE, { path: `${path}.${keys.current}`, reading });
  return found === 0 ? null : found;
}

/** `0.5`, `1/5`, `C/3`, `D/2` (discharge), in 1e-6 1/h. */
function rateOf(node: SourceNode, path: string, reading: ForeignReading): number | null {
  const text = (textOf(node, path, reading) ?? '').replaceAll(' ', '');
  const match = /^(-?\d*\.?\d*(?:e-?\d{1,2})?)([CD]?)(?:\/(\d+\.?\d*))?$/i.exec(text);
  const [, front = '', letter = '', under = '1'] = match ?? [];
  const over = front === '' && letter !== '' ? 1 : Number(front === '' ? Number.NaN : front);
  const rate = (letter.toUpperCase() === 'D' ? -over : over) / Number(under);
  if (Number.isFinite(rate) && Math.abs(rate) < 1e6) return Math.round(rate * 1e6);
  reading.report(node.at, `${path}: found ${quoted(text)}; a rate is wanted: 0.5 or C/2`);
  return null;
}
