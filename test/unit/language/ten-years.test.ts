// Goal: a protocol of ten years costs no more than one of ten cycles: neither to check nor to explain, nor in
// the checkpoint of its run. Method: the work is counted, as reads of the tree and as steps asked of the
// machine, never timed; checkpoints are those that the daemon stored of simulated runs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkTree } from '../../../src/language/check-tree.ts';
import { explain } from '../../../src/language/explain.ts';
import { type PreparedTree, treeOf } from '../../../src/language/tree.ts';
import { checkProgram, modesOf } from '../../../src/steps/check-program.ts';
import type { PreparedProtocol } from '../../../src/steps/protocol.ts';
import { prepared } from '../../support/prepared.ts';
import { lastCheckpoint, type LongRun, tenYears } from '../../support/ten-years.ts';

interface Work {
  reads: number;
  steps: number;
}

/** The same object, whose reads, and those of all within it, are counted. */
function watched<T extends object>(target: T, work: Work): T {
  return new Proxy(target, {
    get(of, key, receiver) {
      work.reads += 1;
      const value: unknown = Reflect.get(of, key, receiver);
      return typeof value === 'object' && value !== null ? watched(value, work) : value;
    },
  });
}

function workOf(counts: { readonly inner: number; readonly outer: number }): Work {
  const plain = prepared(counts, tenYears());
  const tree = treeOf(plain);
  if (tree === null) throw new Error('a protocol of the language has a tree');
  const work = { reads: 0, steps: 0 };
  const counting: PreparedProtocol & PreparedTree = {
    ...plain,
    tree: watched(tree, work),
    stepOf: (snapshot) => {
      work.steps += 1;
      return plain.stepOf(snapshot);
    },
  };
  const modes = modesOf(counting);
  const bounds = { currentMaxPa: 1e12, voltageSpanNv: 1e10, recordBursts: null, modes };
  expect(checkProgram(counting, bounds)).toEqual([]);
  expect(checkTree(counting.tree)).toEqual([]);
  expect(explain(counting)?.cycles).toBe(counts.inner * counts.outer);
  return work;
}

/** `every: 1000` is in each: a part that never runs is not asked for everything. */
const FEW = { inner: 1000, outer: 2 };
const MANY = { inner: 10_000, outer: 120 };

describe('a protocol of ten years', () => {
  it('has more than a million cycles', () => {
    expect(prepared({}, tenYears()).plan).toMatchObject({ cycles: 1_200_000 });
    expect(prepared({}, tenYears()).plan.durationUs).toBeGreaterThan(10 * 365 * 86_400e6);
  });

  it('is checked and explained with the same work as a short one', () => {
    const few = workOf(FEW);
    expect(few.reads).toBeGreaterThan(100);
    expect(workOf(MANY)).toEqual(few);
  });
});

describe('the checkpoint of a run', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'galvanode-ten-years-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each<[LongRun, readonly [object, object]]>([
    [
      'tree',
      [
        { inner: 3, outer: 1 },
        { inner: 50, outer: 2 },
      ],
    ],
    ['symmetric-cycling', [{ cycles: 3 }, { cycles: 100 }]],
  ])('of %s is less than 4 KB, and longer only by the digits of its numbers', async (name, [few, many]) => {
    const short = await lastCheckpoint(name, folder, { parameters: { ...few } });
    const long = await lastCheckpoint(name, folder, { parameters: { ...many } });
    expect([short.cycles, long.cycles]).toEqual([3, 100]);
    expect(long.bytes).toBeLessThan(4096);
    expect(long.bytes - short.bytes).toBeLessThan(40);
  });
});
