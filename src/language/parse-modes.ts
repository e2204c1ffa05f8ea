// What a step does and how it is recorded: current, voltage, sweep, spectrum, and the record rule.
import { areSameDimensions, dimensionsOf } from './dimensions.ts';
import { mismatch } from './evaluate.ts';
import type { Expression, Place } from './expression.ts';
import type { StepKind } from './parse-limits.ts';
import { TABLES } from './protocol-keys.ts';
import {
  type Fields,
  type Names,
  nothing,
  readExpression,
  readMeasured,
  readOptional,
  readTable,
  wordsOfNode,
} from './read-nodes.ts';
import type { SourceLimit, SourceMode, SourceRecord } from './source-tree.ts';
import type { SourceNode } from './yaml-nodes.ts';

const RECORD_BY_ITSELF: SourceRecord = { every: null, voltage: null, current: null, burst: null };

/** The mode of a step from the value of its first key. */
export function readMode(node: SourceNode, kind: StepKind, names: Names): SourceMode {
  switch (kind) {
    case 'rest':
      return { kind };
    case 'cc':
    case 'plate':
    case 'strip':
    case 'pulse':
      return { kind, current: readExpression(node, 'current', names) };
    case 'cv':
      return { kind, voltage: readExpression(node, 'voltage', names) };
    case 'sweep':
      return readSweep(node, names);
    case 'eis':
      return readSpectrum(node, names);
  }
}

/** The `time` limit that `rest: 6 h` stands for; null: `rest: {}`. */
export function readRestTime(node: SourceNode, at: Place, names: Names): SourceLimit | null {
  if (node.kind === 'text' && node.text === '') return null;
  if (node.kind === 'table' && node.entries.length === 0) return null;
  if (node.kind !== 'text') {
    names.reading.report(node.at, `rest: found ${wordsOfNode(node)}, a time is wanted, like 6 h, or {}`);
    return null;
  }
  const value = readExpression(node, 'time', names);
  return { at, quantity: 'time', value, holdsFor: null, then: { kind: 'next' } };
}

function readSweep(node: SourceNode, names: Names): SourceMode {
  const fields = readTable(node, { keys: TABLES.sweep, what: 'sweep' }, names.reading);
  const value = valuesOf(fields);
  const to = value('to');
  if (to?.kind === 'list' && (to.items.length === 0 || to.items.length > 2))
    names.reading.report(
      to.at,
      `sweep: ${to.items.length} vertices; one (linear) or two (cyclic) are wanted`,
    );
  const vertices = to === null ? [] : to.kind === 'list' ? to.items.slice(0, 2) : [to];
  const read = (key: 'from' | 'step'): Expression =>
    readOptional(value(key), 'voltage', names) ?? nothing(node.at);
  return {
    kind: 'sweep',
    from: read('from'),
    to: vertices.map((vertex) => readExpression(vertex, 'voltage', names)),
    rate: readOptional(value('rate'), 'scanRate', names) ?? nothing(node.at),
    step: read('step'),
    scans: readOptional(value('scans'), 'count', names),
  };
}

function readSpectrum(node: SourceNode, names: Names): SourceMode {
  const fields = readTable(node, { keys: TABLES.eis, what: 'eis' }, names.reading);
  const value = valuesOf(fields);
  const absent = { expression: nothing(node.at), dimensions: null };
  const [bias, amplitude] = (['bias', 'amplitude'] as const).map((key) => {
    const found = value(key);
    return found === null ? absent : readMeasured(found, 'any', names);
  });
  const frequency = (key: 'from' | 'to'): Expression =>
    readOptional(value(key), 'frequency', names) ?? nothing(node.at);
  const first = bias?.dimensions ?? null;
  const second = amplitude?.dimensions ?? null;
  const known = [dimensionsOf('voltage'), dimensionsOf('current')];
  if (first !== null && !known.some((dimensions) => areSameDimensions(dimensions, first)))
    names.reading.report(bias?.expression.at ?? node.at, 'bias is a voltage (EIS) or a current (GEIS): 0 V');
  else if (first !== null && second !== null && !areSameDimensions(first, second)) {
    const message = mismatch('bias and amplitude', { dimensions: first }, { dimensions: second });
    names.reading.report(amplitude?.expression.at ?? node.at, message);
  }
  return {
    kind: 'eis',
    bias: (bias ?? absent).expression,
    amplitude: (amplitude ?? absent).expression,
    from: frequency('from'),
    to: frequency('to'),
    points: readOptional(value('points'), 'count', names) ?? nothing(node.at),
  };
}

/** Values by key, all left out where the table was none. */
function valuesOf<Key extends string>(fields: Fields<Key> | null): (key: Key) => SourceNode | null {
  return (key) => fields?.get(key) ?? null;
}

/** `record: 60 s`, or a table. */
export function readRecord(node: SourceNode | null, names: Names): SourceRecord {
  if (node === null) return RECORD_BY_ITSELF;
  if (node.kind === 'text') return { ...RECORD_BY_ITSELF, every: readExpression(node, 'time', names) };
  const fields = readTable(node, { keys: TABLES.record, what: 'record' }, names.reading);
  if (fields === null) return RECORD_BY_ITSELF;
  return {
    every: readOptional(fields.get('every'), 'time', names),
    voltage: readOptional(fields.get('voltage'), 'voltage', names),
    current: readOptional(fields.get('current'), 'current', names),
    burst: readBurst(fields.get('burst'), names),
  };
}

function readBurst(node: SourceNode | null, names: Names): SourceRecord['burst'] {
  const fields = node === null ? null : readTable(node, { keys: TABLES.burst, what: 'burst' }, names.reading);
  if (fields === null) return null;
  const time = (key: 'every' | 'lasting'): Expression =>
    readOptional(fields.get(key), 'time', names) ?? nothing(fields.at);
  return { every: time('every'), lasting: time('lasting') };
}
