// The `node` command: one bounded step (GVN1.md section 6.2). Syntax first, values second, as section 9
// orders. The text of a node (from `id=` on) makes the job id; up to ` on=` it identifies the step.
import type { Feature } from '../../board/instrument.ts';
import { CHILD_REASONS, type ChildReason, type RecordRule, type StepNode } from '../../board/step-node.ts';
import { TICK_US } from '../../board/device-clock.ts';
import { type Answer, nak, refuseOutside } from './answer.ts';
import { type Fields, type FieldTable, MAGNITUDE_MAX, parseIntegers } from './fields.ts';

const INTEGER = { kind: 'integer', isOptional: false } as const;
const OPTIONAL = { kind: 'integer', isOptional: true } as const;

/** What a node may say to a device with these features; what it has not announced is unknown to it. */
export function nodeFields(features: readonly Feature[]): FieldTable {
  const isHolding = features.includes('cv');
  return {
    ch: INTEGER,
    job: { kind: 'job', isOptional: false },
    id: INTEGER,
    n: INTEGER,
    mode: { kind: isHolding ? 'mode-cv' : 'mode', isOptional: false },
    i_pa: OPTIONAL,
    t_us: INTEGER,
    qstep_nc: OPTIONAL,
    qnet_nc: OPTIONAL,
    qlast_ppm: OPTIONAL,
    vmax_nv: OPTIONAL,
    vmin_nv: OPTIONAL,
    floor_nv: OPTIONAL,
    fdb_us: OPTIONAL,
    vdb_us: OPTIONAL,
    ...(isHolding ? { v_nv: OPTIONAL, imin_pa: OPTIONAL } : {}),
    rec: { kind: features.includes('burst') ? 'rule-burst' : 'rule', isOptional: false },
    cyc: { kind: 'one', isOptional: true },
    on: { kind: 'children', isOptional: false },
  };
}

export const DURATION_MAX_US = 90 * 86_400 * 1_000_000;
const NODE_ID_MAX = 2 ** 31;

/** Fields that say what a step does or when it ends, by mode: those it must have, and those it must not. */
const FIELDS_OF_MODE: Readonly<
  Record<string, { readonly must: readonly string[]; readonly not: readonly string[] }>
> = {
  cc: { must: ['i_pa'], not: ['v_nv', 'imin_pa'] },
  rest: { must: [], not: ['i_pa', 'v_nv', 'imin_pa', 'qstep_nc', 'qnet_nc', 'qlast_ppm'] },
  cv: {
    must: ['v_nv'],
    not: ['i_pa', 'qnet_nc', 'qlast_ppm', 'vmax_nv', 'vmin_nv', 'floor_nv'],
  },
};

export interface NodeText {
  readonly payload: string;
  readonly fields: Fields;
}

export type NodeParse =
  | { readonly ok: true; readonly node: StepNode; readonly text: string }
  | { readonly ok: false; readonly key: string };

/** The form of a node: what no channel of a device with these features accepts is `BADARG` of that key. */
export function parseNode({ payload, fields }: NodeText, features: readonly Feature[]): NodeParse {
  const misplaced = misplacedKey(payload);
  if (misplaced !== null) return { ok: false, key: misplaced };
  const foreign = foreignModeKey(fields);
  if (foreign !== null) return { ok: false, key: foreign };
  const record = recordRule(fields.text('rec'));
  if (record === null) return { ok: false, key: 'rec' };
  const children = childrenFrom(fields.text('on'), features);
  if (children === null) return { ok: false, key: 'on' };
  const text = payload.slice(payload.indexOf(' id=') + 1);
  const identity = text.slice(0, text.indexOf(' on='));
  const node = nodeFrom(fields, {
    currentPa: fields.integerOrNull('i_pa') ?? 0,
    isCycleEnd: fields.integerOrNull('cyc') === 1,
    record,
    children,
    identity,
  });
  return { ok: true, node, text };
}

/** What this device cannot do on this channel: `RANGE`. Null when all is within. */
export function refuseNode(
  fields: Fields,
  node: StepNode,
  device: {
    readonly fullScalePa: number;
    readonly voltageSpanNv: number;
  },
): Answer | null {
  const limit = (key: string, min: number, max: number): Answer | null => {
    const value = fields.integerOrNull(key);
    return value === null ? null : refuseOutside(key, value, min, max);
  };
  const spanNv = device.voltageSpanNv;
  return (
    limit('id', 1, NODE_ID_MAX) ??
    limit('n', 1, MAGNITUDE_MAX) ??
    limit('i_pa', -device.fullScalePa, device.fullScalePa) ??
    limit('v_nv', -spanNv, spanNv) ??
    limit('t_us', TICK_US, DURATION_MAX_US) ??
    limit('qstep_nc', 1, MAGNITUDE_MAX) ??
    limit('qlast_ppm', 1, MAGNITUDE_MAX) ??
    limit('vmax_nv', -spanNv, spanNv) ??
    limit('vmin_nv', -spanNv, spanNv) ??
    limit('floor_nv', 1, spanNv) ??
    limit('imin_pa', 1, device.fullScalePa) ??
    limit('vdb_us', 0, DURATION_MAX_US) ??
    limit('fdb_us', 0, DURATION_MAX_US) ??
    refuseRecordRule(node.record)
  );
}

function refuseRecordRule({ everyUs, moveNv, movePa, burst }: RecordRule): Answer | null {
  const isBurstPossible =
    burst === null || (burst.everyUs >= TICK_US && burst.everyUs < everyUs && burst.forUs > 0);
  const isPossible = everyUs >= TICK_US && moveNv >= 0 && movePa >= 0 && isBurstPossible;
  return isPossible ? null : nak('RANGE', { key: 'rec', min: TICK_US, max: MAGNITUDE_MAX });
}

/** `ch`, `job`, `id` come first and in this order, since the node's text starts at `id=`; `on` comes last. */
function misplacedKey(payload: string): string | null {
  const fields = payload.split(' ');
  const misplaced = ['ch', 'job', 'id'].find((key, index) => !(fields[index] ?? '').startsWith(`${key}=`));
  return misplaced ?? (fields.at(-1)?.startsWith('on=') === true ? null : 'on');
}

/** The field by which a node is not of the mode that it names; null: none. */
function foreignModeKey(fields: Fields): string | null {
  const { must, not } = FIELDS_OF_MODE[fields.text('mode')] ?? { must: [], not: [] };
  const missing = must.find((key) => fields.integerOrNull(key) === null);
  const extra = not.find((key) => fields.integerOrNull(key) !== null);
  return missing ?? extra ?? (fields.integerOrNull('i_pa') === 0 ? 'i_pa' : null);
}

function recordRule(text: string): RecordRule | null {
  const [everyUs, moveNv, movePa, burstEveryUs, burstForUs] =
    parseIntegers(text, 3) ?? parseIntegers(text, 5) ?? [];
  if (everyUs === undefined || moveNv === undefined || movePa === undefined) return null;
  if (burstEveryUs === undefined || burstForUs === undefined) return { everyUs, moveNv, movePa, burst: null };
  return { everyUs, moveNv, movePa, burst: { everyUs: burstEveryUs, forUs: burstForUs } };
}

function childrenFrom(text: string, features: readonly Feature[]): Map<ChildReason, number> | null {
  const children = new Map<ChildReason, number>();
  if (text === '-') return children;
  const seen = new Set<string>();
  for (const pair of text.split(',')) {
    const [name = '', idText = '', ...rest] = pair.split(':');
    const reason = CHILD_REASONS.find((candidate) => candidate === name);
    const [id] = parseIntegers(idText, 1) ?? [];
    if (reason === 'imin' && !features.includes('cv')) return null;
    if (reason === undefined || id === undefined || id < 0 || rest.length > 0 || seen.has(name)) return null;
    seen.add(name);
    if (id !== 0) children.set(reason, id);
  }
  return children;
}

function nodeFrom(
  fields: Fields,
  parsed: Pick<StepNode, 'currentPa' | 'isCycleEnd' | 'record' | 'children' | 'identity'>,
): StepNode {
  return {
    ...parsed,
    id: fields.integer('id'),
    stepNumber: fields.integer('n'),
    voltageNv: fields.integerOrNull('v_nv'),
    durationMaxUs: fields.integer('t_us'),
    stepChargeNc: fields.integerOrNull('qstep_nc'),
    netChargeNc: fields.integerOrNull('qnet_nc'),
    lastChargePpm: fields.integerOrNull('qlast_ppm'),
    currentMinPa: fields.integerOrNull('imin_pa'),
    voltageMaxNv: fields.integerOrNull('vmax_nv'),
    voltageMinNv: fields.integerOrNull('vmin_nv'),
    voltageDebounceUs: fields.integerOrNull('vdb_us') ?? 0,
    floorNv: fields.integerOrNull('floor_nv'),
    floorDebounceUs: fields.integerOrNull('fdb_us') ?? 0,
  };
}
