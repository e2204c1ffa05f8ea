// Goal: an editor that completes by the schema offers what the parser takes, and marks what it refuses for
// its form. Method: the example and spoilt ones through a reader of the schema that has its own few lines.

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseProtocolText } from '../../../src/language/parse-tree.ts';
import { ITEM_KEYS, TABLES } from '../../../src/language/protocol-keys.ts';
import { protocolJsonSchema } from '../../../src/language/protocol-schema.ts';
import { EXAMPLE } from './example.ts';

type Schema = Readonly<Record<string, unknown>>;
const schema = protocolJsonSchema() as Schema;
const defs = schema['$defs'] as Readonly<Record<string, Schema>>;

/** Whether a value is valid, for the words of JSON Schema that the schema uses. */
function isValid(value: unknown, by: Schema): boolean {
  const ref = by['$ref'];
  if (typeof ref === 'string') return isValid(value, defs[ref.replace('#/$defs/', '')] ?? { enum: [] });
  const anyOf = by['anyOf'] as readonly Schema[] | undefined;
  const allOf = by['allOf'] as readonly Schema[] | undefined;
  const types = by['type'] === undefined ? null : [by['type']].flat();
  const words = by['enum'] as readonly unknown[] | undefined;
  if (anyOf !== undefined && !anyOf.some((one) => isValid(value, one))) return false;
  if (allOf !== undefined && !allOf.every((one) => isValid(value, one))) return false;
  if (types !== null && !types.some((type) => isOfType(value, type))) return false;
  if (words !== undefined && !words.includes(value)) return false;
  const pattern = by['pattern'];
  if (typeof pattern === 'string' && typeof value === 'string' && !new RegExp(pattern).test(value))
    return false;
  if (Array.isArray(value)) return isValidList(value, by);
  if (typeof value === 'object' && value !== null) return isValidTable(value, by);
  return true;
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'null') return value === null;
  return typeof value === type;
}

function isValidList(value: readonly unknown[], by: Schema): boolean {
  const {
    minItems = 0,
    maxItems = Infinity,
    items = {},
  } = by as {
    minItems?: number;
    maxItems?: number;
    items?: Schema;
  };
  return value.length >= minItems && value.length <= maxItems && value.every((item) => isValid(item, items));
}

function isValidTable(value: object, by: Schema): boolean {
  const {
    properties = {},
    required = [],
    additionalProperties = {},
    maxProperties = Infinity,
  } = by as {
    properties?: Record<string, Schema>;
    required?: readonly string[];
    additionalProperties?: Schema | false;
    maxProperties?: number;
  };
  const entries = Object.entries(value);
  if (entries.length > maxProperties || !required.every((key) => Object.hasOwn(value, key))) return false;
  return entries.every(([key, one]) => {
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    return known !== undefined && known !== false && isValid(one, known);
  });
}

describe('the schema', () => {
  it('takes the example', () => {
    expect(isValid(parse(EXAMPLE), schema)).toBe(true);
    expect(isValid(parse(EXAMPLE.replaceAll('voltage above', 'voltage_above')), schema)).toBe(true);
  });

  it.each([
    ['title:', 'titel:'],
    ['cell: zn-zn', 'cell: zn-cn'],
    ['- plate: j', '- plat: j'],
    ['label: wetting', 'label: Wetting'],
    ['voltage below: -0.5 V', 'voltage blow: -0.5 V'],
    ['then: end run', 'then: end rnu'],
    ['verdict: voltage-limit', 'verdict: voltage'],
    ['{go to: plate, at most: 3}', '{go to: plate}'],
    ['amplitude: 5 mV, ', ''],
    ['rate: 1 mV/s, ', ''],
    ['{every: 100 ms, lasting: 60 s}', '{every: 100 ms}'],
    ['version: 1', 'version: one'],
  ])('refuses "%s" as "%s", and so does the parser', (part, by) => {
    expect(EXAMPLE).toContain(part);
    const text = EXAMPLE.replace(part, by);
    expect(isValid(parse(text), schema)).toBe(false);
    expect(parseProtocolText(text, { fileName: 'x.yaml' }).ok).toBe(false);
  });

  it('offers each key of each table, with what it means', () => {
    const all = {
      ...TABLES,
      ...Object.fromEntries(Object.entries(ITEM_KEYS).map(([k, v]) => [`item-${k}`, v])),
    };
    for (const [name, keys] of Object.entries<object>(all)) {
      const properties = (defs[name] ?? {})['properties'] as Readonly<Record<string, Schema>>;
      for (const key of Object.keys(keys)) {
        expect(properties[key]?.['description'], `${name}: ${key}`).toMatch(/\S/);
        expect(properties[key.replaceAll(' ', '_')]).toEqual(properties[key]);
      }
    }
  });

  it('is plain JSON, and refers to nothing that it does not define', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    const refs = [...JSON.stringify(schema).matchAll(/"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(refs.length).toBeGreaterThan(20);
    expect(refs.filter((name) => defs[name] === undefined)).toEqual([]);
  });
});
