// The objects `safety` and `record` that aurora-unicycler and BattINFO share: hard limits of the cell, and
// one rule of recording for all steps. Pure.
import { formatQuantity } from '../../base/quantity.ts';
import type { SourceNode } from '../yaml-nodes.ts';
import { EVERY_MIN_US, EVERY_US, type ExchangeSafety, NO_SAFETY } from './exchange-tree.ts';
import { fieldsOf, type ForeignReading, numberOf } from './foreign-nodes.ts';

const SAFETY_KEYS = [
  'max_voltage_V',
  'min_voltage_V',
  'max_current_mA',
  'min_current_mA',
  'max_capacity_mAh',
  'delay_s',
] as const;

const VOLT = { name: 'V', dimension: 'voltage' } as const;
const MILLIAMPERE = { name: 'mA', dimension: 'current' } as const;
const SECOND = { name: 's', dimension: 'time' } as const;

/** The number alone, as JSON writes it: exact for every value that an instrument can be set to. */
export function plainNumber(value: number, dimension: 'voltage' | 'current' | 'charge' | 'time'): number {
  return Number(formatQuantity(value, dimension).split(' ')[0]);
}

export function safetyObject(safety: ExchangeSafety): Readonly<Record<string, number>> {
  const { voltageAboveNv, voltageBelowNv, currentPa } = safety;
  return {
    ...(voltageAboveNv === null ? {} : { max_voltage_V: plainNumber(voltageAboveNv, 'voltage') }),
    ...(voltageBelowNv === null ? {} : { min_voltage_V: plainNumber(voltageBelowNv, 'voltage') }),
    ...(currentPa === null
      ? {}
      : {
          max_current_mA: plainNumber(currentPa, 'current'),
          min_current_mA: plainNumber(-currentPa, 'current'),
        }),
  };
}

export function safetyFrom(node: SourceNode | undefined, reading: ForeignReading): ExchangeSafety {
  if (node === undefined) return NO_SAFETY;
  const at = (key: string): { readonly path: string; readonly reading: ForeignReading } => ({
    path: `safety.${key}`,
    reading,
  });
  const fields = fieldsOf(node, SAFETY_KEYS, { path: 'safety', reading });
  if (fields === null) return NO_SAFETY;
  const voltageAboveNv = numberOf(fields.max_voltage_V, VOLT, at('max_voltage_V'));
  const voltageBelowNv = numberOf(fields.min_voltage_V, VOLT, at('min_voltage_V'));
  const mostPa = numberOf(fields.max_current_mA, MILLIAMPERE, at('max_current_mA'));
  const leastPa = numberOf(fields.min_current_mA, MILLIAMPERE, at('min_current_mA'));
  const sizes = [mostPa, leastPa].flatMap((pa) => (pa === null || pa === 0 ? [] : [Math.abs(pa)]));
  const isOneSided = sizes.length === 1 || (sizes.length === 2 && mostPa !== -(leastPa ?? 0));
  if (isOneSided) reading.dropped.push('safety: the larger limit of current holds for both directions');
  if (fields.max_capacity_mAh !== undefined) reading.dropped.push('safety: max_capacity_mAh is left out');
  if (fields.delay_s !== undefined && numberOf(fields.delay_s, SECOND, at('delay_s')) !== 0)
    reading.dropped.push('safety: delay_s is left out: hard limits strike at once');
  return { voltageAboveNv, voltageBelowNv, currentPa: sizes.length === 0 ? null : Math.max(...sizes) };
}

/** The time between records; assumed where there is none. */
export function everyFrom(node: SourceNode | undefined, reading: ForeignReading): number {
  const keys = ['time_s', 'voltage_V', 'current_mA'] as const;
  const fields = node === undefined ? null : fieldsOf(node, keys, { path: 'record', reading });
  for (const key of ['voltage_V', 'current_mA'] as const)
    if (fields?.[key] !== undefined) reading.dropped.push(`record: ${key} is left out: only time is kept`);
  const everyUs = numberOf(fields?.time_s, SECOND, { path: 'record.time_s', reading });
  if (everyUs === null) reading.dropped.push('record: nothing says how often; taken to be every 10 s');
  return everyUs === null ? EVERY_US : clampedEvery(everyUs, 'record', reading);
}

export function clampedEvery(
  everyUs: number,
  path: string,
  reading: Pick<ForeignReading, 'dropped'>,
): number {
  if (everyUs >= EVERY_MIN_US) return everyUs;
  reading.dropped.push(`${path}: a record each ${everyUs} us becomes one each ms`);
  return EVERY_MIN_US;
}
