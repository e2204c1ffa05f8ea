// Goal: a protocol becomes the tree that its author meant: integers, conditions decided, `each` unrolled,
// names and jumps resolved, and nothing is expanded or left without a bound. Method: short texts for a 12
// mm disc, asserted on the tree; hostile ones against the limits.
import { describe, expect, it } from 'vitest';
import { problemsOf, protocolText, treeOf, treeSteps } from '../../support/source-text.ts';

const LIMIT = '{voltage above: 0.5 V, then: end run, verdict: voltage-limit}';

function labels(steps: string, parameters: Readonly<Record<string, unknown>> = {}): string[] {
  return treeSteps(treeOf(protocolText(steps), parameters)).map(({ label }) => label);
}

describe('what is run', () => {
  it('works out values in their order, with the area of the cell', () => {
    const text = protocolText(`
values:
  q: 2 mAh/cm2 * area
  i: q / 2 h
steps:
  - {plate: i, until: [{charge: q}]}`);
    const [first] = treeSteps(treeOf(text));
    expect(first?.step.mode).toEqual({ kind: 'cc', currentPa: -1_130_000_000 });
    expect(first?.step.limits.stepChargeNc).toBe(2 * 4_068_000_000);
  });

  it.each([
    [{}, ['rest', 'conditioning-plating']],
    [{ first: 'no' }, ['conditioning-plating']],
    [{ first: 'yes', cycles: 0 }, ['rest']],
  ])('leaves out what its condition leaves out: %j', (parameters, expected) => {
    const text = `
parameters:
  first: {choices: ["yes", "no"], default: "yes", about: rest first}
  cycles: {default: 1, min: 0, max: 9, about: how often}
steps:
  - {rest: 1 min, when: first == yes}
  - {plate: 1 mA, when: cycles > 0, until: [{charge: 1 mAh}]}`;
    expect(labels(text, parameters)).toEqual(expected);
  });

  it('leaves out a group that runs no time, and one with nothing in it', () => {
    const text = `
steps:
  - {rest: 1 min}
  - {repeat: 0, steps: [{rest: 2 min}]}
  - {repeat: 5, steps: [{rest: 2 min, when: 1 > 2}]}`;
    expect(treeOf(protocolText(text)).items).toHaveLength(1);
  });

  it('says so where nothing is left', () => {
    expect(problemsOf(protocolText('steps: [{rest: 1 min, when: 1 > 2}]'))).toEqual([
      expect.stringMatching(/^with these parameters no step is left/),
    ]);
  });

  it('refuses with the reason of a requirement that does not hold', () => {
    const text = protocolText(`
require:
  - {that: 2 mAh/cm2 <= 1 mAh/cm2, reason: "more than the foil holds: take a thicker one"}
steps: [{rest: 1 min}]`);
    expect(problemsOf(text)).toEqual(['more than the foil holds: take a thicker one']);
  });

  it('tells each thing that is wrong, not only the first', () => {
    const text = protocolText(`
steps:
  - {rest: 1 min, label: a}
  - {cc: 0 mA, until: [{time: 1 h}]}
  - {plate: -1 mA, until: [{time: 1 h}]}`);
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/this current is 0/),
      expect.stringMatching(/"plate" takes a magnitude/),
    ]);
  });
});

describe('groups', () => {
  it('unrolls each value in its order, with its number in the names, and keeps counts as counts', () => {
    const tree = treeOf(
      protocolText(`
steps:
  - cycles: 1000000
    each: {j: [1 mA/cm2, 2 mA/cm2]}
    steps:
      - {plate: j * area, until: [{charge: 1 mAh}]}
      - {strip: j * area, until: [{charge: 1 mAh}]}`),
    );
    expect(tree.items.map((item) => item.kind === 'group' && [item.count, item.countsCycles])).toEqual([
      [1_000_000, true],
      [1_000_000, true],
    ]);
    const steps = treeSteps(tree);
    expect(steps.map(({ label }) => label)).toEqual([
      'cycling-plating-1',
      'cycling-stripping-1',
      'cycling-plating-2',
      'cycling-stripping-2',
    ]);
    expect(steps.map(({ step }) => step.mode.kind === 'cc' && step.mode.currentPa)).toEqual([
      -1_130_000_000, 1_130_000_000, -2_260_000_000, 2_260_000_000,
    ]);
  });

  it('numbers steps of one name', () => {
    expect(labels('steps: [{rest: 1 s}, {rest: 2 s}, {rest: 3 s}]')).toEqual(['rest', 'rest-2', 'rest-3']);
  });

  it('gives no step the name of a final state', () => {
    expect(labels('steps: [{rest: 1 s, label: ended}, {rest: 2 s, label: completed}]')).toEqual([
      'ended-2',
      'completed-2',
    ]);
  });

  it('says of the last half-cycle of a cycle, and of no other, that it completes it', () => {
    const steps = treeSteps(
      treeOf(
        protocolText(`
steps:
  - {plate: 1 mA, until: [{charge: 1 mAh}]}
  - cycles: 3
    steps:
      - {strip: 1 mA, until: [{charge: 1 mAh}]}
      - {plate: 1 mA, until: [{charge: 1 mAh}]}
      - {rest: 1 min}
      - {strip: 1 mA, every: 3, until: [{charge: 1 mAh}]}`),
      ),
    );
    expect(steps.map(({ step }) => step.completesCycle)).toEqual([false, false, true, false, false]);
  });

  it('leaves out what would come only in a pass that the group does not have', () => {
    const text = 'steps: [{repeat: 3, steps: [{rest: 1 s}, {rest: 2 s, every: 4}]}]';
    expect(labels(text)).toEqual(['rest']);
  });

  it.each([
    ['repeat: 0.5', /is not a whole number/],
    ['repeat: 2000000000', /runs 0 to 1000000000 times|1000000000/],
    ['repeat: 1 h', /a time/],
  ])('refuses the count %s', (count, message) => {
    const text = protocolText(`
values: {n: ${count.slice('repeat: '.length)}}
steps: [{repeat: n, steps: [{rest: 1 s}]}]`);
    expect(() => treeOf(text)).toThrow(message);
  });

  it('refuses counts that multiply beyond what can be counted', () => {
    const inner = '[{repeat: 1000000, steps: [{repeat: 1000000, steps: [{rest: 1 s}]}]}]';
    const text = protocolText(`steps: [{repeat: 1000000, steps: ${inner}}]`);
    expect(problemsOf(text)).toEqual([expect.stringMatching(/more than 1e15/)]);
  });

  it('refuses values in each other that unroll to more than a protocol may have, at once', () => {
    const values = Array.from({ length: 64 }, (_, index) => `${index + 1} s`).join(', ');
    const text = protocolText(`
steps:
  - repeat: 1
    each: {a: [${values}]}
    steps:
      - repeat: 1
        each: {b: [${values}]}
        steps:
          - {repeat: 1, each: {c: [${values}]}, steps: [{rest: c}]}`);
    expect(problemsOf(text)).toEqual([expect.stringMatching(/more than 2000 steps and groups/)]);
  });
});

describe('a jump', () => {
  const jump = (to: string): string => `{time: 1 min, then: {go to: ${to}, at most: 3}}`;

  it('leads to the step of the name in its own pass of an each', () => {
    const steps = treeSteps(
      treeOf(
        protocolText(`
steps:
  - repeat: 1
    each: {t: [1 s, 2 s]}
    steps:
      - {rest: t, label: again}
      - {rest: {}, until: [${jump('again')}]}`),
      ),
    );
    expect(steps.map(({ ends }) => ends.duration)).toEqual([
      { then: 'next' },
      { then: 'go to', label: 'again-1', atMost: 3 },
      { then: 'next' },
      { then: 'go to', label: 'again-2', atMost: 3 },
    ]);
  });

  it('leads out of a group to a step around it', () => {
    const text = protocolText(`
steps:
  - {rest: 1 s, label: again}
  - {repeat: 2, steps: [{rest: {}, until: [${jump('again')}]}]}`);
    expect(treeSteps(treeOf(text))[1]?.ends.duration).toMatchObject({ label: 'again' });
  });

  it('is refused where its target is left out', () => {
    const text = protocolText(`
steps:
  - {rest: 1 s, label: again, when: 1 > 2}
  - {rest: {}, until: [${jump('again')}]}`);
    expect(problemsOf(text)).toEqual([expect.stringMatching(/no step "again" to go to/)]);
  });
});

describe('cells', () => {
  it('plates the zinc: a negative current in a zinc cell, a positive one, the charge, in a full cell', () => {
    const text = `steps: [{plate: 1 mA, until: [{charge: 1 mAh}, ${LIMIT}]}]`;
    const currents = [protocolText(text), protocolText(text, '{kind: full-cell, resting: [0 V, 2 V]}')].map(
      (each) => treeSteps(treeOf(each))[0]?.step.mode,
    );
    expect(currents).toEqual([
      { kind: 'cc', currentPa: -1_000_000_000 },
      { kind: 'cc', currentPa: 1_000_000_000 },
    ]);
  });
});
