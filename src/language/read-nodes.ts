// Reads plain nodes by the tables of keys: what a table holds, a line, a word, an expression. Each reader
// reports what is wrong and goes on with something harmless, so that one pass over a text finds all of its
// problems.
import { UNIT_NAMES } from '../base/quantity.ts';
import { nearest, suggestion } from '../base/suggestion.ts';
import { areSameDimensions, numberOf } from './dimensions.ts';
import { dimensionsWanted, type Wanted, wrongDimension } from './evaluate.ts';
import type { Condition, Dimensions, Expression, Place } from './expression.ts';
import { checkCondition, inferDimensions, type Report, type Scope } from './infer-dimensions.ts';
import { parseCondition, parseExpression } from './parse-expression.ts';
import { type KeySpec, type KeyTable, LABEL, LABEL_LENGTH_MAX, NAME } from './protocol-keys.ts';
import type { SourceProblem } from './source-tree.ts';
import type { SourceNode, TableEntry, TextNode } from './yaml-nodes.ts';

/** What a reading has come upon so far. */
export interface Reading {
  readonly problems: readonly SourceProblem[];
  readonly report: Report;
  /** Enough for anybody: readers may stop. */
  readonly isFull: () => boolean;
}

const PROBLEMS_MAX = 25;
/** Of a text in a message. */
const QUOTED_LENGTH_MAX = 40;

export function createReading(): Reading {
  const problems: SourceProblem[] = [];
  return {
    problems,
    report: ({ line, column }, message) => {
      if (problems.length < PROBLEMS_MAX) problems.push({ line, column, message });
    },
    isFull: () => problems.length >= PROBLEMS_MAX,
  };
}

/** The values of a table by its keys. */
export interface Fields<Key extends string> {
  readonly at: Place;
  /** null: left out. */
  get(key: Key): SourceNode | null;
  has(key: Key): boolean;
  /** Where the key stands; the table where it is left out. */
  placeOf(key: Key): Place;
}

/** Reads a table: unknown keys, keys that stand twice, and required ones left out are reported. */
export function readTable<Key extends string>(
  node: SourceNode,
  { keys, what }: { readonly keys: Readonly<Partial<KeyTable<Key>>>; readonly what: string },
  { report, isFull }: Reading,
): Fields<Key> | null {
  const known = Object.keys(keys);
  if (node.kind !== 'table') {
    report(node.at, `${what}: found ${wordsOfNode(node)}, a table is wanted: ${known.join(', ')}`);
    return null;
  }
  const found = new Map<string, TableEntry>();
  for (const entry of node.entries) {
    if (isFull()) break;
    const name = keyName(entry.key);
    const earlier = found.get(name);
    if (!known.includes(name)) {
      const shown = quoted(entry.key);
      report(
        entry.at,
        `${what}: unknown key ${shown}; ${suggestion(name.slice(0, QUOTED_LENGTH_MAX), known)}`,
      );
    } else if (earlier !== undefined)
      report(entry.at, `${what}: "${name}" stands here and in line ${earlier.at.line}; leave one out`);
    else found.set(name, entry);
  }
  for (const [name, spec] of Object.entries<KeySpec | undefined>(keys)) {
    if (spec?.required === true && !found.has(name))
      report(node.at, `${what} has no "${name}"; add it: ${spec.about}`);
  }
  return {
    at: node.at,
    get: (key) => found.get(key)?.value ?? null,
    has: (key) => found.has(key),
    placeOf: (key) => found.get(key)?.at ?? node.at,
  };
}

/** `voltage_above` is `voltage above`. */
export function keyName(key: string): string {
  return key.replaceAll(/[_\s]+/g, ' ').trim();
}

/** Entries of a table whose keys the author chooses; each has a good name, not taken and not there twice. */
export function readNames(
  node: SourceNode,
  { what, most, isTaken }: { what: string; most: number; isTaken: (name: string) => boolean },
  { report, isFull }: Reading,
): readonly TableEntry[] {
  if (node.kind !== 'table') {
    report(node.at, `${what}: found ${wordsOfNode(node)}, a table of names is wanted`);
    return [];
  }
  if (node.entries.length > most)
    report(node.at, `${what}: ${node.entries.length} names; at most ${most} are allowed`);
  const names = new Set<string>();
  return node.entries.slice(0, most).filter(({ key, at }) => {
    if (isFull()) return false;
    const fault = nameFault(key);
    if (fault !== null) report(at, `${what}: ${fault}`);
    else if (names.has(key) || isTaken(key))
      report(at, `${what}: the name "${key}" is taken; choose another`);
    else {
      names.add(key);
      return true;
    }
    return false;
  });
}

/** What has a meaning in expressions already, and what every object of JavaScript has. */
const RESERVED = ['area', 'min', 'max', 'abs', ...Object.getOwnPropertyNames(Object.prototype)];

function nameFault(name: string): string | null {
  if (RESERVED.includes(name)) return `the name "${name}" is reserved; choose another`;
  if (NAME.test(name)) return null;
  return `${quoted(name)} is no name; letters, digits and "_", first a letter, at most 40`;
}

/** The text of a node. */
export function readText(node: SourceNode, what: string, { report }: Reading): TextNode | null {
  if (node.kind === 'text') return node;
  report(node.at, `${what}: found ${wordsOfNode(node)}, a text is wanted`);
  return null;
}

/** Free text on one line, not empty. */
export function readLine(
  node: SourceNode | null,
  { what, longest }: { readonly what: string; readonly longest: number },
  reading: Reading,
): string {
  const text = node === null ? null : readText(node, what, reading);
  if (text === null) return '';
  const line = text.text.replaceAll(/\s+/g, ' ').trim();
  if (line === '') reading.report(text.at, `${what} is empty; write a few words`);
  if (line.length > longest)
    reading.report(text.at, `${what} has ${line.length} characters; at most ${longest} are allowed`);
  if (/\p{Cc}/u.test(line)) reading.report(text.at, `${what} holds a control character; leave it out`);
  return line;
}

/** Lower-case words joined by `-`. */
export function readLabel(node: SourceNode | null, what: string, reading: Reading): string {
  const text = node === null ? null : readText(node, what, reading);
  if (text === null || isLabel(text.text)) return text?.text ?? '';
  const wanted = `lower case words and digits joined by "-", at most ${LABEL_LENGTH_MAX} characters`;
  reading.report(text.at, `${what}: found ${quoted(text.text)}; wanted: ${wanted}`);
  return '';
}

function isLabel(text: string): boolean {
  return text.length <= LABEL_LENGTH_MAX && LABEL.test(text);
}

/** One of the words; null where it is none. `end_run` is `end run`. */
export function readWord<Word extends string>(
  node: SourceNode | null,
  { what, words }: { readonly what: string; readonly words: readonly Word[] },
  reading: Reading,
): Word | null {
  const text = node === null ? null : readText(node, what, reading);
  if (text === null) return null;
  const word = words.find((known) => known === text.text || known === keyName(text.text));
  if (word !== undefined) return word;
  const found = quoted(text.text);
  const near = text.text.slice(0, QUOTED_LENGTH_MAX);
  reading.report(text.at, `${what}: found ${found}; ${suggestion(near, words)}`);
  return null;
}

/** A whole number, in digits. */
export function readWhole(
  node: SourceNode | null,
  { what, least, most }: { readonly what: string; readonly least: number; readonly most: number },
  reading: Reading,
): number {
  const text = node === null ? null : readText(node, what, reading);
  if (text === null) return least;
  const value = /^\d{1,15}$/.test(text.text) ? Number(text.text) : Number.NaN;
  if (value >= least && value <= most) return value;
  reading.report(text.at, `${what}: found ${quoted(text.text)}; a whole number ${least} … ${most} is wanted`);
  return least;
}

/** What expressions are read with. */
export interface Names {
  readonly reading: Reading;
  readonly scope: Scope;
}

/** Takes the place of what could not be read; the problem that was reported keeps it from being used. */
export function nothing(at: Place): Expression {
  return { kind: 'literal', at, text: '0', value: numberOf(0n) };
}

/** An expression with its dimensions; null where something about it was reported. */
export interface Measured {
  readonly expression: Expression;
  readonly dimensions: Dimensions | null;
}

/** An expression of the wanted dimension. */
export function readExpression(node: SourceNode, wanted: Wanted | 'any', names: Names): Expression {
  return readMeasured(node, wanted, names).expression;
}

/** The same, with its dimensions. */
export function readMeasured(node: SourceNode, wanted: Wanted | 'any', names: Names): Measured {
  const { reading, scope } = names;
  const text = readText(node, 'value', reading);
  if (text === null) return { expression: nothing(node.at), dimensions: null };
  const parsed = parseExpression(text.text, text.placeAt);
  if (!parsed.ok) {
    reading.report(parsed.problem, parsed.problem.message);
    return { expression: nothing(node.at), dimensions: null };
  }
  const dimensions = inferDimensions(parsed.value, scope, reading.report);
  if (dimensions !== null && wanted !== 'any' && !areSameDimensions(dimensions, dimensionsWanted(wanted)))
    reading.report(text.placeAt(0), wrongDimension({ dimensions }, wanted));
  return { expression: parsed.value, dimensions };
}

/** An optional expression; null: left out. */
export function readOptional(node: SourceNode | null, wanted: Wanted, names: Names): Expression | null {
  return node === null ? null : readExpression(node, wanted, names);
}

/** An optional condition; null: left out, or wrong and reported. */
export function readCondition(node: SourceNode | null, { reading, scope }: Names): Condition | null {
  const text = node === null ? null : readText(node, 'condition', reading);
  if (text === null) return null;
  const parsed = parseCondition(text.text, text.placeAt, (name) => scope.get(name)?.kind === 'choice');
  if (!parsed.ok) {
    reading.report(parsed.problem, parsed.problem.message);
    return null;
  }
  checkCondition(parsed.value, scope, reading.report);
  return parsed.value;
}

export function wordsOfNode(node: SourceNode): string {
  if (node.kind === 'text') return node.text === '' ? 'nothing' : quoted(node.text);
  return node.kind === 'list' ? 'a list' : 'a table';
}

/** A text as a message shows it: on one line, and not longer than a glance. */
export function quoted(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ');
  return line.length > QUOTED_LENGTH_MAX ? `"${line.slice(0, QUOTED_LENGTH_MAX)}…"` : `"${line}"`;
}

/** The unit that was meant, for a text that is a number with something behind it. */
export function unitHint(unit: string): string {
  const near = nearest(unit.slice(0, QUOTED_LENGTH_MAX), UNIT_NAMES);
  return near === null ? `units: ${UNIT_NAMES.join(', ')}` : `did you mean "${near}"?`;
}
