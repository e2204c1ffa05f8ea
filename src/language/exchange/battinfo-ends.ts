// Quantities of a BattINFO document, and the ends of its steps by quantity and direction. Reports what is
// none that is known here; adds nothing by itself.
import { type Dimension, findUnit } from '../../base/quantity.ts';
import { quoted } from '../read-nodes.ts';
import type { SourceNode } from '../yaml-nodes.ts';
import { fieldsOf, type ForeignFields, type ForeignReading, numberOf, textOf } from './foreign-nodes.ts';

export type Ends = Partial<
  Record<'timeUs' | 'chargeNc' | 'voltageAboveNv' | 'voltageBelowNv' | 'currentBelowPa', number>
>;

/** The one of two that comes first. */
export function keepEnd(ends: Ends, key: keyof Ends, value: number): void {
  const known = ends[key];
  const isRising = key === 'voltageBelowNv' || key === 'currentBelowPa';
  ends[key] = known === undefined ? value : isRising ? Math.max(known, value) : Math.min(known, value);
}

/** Adds one end of a list to those of its step. */
export function readEnd(node: SourceNode, ends: Ends, { path, reading }: At): void {
  const fields = fieldsOf(node, ['quantity', 'value', 'unit', 'direction'] as const, { path, reading });
  if (fields === null) return;
  const word = (key: 'quantity' | 'direction'): string => {
    const found = fields[key];
    return found === undefined ? '' : (textOf(found, `${path}.${key}`, reading) ?? '');
  };
  const [quantity, direction] = [word('quantity'), word('direction')];
  const read = (dimension: Dimension): number | null => measured(fields, dimension, { path, reading });
  const keep = (key: keyof Ends, value: number | null): void => {
    if (value !== null) keepEnd(ends, key, value);
  };
  switch (`${quantity} ${direction}`.trim()) {
    case 'duration':
    case 'duration elapsed':
    case 'duration above':
      return keep('timeUs', read('time'));
    case 'capacity':
    case 'capacity above':
      return keep('chargeNc', read('charge'));
    case 'voltage above':
      return keep('voltageAboveNv', read('voltage'));
    case 'voltage below':
      return keep('voltageBelowNv', read('voltage'));
    case 'current':
    case 'current below':
      return keep('currentBelowPa', read('current'));
    default: {
      const found = `found an end by ${quoted(`${quantity} ${direction}`.trim())}`;
      const known = 'duration, capacity, voltage above, voltage below, current below';
      reading.report(fields.at, `${path}: ${found}; known: ${known}`);
    }
  }
}

export interface At {
  readonly path: string;
  readonly reading: ForeignReading;
}

/** `{value, unit}` as an integer of base units; null: left out, or reported. */
export function quantityOf(node: SourceNode | undefined, dimension: Dimension, at: At): number | null {
  const fields = node === undefined ? null : fieldsOf(node, ['value', 'unit'] as const, at);
  return fields === null ? null : measured(fields, dimension, at);
}

function measured(
  fields: ForeignFields<'value' | 'unit'>,
  dimension: Dimension,
  { path, reading }: At,
): number | null {
  const name = fields.unit === undefined ? '' : (textOf(fields.unit, `${path}.unit`, reading) ?? '');
  const unit = findUnit(WORDS.get(name) ?? name);
  if (fields.value === undefined) reading.report(fields.at, `${path} has no "value"`);
  if (unit?.dimension === dimension) return numberOf(fields.value, unit, { path: `${path}.value`, reading });
  reading.report(fields.unit?.at ?? fields.at, `${path}: the unit ${quoted(name)} is none of a ${dimension}`);
  return null;
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['second', 's'],
  ['seconds', 's'],
  ['minute', 'min'],
  ['minutes', 'min'],
  ['hour', 'h'],
  ['hours', 'h'],
]);
