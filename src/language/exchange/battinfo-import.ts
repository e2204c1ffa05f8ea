// A test protocol of BattINFO as an exchange tree. Steps of other modes than rest, constant current and
// constant voltage are refused, spectra and scans left out; unknown keys are refused. What only describes is
// not read.
import { suggestion } from '../../base/suggestion.ts';
import { quoted } from '../read-nodes.ts';
import type { SourceNode } from '../yaml-nodes.ts';
import {
  bareStep,
  type ExchangeItem,
  type ExchangeMode,
  type ExchangeStep,
  groupOf,
  type Imported,
  UNBOUNDED_US,
} from './exchange-tree.ts';
import {
  countOf,
  fieldsOf,
  type ForeignFields,
  type ForeignReading,
  importJson,
  itemsOf,
  textOf,
} from './foreign-nodes.ts';
import { type Ends, keepEnd, quantityOf, readEnd } from './battinfo-ends.ts';
import { clampedEvery, everyFrom, safetyFrom } from './safety-object.ts';

const DOCUMENT_KEYS = [
  'schema_version',
  'test_spec',
  'method',
  'record',
  'safety',
  'conditions',
  'facets',
  'artifacts',
  'provenance',
  'notes',
  'funding',
  'contributor',
] as const;
const STEP_KEYS = [
  'mode',
  'direction',
  'setpoints',
  'termination',
  'duration',
  'temperature',
  'period',
  'tags',
  'description',
  'count',
  'steps',
] as const;
type StepFields = ForeignFields<(typeof STEP_KEYS)[number]>;

const MODES = ['rest', 'cc', 'cv', 'eis', 'scan', 'group', 'cccv', 'cp', 'cr'] as const;
/** Of lists of steps in each other, before the reader stops going down; a tree that may run has fewer. */
const DEPTH_MAX = 16;

export function importBattinfo(text: string): Imported {
  return importJson(text, readDocument, (root, reading) => {
    const entries = root.kind === 'table' ? root.entries : [];
    return safetyFrom(entries.find(({ key }) => key === 'safety')?.value, reading);
  });
}

interface Context {
  readonly reading: ForeignReading;
  readonly everyUs: number;
  readonly depth: number;
}

function readDocument(root: SourceNode, reading: ForeignReading): readonly ExchangeItem[] {
  const fields = fieldsOf(root, DOCUMENT_KEYS, { path: 'protocol', reading });
  if (fields === null) return [];
  if (fields.method === undefined)
    reading.report(fields.at, 'protocol has no "method"; without it there is nothing to run');
  if (fields.conditions !== undefined) reading.dropped.push('conditions: left out: no temperature is set');
  if (fields.artifacts !== undefined) reading.dropped.push('artifacts: left out');
  const everyUs = everyFrom(fields.record, reading);
  return readSteps(fields.method, 'method', { reading, everyUs, depth: 0 });
}

function readSteps(node: SourceNode | undefined, path: string, context: Context): readonly ExchangeItem[] {
  const { reading, depth } = context;
  if (depth > DEPTH_MAX) {
    reading.report(node?.at ?? { line: 1, column: 1 }, `${path}: too many groups inside each other`);
    return [];
  }
  const inside = { ...context, depth: depth + 1 };
  return itemsOf(node, path, reading).flatMap((item, index) =>
    reading.isFull() ? [] : readStep(item, `${path}[${index}]`, inside),
  );
}

function readStep(node: SourceNode, path: string, context: Context): readonly ExchangeItem[] {
  const { reading } = context;
  const fields = fieldsOf(node, STEP_KEYS, { path, reading });
  if (fields === null) return [];
  const text = fields.mode === undefined ? '' : (textOf(fields.mode, `${path}.mode`, reading) ?? '');
  const mode = MODES.find((known) => known === text);
  if (fields.temperature !== undefined) reading.dropped.push(`${path}: its temperature is left out`);
  switch (mode) {
    case 'group':
      return readGroup(fields, path, context);
    case 'eis':
    case 'scan':
      reading.dropped.push(`${path}: ${mode === 'eis' ? 'an impedance spectrum' : 'a sweep'} is left out`);
      return [];
    case 'cccv':
    case 'cp':
    case 'cr':
      reading.report(
        fields.mode?.at ?? node.at,
        `${path}: the mode "${text}" is not known here; ${INSTEAD[mode]}`,
      );
      return [];
    case 'rest':
    case 'cc':
    case 'cv':
      return plainStep(mode, fields, { ...context, path });
    case undefined:
      reading.report(
        fields.mode?.at ?? node.at,
        `${path}: found the mode ${quoted(text)}; ${suggestion(text.slice(0, 40), MODES)}`,
      );
      return [];
  }
}

const INSTEAD = {
  cccv: 'write it as a step of "cc" and one of "cv"',
  cp: 'write a constant current',
  cr: 'write a constant current',
} as const;

function readGroup(fields: StepFields, path: string, context: Context): readonly ExchangeItem[] {
  const { reading } = context;
  for (const key of ['setpoints', 'termination', 'duration', 'period'] as const) {
    const found = fields[key];
    if (found !== undefined)
      reading.report(found.at, `${path}: a group has no "${key}"; it belongs to its steps`);
  }
  const count = fields.count === undefined ? 1 : countOf(fields.count, `${path}.count`, reading);
  const items = readSteps(fields.steps, `${path}.steps`, context);
  if (items.length === 0 && !reading.isFull() && reading.dropped.length === 0)
    reading.report(fields.at, `${path}: a group without steps`);
  return count === null ? [] : groupOf(count, items);
}

interface StepContext extends Context {
  readonly path: string;
}

function plainStep(
  kind: ExchangeMode['kind'],
  fields: StepFields,
  context: StepContext,
): readonly ExchangeItem[] {
  const { path, reading } = context;
  for (const key of ['count', 'steps'] as const) {
    const found = fields[key];
    if (found !== undefined)
      reading.report(found.at, `${path}: "${key}" belongs to a step of the mode "group"`);
  }
  const mode = modeOf(kind, fields, context);
  const ends: Ends = {};
  const lastsUs = quantityOf(fields.duration, 'time', { path: `${path}.duration`, reading });
  if (lastsUs !== null) keepEnd(ends, 'timeUs', lastsUs);
  for (const [index, node] of itemsOf(fields.termination, `${path}.termination`, reading).entries())
    readEnd(node, ends, { ...context, path: `${path}.termination[${index}]` });
  if (mode === null) return [];
  const ownUs = quantityOf(fields.period, 'time', { path: `${path}.period`, reading });
  const everyUs = ownUs === null ? context.everyUs : clampedEvery(ownUs, path, reading);
  const step = { ...bareStep({ name: path, mode, everyUs }), ...ends };
  return boundedStep(step, fields, reading);
}

/** Refuses what ends nothing or does not fit its mode; bounds what only something measured ends. */
function boundedStep(
  step: ExchangeStep,
  { at }: StepFields,
  reading: ForeignReading,
): readonly ExchangeStep[] {
  const { name, mode, timeUs, chargeNc, voltageAboveNv, voltageBelowNv, currentBelowPa } = step;
  const others = { charge: chargeNc, voltage: voltageAboveNv ?? voltageBelowNv, current: currentBelowPa };
  const unfit = UNFIT[mode.kind].find((key) => others[key] !== null);
  if (unfit !== undefined) {
    reading.report(
      at,
      `${name}: a step of the mode "${mode.kind}" does not end by ${unfit} here; leave it out`,
    );
    return [];
  }
  if ((timeUs ?? 1) <= 0 || (chargeNc ?? 1) <= 0 || (currentBelowPa ?? 1) <= 0) {
    reading.report(at, `${name}: an end by time, capacity or current is above 0`);
    return [];
  }
  if (timeUs !== null || (mode.kind === 'cc' && chargeNc !== null)) return [step];
  if (mode.kind === 'rest' || Object.values(others).every((value) => value === null)) {
    reading.report(at, `${name}: nothing ends this step in time; give it a "duration"`);
    return [];
  }
  reading.dropped.push(`${name}: no end in time: taken to last 24 h at most`);
  return [{ ...step, atMostUs: UNBOUNDED_US }];
}

const UNFIT = {
  rest: ['charge', 'current'],
  cc: ['current'],
  cv: ['voltage'],
} as const;

function modeOf(
  kind: ExchangeMode['kind'],
  fields: StepFields,
  { path, reading }: StepContext,
): ExchangeMode | null {
  if (kind === 'rest') return { kind };
  const key = kind === 'cc' ? 'current' : 'voltage';
  const points =
    fields.setpoints === undefined
      ? null
      : fieldsOf(fields.setpoints, [key] as const, { path: `${path}.setpoints`, reading });
  const value = quantityOf(points?.[key], key, { path: `${path}.setpoints.${key}`, reading });
  if (value === null) {
    if (points?.[key] === undefined) reading.report(fields.at, `${path} has no set-point of ${key}`);
    return null;
  }
  if (kind === 'cv') return { kind, voltageNv: value };
  const direction =
    fields.direction === undefined ? '' : textOf(fields.direction, `${path}.direction`, reading);
  const sign = direction === 'charge' ? 1 : direction === 'discharge' ? -1 : 0;
  if (sign === 0 || value <= 0) {
    const wanted = 'a magnitude above 0 and a direction, "charge" or "discharge", are wanted';
    reading.report(fields.at, `${path}: found ${quoted(direction ?? '')} and ${value} pA; ${wanted}`);
    return null;
  }
  return { kind, currentPa: sign * value };
}
