// The text of a protocol (YAML 1.2 or JSON) to its source tree. Every problem with line and column; hostile
// text is refused before anything is expanded. Never throws, reads no file.
import { DERIVED } from '../steps/derived.ts';
import { createLabelBook } from './label-book.ts';
import { readParameters, readValues } from './parse-parameters.ts';
import { readSteps } from './parse-steps.ts';
import { CONTACTS, COUNT_MAX, LANGUAGE, LONGEST, TABLES } from './protocol-keys.ts';
import {
  createReading,
  type Fields,
  type Names,
  readCondition,
  readExpression,
  readLabel,
  readLine,
  readOptional,
  readTable,
  type Reading,
  readWhole,
  readWord,
  wordsOfNode,
} from './read-nodes.ts';
import {
  CELL_KINDS,
  type SourceCell,
  type SourceProblem,
  type SourceProtocol,
  type SourceRequirement,
  type SourceSafety,
} from './source-tree.ts';
import { nodesOf, type SourceNode } from './yaml-nodes.ts';

export type ParsedProtocol =
  | { readonly ok: true; readonly source: SourceProtocol }
  | { readonly ok: false; readonly problems: readonly SourceProblem[] };

const REQUIREMENTS_MAX = 64;

/**
 * Parses the text of a protocol and checks all of it that needs neither parameters nor a cell. Problems in
 * the order of the text; `fileName` goes into those that concern all of it.
 */
export function parseProtocolText(text: string, { fileName }: { readonly fileName: string }): ParsedProtocol {
  const nodes = nodesOf(text);
  if (!nodes.ok) return nodes;
  const reading = createReading();
  const fields = readTable(nodes.root, { keys: TABLES.document, what: fileName }, reading);
  const source = fields === null ? null : readDocument(fields, reading);
  if (source !== null && reading.problems.length === 0) return { ok: true, source };
  const problems = [...reading.problems].sort((a, b) => a.line - b.line || a.column - b.column);
  return { ok: false, problems };
}

function readDocument(fields: Fields<keyof typeof TABLES.document>, reading: Reading): SourceProtocol {
  readWord(fields.get('galvanode'), { what: 'galvanode', words: [LANGUAGE] }, reading);
  const { parameters, scope: meanings } = readParameters(fields.get('parameters'), reading);
  const { values, scope } = readValues(fields.get('values'), { reading, scope: meanings });
  const names: Names = { reading, scope };
  const labels = createLabelBook();
  const steps = readSteps(fields.get('steps'), { ...names, labels });
  labels.check(reading.report);
  return {
    name: readLabel(fields.get('name'), 'name', reading),
    version: readWhole(fields.get('version'), { what: 'version', least: 1, most: COUNT_MAX }, reading),
    title: readLine(fields.get('title'), { what: 'title', longest: LONGEST.title }, reading),
    about: readLine(fields.get('about'), { what: 'about', longest: LONGEST.about }, reading),
    cell: readCell(fields.get('cell'), names),
    derives: readWord(fields.get('derives'), { what: 'derives', words: DERIVED }, reading),
    parameters,
    values,
    require: readRequirements(fields.get('require'), names),
    safety: readSafety(fields.get('safety'), names),
    steps,
  };
}

const CELL_OF_KIND: SourceCell = { kind: 'other', restingFrom: null, restingTo: null, contact: null };

function readCell(node: SourceNode | null, names: Names): SourceCell {
  const { reading } = names;
  if (node === null) return CELL_OF_KIND;
  const isTable = node.kind === 'table';
  const fields = isTable ? readTable(node, { keys: TABLES.cell, what: 'cell' }, reading) : null;
  const kindNode = isTable ? (fields?.get('kind') ?? null) : node;
  const kind = readWord(kindNode, { what: 'cell', words: CELL_KINDS }, reading);
  const contact = readWord(fields?.get('contact') ?? null, { what: 'contact', words: CONTACTS }, reading);
  const resting = fields?.get('resting') ?? null;
  if (resting === null) {
    if (kind === 'full-cell' || kind === 'other') {
      const wanted = `{kind: ${kind}, resting: [0.8 V, 1.9 V]}`;
      reading.report(node.at, `a cell of the kind "${kind}" needs its resting voltage: ${wanted}`);
    }
    return { ...CELL_OF_KIND, kind: kind ?? 'other', contact };
  }
  const [from, to, third] = resting.kind === 'list' ? resting.items : [];
  if (from === undefined || to === undefined || third !== undefined) {
    reading.report(resting.at, 'resting: two voltages are wanted: [0.8 V, 1.9 V]');
    return { ...CELL_OF_KIND, kind: kind ?? 'other', contact };
  }
  return {
    kind: kind ?? 'other',
    restingFrom: readExpression(from, 'voltage', names),
    restingTo: readExpression(to, 'voltage', names),
    contact,
  };
}

function readRequirements(node: SourceNode | null, names: Names): readonly SourceRequirement[] {
  const { reading } = names;
  if (node === null) return [];
  if (node.kind !== 'list' || node.items.length > REQUIREMENTS_MAX) {
    const found = node.kind === 'list' ? `${node.items.length} conditions` : wordsOfNode(node);
    reading.report(node.at, `require: found ${found}, a list of at most ${REQUIREMENTS_MAX} is wanted`);
    return [];
  }
  return node.items.flatMap((item) => {
    const fields = readTable(item, { keys: TABLES.requirement, what: 'require' }, reading);
    const that = readCondition(fields?.get('that') ?? null, names);
    const reason = readLine(
      fields?.get('reason') ?? null,
      { what: '"reason"', longest: LONGEST.meaning },
      reading,
    );
    return that === null ? [] : [{ at: item.at, that, reason }];
  });
}

function readSafety(node: SourceNode | null, names: Names): SourceSafety {
  const fields =
    node === null ? null : readTable(node, { keys: TABLES.safety, what: 'safety' }, names.reading);
  return {
    voltageAbove: readOptional(fields?.get('voltage above') ?? null, 'voltage', names),
    voltageBelow: readOptional(fields?.get('voltage below') ?? null, 'voltage', names),
    current: readOptional(fields?.get('current') ?? null, 'current', names),
    netCharge: readOptional(fields?.get('net charge') ?? null, 'charge', names),
  };
}
