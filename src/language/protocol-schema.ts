// JSON Schema of a protocol document, for completion and first checks in editors. Written from the tables of
// keys that the parser reads by; it says less than the parser (no names, no dimensions, no bounds in time),
// never more.
import { exampleOf } from '../base/quantity.ts';
import type { Wanted } from './evaluate.ts';
import {
  ITEM_KEYS,
  type KeySpec,
  LABEL,
  LABEL_LENGTH_MAX,
  LANGUAGE,
  NAME,
  TABLES,
  type ValueShape,
} from './protocol-keys.ts';
import { EXPRESSION_LENGTH_MAX } from './tokens.ts';

type Schema = Readonly<Record<string, unknown>>;

/** The schema (draft 2020-12) as a plain object. */
export function protocolJsonSchema(): object {
  const tables = Object.entries<Keys>(TABLES).map(([name, keys]) => [name, tableSchema(keys)] as const);
  const items = Object.entries<Keys>(ITEM_KEYS).map(
    ([name, keys]) => [`item-${name}`, tableSchema(keys)] as const,
  );
  const itemNames = Object.keys(ITEM_KEYS);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `galvanode ${LANGUAGE}`,
    ...refTo('document'),
    $defs: {
      ...Object.fromEntries([...tables, ...items]),
      item: { anyOf: itemNames.map((name) => refTo(`item-${name}`)) },
    },
  };
}

type Keys = Readonly<Record<string, KeySpec>>;

/** Each key with spaces and, where it has any, with `_` in their place. */
function tableSchema(keys: Keys): Schema {
  const properties: Record<string, Schema> = {};
  for (const [name, { takes, about }] of Object.entries(keys)) {
    for (const spelling of spellingsOf(name))
      properties[spelling] = { description: about, ...shapeSchema(takes) };
  }
  const required = Object.entries(keys).filter(([, spec]) => spec.required === true);
  const plain = required.map(([name]) => name).filter((name) => spellingsOf(name).length === 1);
  const spaced = required.map(([name]) => spellingsOf(name)).filter((names) => names.length > 1);
  const schema = { type: 'object', additionalProperties: false, properties, required: plain };
  if (spaced.length === 0) return schema;
  return {
    ...schema,
    allOf: spaced.map((names) => ({ anyOf: names.map((name) => ({ required: [name] })) })),
  };
}

function spellingsOf(name: string): readonly string[] {
  return name.includes(' ') ? [name, name.replaceAll(' ', '_')] : [name];
}

function shapeSchema(shape: ValueShape): Schema {
  switch (shape.kind) {
    case 'expression':
      return expressionSchema(shape.wanted);
    case 'condition':
      return {
        type: 'string',
        maxLength: EXPRESSION_LENGTH_MAX,
        examples: ['cycles > 0', 'fixed == charge'],
      };
    case 'line':
      return { type: ['string', 'number'] };
    case 'label':
      return { type: ['string', 'integer'], pattern: LABEL.source, maxLength: LABEL_LENGTH_MAX };
    case 'whole':
      return { type: 'integer', minimum: shape.least, maximum: shape.most };
    case 'word':
      return { enum: [...new Set(shape.words.flatMap(spellingsOf))] };
    case 'table':
      return refTo(shape.of);
    case 'list':
      return {
        type: 'array',
        minItems: shape.least,
        maxItems: shape.most,
        items: shapeSchema(shape.of),
      };
    case 'named':
      return {
        type: 'object',
        maxProperties: shape.most,
        propertyNames: { pattern: NAME.source },
        additionalProperties: shapeSchema(shape.of),
      };
    case 'either':
      return { anyOf: shape.of.map(shapeSchema) };
    case 'empty':
      return { anyOf: [{ type: 'null' }, { type: 'object', maxProperties: 0 }] };
    case 'item':
      return refTo('item');
  }
}

/** Text, or a bare number where a pure number is wanted. */
function expressionSchema(wanted: Wanted | 'any'): Schema {
  const text = { type: 'string', maxLength: EXPRESSION_LENGTH_MAX };
  if (wanted === 'any') return { ...text, type: ['string', 'number'], examples: ['0.5 * j * area'] };
  if (wanted === 'number' || wanted === 'count' || wanted === 'ratio')
    return { ...text, type: ['string', 'number'], examples: [wanted === 'ratio' ? exampleOf('ratio') : '3'] };
  return { ...text, examples: [exampleOf(wanted)] };
}

function refTo(name: string): Schema {
  return { $ref: `#/$defs/${name}` };
}
