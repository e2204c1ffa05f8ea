// `galvanode run show` for a person: how the run stands, what drives the cell, who watches over it; then the
// rest of the record's `meta` as it is. Reads the file only.
import { z } from 'zod';
import { derivedOf } from '../analysis/methods/derive.ts';
import { formatQuantity } from '../base/quantity.ts';
import type { RunReader } from '../store/readers.ts';
import { derivedFigures, derivedLines, type ShownDerivation } from './derived-text.ts';

/** Of `meta.instrument`, what is put into words; a file of another version may lack any of it. */
interface InstrumentMeta {
  readonly identity?: Readonly<Partial<Record<'dialect' | 'deviceId' | 'model' | 'firmware', string>>>;
  readonly capabilities?: {
    readonly limits?: Readonly<Record<string, string>>;
    readonly recordRules?: string;
    readonly deadMan?: string;
  };
  readonly rangeFullScalePa?: number;
}

interface CellLimitsMeta {
  readonly voltageMaxNv: number;
  readonly voltageMinNv: number;
  readonly currentMaxPa: number;
  readonly netChargeMaxNc: number;
}

const DEAD_MAN_WORDS: Readonly<Record<string, string>> = {
  device: 'the instrument opens the cell when this computer falls silent',
  'step-bound': 'the instrument stops at the end of what was loaded',
  nobody: 'NOBODY opens the cell when this computer falls silent',
};

/** Lines of name and text, the name padded to the longest. `age`: of the state; null: not known. */
export function shownRun(reader: RunReader, age: string | null): readonly string[] {
  const meta = reader.meta();
  const { state, reason } = reader.state();
  const half = lastHalfCycle(reader);
  const rows: [string, string][] = [
    ['state', `${state}${age === null ? '' : ` for ${age}`}: ${reason}`],
    ['samples', `${reader.storedSeq()}${reader.isSealed() ? ' (sealed)' : ''}`],
    ...(half === null ? [] : [['last half', halfText(half)] satisfies [string, string]]),
    ...orderRows(reader),
    ...derivedRows(shownDerivation(reader)),
    ...instrumentRows(meta['instrument'] as InstrumentMeta | undefined),
    ...limitRows(meta['cellLimits'] as CellLimitsMeta | undefined),
    ...Object.entries(meta).map(([key, value]): [string, string] => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
}

type HalfCycle = ReturnType<RunReader['halfCycles']>[number];

export function lastHalfCycle(reader: RunReader): HalfCycle | null {
  let last: HalfCycle | null = null;
  for (let from = 1; ; ) {
    const page = reader.halfCycles(from, 10_000);
    last = page.at(-1) ?? last;
    if (page.length < 10_000 || last === null) return last;
    from = last.number + 1;
  }
}

function halfText({ half, cycle, chargeNc, reason }: HalfCycle): string {
  return `${half} of cycle ${cycle}: ${formatQuantity(chargeNc, 'charge')}, ended by ${reason}`;
}

/** Figures of a finished run, rounded; null: its protocol derives nothing of its own. */
export function shownDerivation(reader: RunReader): ShownDerivation | null {
  const derived = derivedOf(reader);
  return derived === null ? null : derivedFigures(derived);
}

function derivedRows(derived: ShownDerivation | null): [string, string][] {
  return derived === null ? [] : derivedLines(derived).map((line) => ['derived', line]);
}

function instrumentRows(instrument: InstrumentMeta | undefined): [string, string][] {
  const { identity, capabilities, rangeFullScalePa } = instrument ?? {};
  if (identity === undefined || capabilities === undefined) return [];
  const { limits = {}, recordRules = 'unknown', deadMan = 'unknown' } = capabilities;
  const range =
    rangeFullScalePa === undefined ? '' : `, range ${formatQuantity(rangeFullScalePa, 'current')}`;
  const watched = Object.entries({ ...limits, 'record rules': recordRules });
  return [
    [
      'driven by',
      `${identity.model ?? '?'}, ${identity.deviceId ?? '?'} (${identity.dialect ?? '?'})${range}`,
    ],
    ['enforced by', watched.map(([what, who]) => `${nameOf(what)}: ${who}`).join(', ')],
    ['dead-man', DEAD_MAN_WORDS[deadMan] ?? deadMan],
  ];
}

/** What the operator has set while it ran, and since when it holds. */
function orderRows(reader: RunReader): [string, string][] {
  return parameterChanges(reader).map(({ changes, cycle, isInForce }) => {
    const values = Object.entries(changes).map(([name, { from, to }]) => `${name} ${from} → ${to}`);
    const when = isInForce ? `since cycle ${cycle}` : `ordered in cycle ${cycle}`;
    return [isInForce ? 'changed' : 'set', `${values.join(', ')} (${when})`];
  });
}

const shownValue = z.union([z.string(), z.number(), z.null()]);
const changeSchema = z.object({
  changes: z.record(z.string(), z.object({ from: shownValue, to: shownValue })),
  cycle: z.number(),
});

/** Parameters that were ordered to change, and those that did, in the order of the record. */
export function parameterChanges(reader: RunReader) {
  const found: (z.output<typeof changeSchema> & { readonly isInForce: boolean })[] = [];
  for (let from = 1; ; ) {
    const page = reader.events(from, 10_000);
    for (const { kind, detail } of page) {
      const parsed = changeSchema.safeParse(detail);
      if (parsed.success && (kind === 'ordered' || kind === 'changed'))
        found.push({ ...parsed.data, isInForce: kind === 'changed' });
    }
    const last = page.at(-1);
    if (page.length < 10_000 || last === undefined) return found;
    from = last.id + 1;
  }
}

function nameOf(limit: string): string {
  return limit === 'shortFloor' ? 'short floor' : limit;
}

function limitRows(limits: CellLimitsMeta | undefined): [string, string][] {
  if (limits === undefined) return [];
  const [min, max] = [limits.voltageMinNv, limits.voltageMaxNv].map((nv) => formatQuantity(nv, 'voltage'));
  const current = formatQuantity(limits.currentMaxPa, 'current');
  const charge = formatQuantity(Math.round(limits.netChargeMaxNc), 'charge');
  return [['cell limits', `${min} … ${max}, ${current}, net ${charge}`]];
}
