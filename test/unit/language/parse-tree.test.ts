// Goal: a text becomes the source tree that its author meant, or problems that say where, what was found and
// what to write. Method: one example that uses most of the language, and the same example spoilt in one line.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseProtocolText } from '../../../src/language/parse-tree.ts';
import type { SourceItem, SourceProtocol } from '../../../src/language/source-tree.ts';
import { EXAMPLE } from './example.ts';

function sourceOf(text: string): SourceProtocol {
  const parsed = parseProtocolText(text, { fileName: 'example.yaml' });
  if (!parsed.ok)
    throw new Error(parsed.problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return parsed.source;
}

/** `line:column message` of each problem. */
function problemsOf(text: string): readonly string[] {
  const parsed = parseProtocolText(text, { fileName: 'example.yaml' });
  return parsed.ok ? [] : parsed.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

/** The example with one part of it in other words. */
function spoilt(part: string, by: string): string {
  expect(EXAMPLE).toContain(part);
  return EXAMPLE.replace(part, () => by);
}

/** Kinds and labels, groups in brackets. */
function outline(items: readonly SourceItem[]): unknown[] {
  return items.map((item) => (item.kind === 'step' ? item.mode.kind : outline(item.items)));
}

/** Quantity, value and what follows, of each limit. */
function endsOf(item: SourceItem | undefined): unknown[] {
  return item?.kind === 'step' ? item.limits.map((limit) => [limit.quantity, limit.value, limit.then]) : [];
}

/** Without places, which differ between spellings of the same protocol. */
function withoutPlaces(source: SourceProtocol): unknown {
  return JSON.parse(
    JSON.stringify(source, (key, value: unknown) => {
      if (key === 'at') return undefined;
      return typeof value === 'bigint' ? String(value) : value;
    }),
  );
}

describe('the example', () => {
  const source = sourceOf(EXAMPLE);

  it('has its steps in order, groups as one node', () => {
    const groups = [
      ['plate', 'strip'],
      ['pulse', 'rest'],
    ];
    expect(outline(source.steps)).toEqual(['rest', ...groups, 'cv', 'sweep', 'eis', 'cc']);
    expect(source.steps[1]).toMatchObject({ countsCycles: true, each: { name: 'j' }, label: 'blocks' });
    expect(source.steps[2]).toMatchObject({ countsCycles: false, count: { text: '3' }, each: null });
  });

  it('reads shorthands as what they stand for', () => {
    const [rest] = source.steps;
    expect(rest).toMatchObject({
      at: { line: 22, column: 5 },
      mode: { kind: 'rest' },
      limits: [{ quantity: 'time', value: { text: '6 h', at: { line: 22, column: 11 } } }],
      record: { every: { text: '60 s' }, voltage: null, burst: null },
      phase: 'wetting',
    });
  });

  it('reads limits with what follows', () => {
    const [, group] = source.steps;
    const [plate, strip] = group?.kind === 'group' ? group.items : [];
    expect(endsOf(plate)).toMatchObject([
      ['charge', { kind: 'name', name: 'q' }, { kind: 'next' }],
      [
        'voltage below',
        { kind: 'negative', operand: { text: '0.5 V' } },
        { kind: 'end run', verdict: 'voltage-limit', reason: 'plating limit' },
      ],
    ]);
    expect(plate).toMatchObject({
      limits: [{ holdsFor: null }, { holdsFor: { text: '1 s' } }],
      record: { burst: { every: { text: '100 ms' }, lasting: { text: '60 s' } } },
    });
    expect(endsOf(strip)).toMatchObject([
      ['voltage above', { text: '0.5 V' }, { kind: 'next' }],
      ['last charge', { text: '120 %' }, { kind: 'end run', verdict: 'short-asymmetric' }],
      ['short floor', { text: '1 mV' }, { kind: 'go to', label: 'plate', atMost: { text: '3' } }],
    ]);
  });

  it('gives its parameters the dimension of their default', () => {
    expect(source.parameters).toMatchObject({
      low_rate: { kind: 'quantity', dimension: 'currentDensity', min: '1 uA/cm2' },
      cycles: { kind: 'count', default: 5, min: 0 },
      fixed: { kind: 'choice', choices: ['charge', 'time'] },
    });
  });

  it('is the same in JSON, and with "_" for the space in keys', () => {
    const value: unknown = parse(EXAMPLE);
    expect(withoutPlaces(sourceOf(JSON.stringify(value, null, '\t')))).toEqual(withoutPlaces(source));
    expect(withoutPlaces(sourceOf(stringify(value)))).toEqual(withoutPlaces(source));
    const underscored = EXAMPLE.replaceAll(
      /(voltage|net|last|current|at|go) (above|below|charge|most|to):/g,
      '$1_$2:',
    );
    expect(underscored).not.toBe(EXAMPLE);
    expect(withoutPlaces(sourceOf(underscored))).toEqual(withoutPlaces(source));
  });
});

describe('what is wrong is said with its place', () => {
  it.each<[string, string, RegExp]>([
    [
      'galvanode: protocol/1',
      'galvanode: protocol/2',
      /^1:12 galvanode: found "protocol\/2"; did you mean "protocol\/1"\?$/,
    ],
    [
      'name: rate-performance',
      'name: Rate performance',
      /^2:7 name: found "Rate performance"; wanted: lower case/,
    ],
    ['version: 1', 'version: 1.0', /^3:10 version: found "1.0"; a whole number 1 … /],
    ['version: 1\n', '', /^1:1 example.yaml has no "version"; add it/],
    ['title: Rate', 'titel: Rate', /unknown key "titel"; did you mean "title"\?/],
    ['cell: zn-zn', 'cell: full-cell', /^7:7 a cell of the kind "full-cell" needs its resting voltage/],
    ['cell: zn-zn', 'cell: {kind: other, resting: [0.8 V]}', /resting: two voltages are wanted/],
    ['cell: zn-zn', 'cell: zn-cn', /^7:7 cell: found "zn-cn"; did you mean "zn-zn"\?/],
    ['rate-capability', 'rate-capabilty', /^8:10 derives: .*did you mean "rate-capability"\?/],
    [
      'default: 0.5 mA/cm2',
      'default: 0.5 mA/cm3',
      /^10:23 parameter "low_rate": unknown unit "mA\/cm3"; did you mean "mA\/cm2"/,
    ],
    ['default: 0.5 mA/cm2', 'default: 500 mA/cm2', /^10:23 default of "low_rate": 500 mA\/cm2 is outside/],
    ['min: 1 uA/cm2', 'min: 1 uA', /"min": "1 uA" is a current, expected a current density/],
    ['min: 1 uA/cm2, max: 200', 'min: 1 A/cm2, max: 200', /"min" 1 A\/cm2 is above "max" 200 mA\/cm2/],
    [
      'default: 5, min: 0',
      'default: 5.5, min: 0',
      /"default" is "5.5"; a number without a unit is a count, whole/,
    ],
    ['default: 5, min: 0,', 'default: 5,', /parameter "cycles" has no "min"/],
    ['default: charge, about', 'default: chrge, about', /"chrge" is not a choice; did you mean "charge"\?/],
    ['  q: areal', '  area: areal', /^15:3 values: the name "area" is reserved/],
    ['  q: areal', '  constructor: areal', /^15:3 values: the name "constructor" is reserved/],
    ['  q: areal', '  __proto__: areal', /^15:3 values: the name "__proto__" is reserved/],
    ['  q: areal', '  cycles: areal', /the name "cycles" is taken/],
    ['  i: low_rate', '  q: low_rate', /the name "q" is taken/],
    [
      'areal_capacity * area',
      'areal_capasity * area',
      /^15:6 unknown name "areal_capasity"; did you mean "areal_capacity"\?/,
    ],
    ['q: areal_capacity * area', 'q: foil_charge', /^15:6 unknown name "foil_charge"/],
    ['that: q <= foil_charge', 'that: q <= area', /^19:14 "<=" of a charge and an area/],
    [
      '{voltage above: 2 V,',
      '{voltage above: 2 mA,',
      /^20:25 found a current, a voltage is wanted; write it like "0.5 V"/,
    ],
    ['- rest: 6 h', '- rest: 6 V', /^22:11 found a voltage, a time is wanted/],
    [
      '- rest: 6 h',
      '- rest: {}',
      /^22:5 nothing bounds this rest step in time; add "at most: 2 h", a limit of time$/,
    ],
    ['phase: wetting', 'phase: weting', /^24:12 phase: .*did you mean "wetting"/],
    ['when: cycles > 0', 'when: cycles > 1 s', /">" of a pure number and a time/],
    [
      'when: fixed == charge',
      'when: fixed == capacity',
      /"capacity" is no choice of "fixed"; known: charge, time/,
    ],
    ['[low_rate, 2 * low_rate]', '[low_rate, 2 mA]', /each of a current density and a current/],
    ['each: {j:', 'each: {q:', /each: the name "q" is taken/],
    ['- plate: j * area', '- plate: j', /^31:16 found a current density, a current is wanted/],
    ['- {cc: -i', '- {cc: -j * area', /unknown name "j"/],
    ['- charge: q', '- charge: q\n          - charge: 2 * q', /a second limit of "charge" in this step/],
    ['- rest: 6 h', '- rest: 6 h\n    until: [{time: 1 h}]', /a second limit of "time" in this step/],
    [
      '- charge: q',
      '- current below: 1 mA',
      /a limit of "current below" does not fit a plate step; it may have: time, charge/,
    ],
    ['{time: 2 h}, {current', '{last charge: 80 %}, {current', /"last charge" does not fit a cv step/],
    [
      '{time: 2 h}, {current',
      '{charge: q}, {current',
      /nothing bounds this cv step in time; add "at most: 2 h", a limit of time$/,
    ],
    ['at most: 2 h}', 'phase: rest}', /nothing bounds this cc step in time.*or a limit of charge/],
    ['[{voltage above: 0.5 V}], at most', '[{time: 1 h}], at most', /"at most" beside a limit of time/],
    ['for: 1 s, then', 'for: 1 V, then', /found a voltage, a time is wanted/],
    ['- charge: q', '- {charge: q, for: 1 s}', /"for" beside "charge"; it goes with: voltage above/],
    [
      'then: end run, verdict: v',
      'then: end rnu, verdict: v',
      /then: found "end rnu"; did you mean "end run"\?/,
    ],
    ['verdict: voltage-limit', 'verdict: voltage', /verdict: found "voltage"; known: completed/],
    [
      'then: hold, reason: look at the cell',
      'then: hold',
      /a hold has no "reason"; say what the operator is to do/,
    ],
    ['then: hold, reason', 'verdict: fault, then: hold, reason', /"verdict" goes with "then: end run" only/],
    ['{voltage above: 0.5 V}\n', '{voltage above: 0.5 V, reason: x}\n', /"reason" goes with/],
    ['go to: plate', 'go to: plato', /go to: no step has the label "plato"; did you mean "plate"\?/],
    ['go to: plate', 'go to: blocks', /go to: "blocks" is a group/],
    [
      'then: hold, reason: look at the cell',
      'then: {go to: plate, at most: 1}',
      /"plate" is inside another group/,
    ],
    ['{go to: plate, at most: 3}', '{go to: plate}', /then has no "at most"; add it/],
    ['label: wetting', 'label: plate', /^31:9 the label "plate" stands here and in line 22; rename one/],
    ['label: wetting', 'label: Wetting', /^23:12 label: found "Wetting"; wanted: lower case/],
    [
      '      - pulse: 3 * i',
      '      - pulse: 3 * i\n        cc: i',
      /a part with "cc" and "pulse"; write two/,
    ],
    ['- {cv: 1.8 V', '- {vc: 1.8 V', /found a part with vc, until; it needs one of: rest, cc, plate/],
    [
      'until: [{time: 10 ms}]',
      'phase: diagnostic',
      /a pulse has no limit of time; add: until: \[\{time: 10 ms\}\]/,
    ],
    ['- repeat: 3\n    when', '- when', /a group has no count; add "repeat: 3", "cycles: 3" or "each"/],
    ['repeat: 3', 'repeat: 2.5', /5\/2 is not a whole number/],
    ['repeat: 3', 'repeat: 2000000000', /2000000000 times; at most 1000000000 are allowed/],
    ['- rest: 6 h', '- rest: 6 h\n    every: 2', /"every" counts the passes of a group/],
    ['scans: 3}}', 'scans: 3}, until: [{time: 1 h}]}', /sweep step: unknown key "until"/],
    ['to: [-0.2 V, 1 V]', 'to: [-0.2 V, 1 V, 0 V]', /sweep: 3 vertices; one \(linear\) or two \(cyclic\)/],
    ['amplitude: 5 mV', 'amplitude: 5 mA', /bias and amplitude of a voltage and a current/],
    ['bias: 0 V', 'bias: 0', /bias is a voltage \(EIS\) or a current \(GEIS\)/],
    ['from: 100 kHz', 'from: 100 s', /found a time, a frequency is wanted; write it like "100 kHz"/],
    ['- strip: j * area', '- strip: j * area\n        strip: j', /"strip" stands here and in line/],
    [
      'voltage below: -2 V',
      'voltage above: 1 V, voltage_above: 1 V',
      /"voltage above" stands here and in line 20/,
    ],
    ['reason: "strip guard"', 'reason: ""', /"reason" is empty/],
  ])('%s as %s', (part, by, message) => {
    const problems = problemsOf(spoilt(part, by));
    expect(problems.join('\n')).toMatch(message);
    expect(problems.filter((problem) => problem.includes('undefined'))).toEqual([]);
  });

  it('finds several in one go, in the order of the text', () => {
    const text = EXAMPLE.replace('6 h', '6 V').replace('for: 1 s', 'four: 1 s').replace('100 kHz', '100 kHZ');
    const problems = problemsOf(text);
    expect(problems).toHaveLength(3);
    expect(problems.map((problem) => Number(problem.split(':')[0]))).toEqual([22, 36, 51]);
  });

  it('refuses cycles inside cycles, and a last charge with nothing before it', () => {
    const nested = spoilt(
      '      - plate: j * area',
      '      - cycles: 2\n        steps: [{rest: 1 s}]\n      - plate: j * area',
    );
    expect(problemsOf(nested).join('\n')).toMatch(/"cycles" inside "cycles"; the inner group is a "repeat"/);
    const first = spoilt('- rest: 6 h', '- {cc: 1 mA, until: [{last charge: 50 %}]}\n  - rest: 6 h');
    expect(problemsOf(first).join('\n')).toMatch(
      /"last charge" in a step with no step with current before it/,
    );
  });
});

describe('any text', () => {
  const isOneLine = (problem: string): boolean => !problem.includes('\n') && problem.length < 2000;

  it('is parsed or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(problemsOf(text).every(isOneLine)).toBe(true);
        expect(problemsOf(text).length).toBeGreaterThan(0);
      }),
    );
  });

  it('that a good one was spoilt into is parsed or refused, never thrown at', () => {
    const junk = fc.constantFrom(
      '',
      ' ',
      '\n',
      ':',
      '- ',
      '{',
      '}',
      '[',
      ']',
      ',',
      '"',
      "'",
      '#',
      '|',
      '&a',
      '*a',
      '?',
      '%',
      '__proto__: 1\n',
      'é',
      '\t',
      '0',
      '1e9',
      '(',
      'then: ',
    );
    const edit = fc.tuple(fc.nat(EXAMPLE.length), fc.nat(12), junk);
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let text = EXAMPLE;
        for (const [at, length, by] of edits) text = text.slice(0, at) + by + text.slice(at + length);
        const problems = problemsOf(text);
        expect(problems.every((problem) => isOneLine(problem) && /^\d+:\d+ \S/.test(problem))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('with lines exchanged is parsed or refused, never thrown at', () => {
    const lines = EXAMPLE.split('\n');
    const pair = fc.tuple(fc.nat(lines.length - 1), fc.nat(lines.length - 1));
    fc.assert(
      fc.property(pair, ([from, to]) => {
        const moved = lines.filter((_line, index) => index !== from);
        moved.splice(to, 0, lines[from] ?? '');
        expect(problemsOf(moved.join('\n')).every(isOneLine)).toBe(true);
      }),
      { numRuns: 80 },
    );
  });
});
