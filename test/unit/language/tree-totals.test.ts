// Goal: what a tree comes to is what its expansion comes to, to the last nanocoulomb, however many its passes
// are. Method: random trees with small counts, expanded step by step beside the sums; then known ones.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTreeProgram } from '../../../src/language/tree-program.ts';
import { totalsOf } from '../../../src/language/tree-totals.ts';
import type { ResolvedTree, TreeItem, TreeStep } from '../../../src/language/tree.ts';
import { startMachine, stepMachine } from '../../../src/steps/machine.ts';
import { possibleEnds } from '../../../src/steps/step.ts';
import { stepEnded } from '../../support/prepared.ts';
import { CHARGE_NC, group, half, randomTrees, rest, treeOf } from '../../support/resolved-trees.ts';

const SMALL = { counts: [1, 2, 3, 5], depth: 3, width: 4 };

/** Every step in order, each pass walked; how many cycles were counted on the way. */
function expanded({ items }: ResolvedTree): { readonly steps: TreeStep[]; readonly cycles: number } {
  const steps: TreeStep[] = [];
  const passes = (parts: readonly TreeItem[], count: number): number => {
    let cycles = 0;
    for (let pass = 1; pass <= count; pass += 1)
      for (const part of parts) {
        if (pass % part.every !== 0) continue;
        if (part.kind === 'step') {
          steps.push(part);
          continue;
        }
        const before = steps.length;
        cycles += passes(part.items, part.count);
        if (part.countsCycles && steps.length > before) cycles += part.count;
      }
    return cycles;
  };
  const cycles = passes(items, 1);
  return { steps, cycles };
}

/** Whether the end by this limit leads to the next step. */
function leadsOn({ ends }: TreeStep, reason: 'net-charge' | 'step-charge'): boolean {
  return ends[reason]?.then === 'next' || ends[reason]?.then === 'hold';
}

function farthestNet(steps: readonly TreeStep[]): number {
  let [net, most] = [0, 0];
  for (const part of steps) {
    const { limits, mode } = part.step;
    if (mode.kind !== 'cc') continue;
    if (limits.netChargeNc !== null && leadsOn(part, 'net-charge')) net = limits.netChargeNc;
    else net += Math.sign(mode.currentPa) * CHARGE_NC;
    most = Math.max(most, Math.abs(net));
  }
  return most;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

describe('the totals of a tree', () => {
  it('are those of its expansion', () => {
    fc.assert(
      fc.property(randomTrees(SMALL), (tree) => {
        const { steps, cycles } = expanded(tree);
        const halves = (name: string): number => steps.filter(({ step }) => step.half === name).length;
        expect(totalsOf(tree)).toMatchObject({
          steps: steps.length,
          cycles,
          durationExpectedUs: sum(steps.map(({ step }) => step.durationExpectedUs)),
          platedChargeNc: halves('plate') * CHARGE_NC,
          strippedChargeNc: halves('strip') * CHARGE_NC,
          netChargeMostNc: farthestNet(steps),
        });
      }),
      { numRuns: 300 },
    );
  });

  it('bound every walk of the machine from above, jumps included', () => {
    const numbers = fc.array(fc.nat(100), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(randomTrees({ ...SMALL, counts: [1, 2] }), numbers, (tree, picks) => {
        const program = createTreeProgram(tree, { id: 'test' });
        let [snapshot, us] = [startMachine(program.machine), 0];
        for (const pick of picks) {
          const step = program.stepOf(snapshot);
          if (step === null) break;
          us += step.durationMaxUs;
          const possible = possibleEnds(step);
          snapshot = stepMachine(
            program.machine,
            snapshot,
            stepEnded(possible[pick % possible.length] ?? 'duration'),
          );
        }
        expect(us).toBeLessThanOrEqual(totalsOf(tree).durationLongestUs);
      }),
      { numRuns: 300 },
    );
  });

  it('have expected time between the shortest and the longest', () => {
    fc.assert(
      fc.property(randomTrees({ ...SMALL, counts: [1, 2, 1000, 1e9], depth: 5 }), (tree) => {
        const totals = totalsOf(tree);
        for (const value of Object.values(totals)) expect(Number.isSafeInteger(value)).toBe(true);
        expect(totals.durationShortestUs).toBeLessThanOrEqual(totals.durationExpectedUs);
        expect(totals.durationExpectedUs).toBeLessThanOrEqual(totals.durationLongestUs);
      }),
    );
  });

  it('of symmetric cycling are what one works out by hand', () => {
    const cycle = [
      half('plate', 'plate', { netChargeNc: -CHARGE_NC }),
      half('strip', 'strip', { netChargeNc: 0, completesCycle: true }),
      rest('look', { every: 10, durationUs: 60_000_000 }),
    ];
    expect(totalsOf(treeOf(rest('wetting'), group(12_000, cycle, { countsCycles: true })))).toEqual({
      steps: 1 + 24_000 + 1200,
      cycles: 12_000,
      durationExpectedUs: 60_000_000 + 24_000 * 3_600_000 + 1200 * 60_000_000,
      durationLongestUs: 60_000_000 + 24_000 * (3_960_000 + 1_000_000) + 1200 * 60_000_000,
      durationShortestUs: 60_000_000 + 1200 * 60_000_000,
      platedChargeNc: 12_000 * CHARGE_NC,
      strippedChargeNc: 12_000 * CHARGE_NC,
      netChargeMostNc: CHARGE_NC,
      samplesExpected: 62 + 24_000 * 38 + 1200 * 62,
    });
  });

  it('follow a charge that creeps with each tenth pass, and what is too irregular they bound', () => {
    const cycle = (everys: readonly number[]): TreeItem[] => [
      half('plate', 'plate'),
      half('strip', 'strip'),
      ...everys.map((every) => half(`extra-${every}`, 'strip', { every })),
    ];
    const creeping = totalsOf(treeOf(group(1_000_000, cycle([10]))));
    expect(creeping.netChargeMostNc).toBe(100_000 * CHARGE_NC);
    const irregular = totalsOf(treeOf(group(1_000_000_000, cycle([991, 997, 1009]))));
    expect(irregular.netChargeMostNc).toBe(irregular.platedChargeNc + irregular.strippedChargeNc);
  });

  it('stand at the largest exact number where they are beyond it', () => {
    const { steps, durationExpectedUs } = totalsOf(treeOf(group(1e9, [group(1e9, [rest('a')])])));
    expect([steps, durationExpectedUs]).toEqual([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]);
  });
});
