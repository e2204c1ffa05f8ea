// Goal: no text makes the parser slow, deep or large; a small text that stands for an endless run is read as
// the small text it is. Method: texts made for it, each under a bound of time far above what is needed.

import { describe, expect, it } from 'vitest';
import { parseProtocolText } from '../../../src/language/parse-tree.ts';
import { EXAMPLE } from './example.ts';

const HEAD = EXAMPLE.slice(0, EXAMPLE.indexOf('steps:'));
const KIB_256 = 256 * 1024;
/** Generous: the machine may be busy. Without the bounds, the texts below take minutes or end the process. */
const SOON_MS = 4000;

function problemsOf(text: string): readonly string[] {
  const start = performance.now();
  const parsed = parseProtocolText(text, { fileName: 'hostile.yaml' });
  expect(performance.now() - start).toBeLessThan(SOON_MS);
  return parsed.ok ? [] : parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

function filled(piece: string): string {
  return piece.repeat(Math.floor(KIB_256 / piece.length));
}

/** Groups inside each other, a step in the innermost. */
function nest(depth: number): string {
  let steps = '[{rest: 1 s}]';
  for (let level = 0; level < depth; level += 1) steps = `[{repeat: 1000000000, steps: ${steps}}]`;
  return `${HEAD}steps: ${steps}\n`;
}

describe('a hostile text', () => {
  it.each<[string, string, RegExp]>([
    [
      'aliases that double',
      'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]',
      /^1:4 found the anchor "&a"; leave it out/,
    ],
    ['an alias alone', 'a: *b', /^1:4 found the alias "\*b"/],
    ['a merge key with its alias', '<<: *base', /^1:5 found the alias/],
    ['a tag', 'a: !!binary x', /^1:4 found the tag "!!binary"/],
    ['a directive', '%YAML 1.1\n---\na: 1', /^1:1 found the directive/],
    ['a second document', 'a: 1\n---\nb: 1', /^2:1 found "---", the start of a second document/],
    ['lists without end', filled('['), /^1:81 more than 80 lists and tables inside each other/],
    ['tables without end', filled('{a: '), /more than 80 lists and tables/],
    ['dashes without end', filled('- '), /more than 80 lists and tables/],
    ['questions without end', filled('? '), /more than 80 lists and tables/],
    ['closing brackets', filled('a: ]'), /found "\]", which closes nothing/],
    ['commas', `[${filled(',').slice(2)}]`, /found "," with nothing before it/],
    ['documents', filled('---\n'), /the start of a second document/],
    ['keys', filled('a:\n'), /more than 60000 words and signs/],
    ['a key that is a list', '? [a]\n: b', /a key that is a list or a table/],
    [
      'more than it may have',
      `${EXAMPLE}${filled('# x\n')}`,
      /^1:1 a text of \d+ characters; at most 256 KiB/,
    ],
    ['more bytes than it may have', 'é'.repeat(KIB_256 - 1), /at most 256 KiB/],
    ['many small wrong keys', `${HEAD}steps:\n${'  - {rset: 1 s}\n'.repeat(5000)}`, /found a part with rset/],
    ['one very long key', `${HEAD}${'k'.repeat(100_000)}: 1\n`, /The : indicator|unknown key|has no "steps"/],
    [
      'a long expression',
      `${HEAD}steps: [{rest: ${'1+'.repeat(100_000)}}]`,
      /an expression of 200000 characters; at most 400/,
    ],
    ['nothing', '', /found nothing, a table is wanted/],
    ['a word', 'x', /found "x", a table is wanted: galvanode, name/],
  ])('of %s is refused soon', (_what, text, message) => {
    const problems = problemsOf(text);
    expect(problems.join('\n')).toMatch(message);
    expect(problems.length).toBeLessThanOrEqual(25);
    expect(problems.every((problem) => problem.length < 1000)).toBe(true);
  });

  it('with names that every object has is refused like any other wrong name', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(problemsOf(`${HEAD}${name}: 1\nsteps: [{rest: 1 s}]`).join('\n')).toContain(
        `unknown key "${name}"`,
      );
      const parameter = EXAMPLE.replace('  low_rate:', `  ${name}:`);
      expect(problemsOf(parameter).join('\n')).toContain(`the name "${name}" is reserved`);
      const inExpression = EXAMPLE.replace('rest: 6 h', `rest: 6 h * ${name}`);
      expect(problemsOf(inExpression).join('\n')).toContain(`unknown name "${name}"`);
    }
    expect(({} as Record<string, unknown>)['default']).toBeUndefined();
  });

  it('of more than 2000 parts is refused, one of 2000 is not', () => {
    const steps = (count: number): string => `${HEAD}steps:\n${'  - rest: 1 s\n'.repeat(count)}`;
    expect(problemsOf(steps(2000))).toEqual([]);
    expect(problemsOf(steps(2001)).join('\n')).toMatch(/more than 2000 steps and groups; let a group repeat/);
  });

  it('of more than 12 groups inside each other is refused, one of 12 is not', () => {
    expect(problemsOf(nest(12))).toEqual([]);
    expect(problemsOf(nest(13)).join('\n')).toMatch(/more than 12 groups inside each other/);
  });

  it('of more than 64 values in "each" is refused', () => {
    const each = (count: number): string => {
      const values = Array.from({ length: count }, () => '1 s').join(', ');
      return `${HEAD}steps: [{each: {x: [${values}]}, steps: [{rest: x}]}]`;
    };
    expect(problemsOf(each(64))).toEqual([]);
    expect(problemsOf(each(65)).join('\n')).toMatch(/each: found 65 values, a list of 1 … 64 values/);
  });
});

describe('a run without end in a small text', () => {
  it('is one node for each group, whatever the counts', () => {
    const parsed = parseProtocolText(nest(12), { fileName: 'loops.yaml' });
    const size = JSON.stringify(parsed, (_key, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    ).length;
    expect(parsed.ok).toBe(true);
    expect(size).toBeLessThan(20_000);
  });
});
