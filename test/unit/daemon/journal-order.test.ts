// Goal: what the cell will see is written down before it is sent, and what happened is written in whole
// prefixes.
// Method: frames on the wire and acknowledged commits of whole runs, in the one order in which they happened.

import { describe, expect, it } from 'vitest';
import type { LookAheadTree } from '../../../src/steps/step.ts';
import { type Happening, QUICK, type Rig, rig } from '../../support/rig.ts';

interface Wire {
  readonly type: string;
  readonly fields: Readonly<Record<string, string>>;
}

function parsed(frame: string): Wire {
  const [, type = '', ...rest] = frame.replace(/\*[0-9a-f]{8}$/, '').split(' ');
  const fields = Object.fromEntries(rest.map((field) => field.split('=') as [string, string]));
  return { type, fields };
}

type WireOrStored = Wire | { readonly stored: string[]; readonly commands: string[] };

/** `id/step number` of each node. */
function shapeOf(tree: LookAheadTree): string[] {
  return tree.nodes.map(({ id, stepNumber }) => `${id}/${stepNumber}`);
}

function wire(happenings: readonly Happening[]): WireOrStored[] {
  return happenings.flatMap((entry): WireOrStored[] => {
    if (entry.type === 'sent') return [parsed(entry.frame)];
    if (entry.type !== 'stored') return [];
    const { commands } = entry.commit;
    const trees = commands.flatMap((row) =>
      row.type === 'intent' && row.tree !== null ? [shapeOf(row.tree).join()] : [],
    );
    return [
      { stored: trees, commands: commands.flatMap((row) => (row.type === 'intent' ? [row.command] : [])) },
    ];
  });
}

/** Every load on the wire, and whether exactly its tree had been acknowledged before its first frame. */
function loadsOf(run: Rig): { readonly shape: string; readonly wasStored: boolean }[] {
  const stored = new Set<string>();
  const loads: { shape: string; wasStored: boolean }[] = [];
  let nodes: string[] = [];
  let storedAtJob = new Set<string>();
  for (const entry of wire(run.happenings)) {
    if ('stored' in entry) for (const shape of entry.stored) stored.add(shape);
    else if (entry.type === 'job') [nodes, storedAtJob] = [[], new Set(stored)];
    else if (entry.type === 'node') nodes.push(`${entry.fields['id']}/${entry.fields['n']}`);
    else if (entry.type === 'commit')
      loads.push({ shape: nodes.join(), wasStored: storedAtJob.has(nodes.join()) });
  }
  return loads;
}

const MANNERS = ['bench', 'simulate'] as const;

describe('the journal', () => {
  it.each(MANNERS)('has the intent of every load before its first frame is sent (%s)', (manner) => {
    const run = rig({ manner });
    run.runToEnd();
    const loads = loadsOf(run);
    expect(loads.length).toBeGreaterThanOrEqual(3 + 2 * QUICK.cycles);
    expect(loads.filter(({ wasStored }) => !wasStored)).toEqual([]);
  });

  it('has the intent of every load first also while the disk is slow and the link is cut', () => {
    const run = rig({ storeDelayMs: 300 });
    run.runToHalfCycle(1, 1000);
    run.line.cut();
    run.clock.advance(900);
    run.line.plugIn();
    run.runToEnd();
    expect(loadsOf(run).filter(({ wasStored }) => !wasStored)).toEqual([]);
  });

  it('has the intent to open the run before the device hears of it', () => {
    const run = rig({ storeDelayMs: 100 });
    run.runToEnd();
    const all = wire(run.happenings);
    const stored = all.findIndex((entry) => 'stored' in entry && entry.commands.includes('open'));
    const sent = all.findIndex((entry) => 'type' in entry && entry.type === 'open');
    expect(stored).toBeGreaterThanOrEqual(0);
    expect(sent).toBeGreaterThan(stored);
  });

  it.each(MANNERS)(
    'never holds the end of a step without all its samples: a crash leaves a prefix (%s)',
    (manner) => {
      const run = rig({ manner });
      run.runToEnd();
      let storedSeq = 0;
      const begun = new Set<number>();
      let ended = 0;
      for (const entry of run.happenings) {
        if (entry.type !== 'stored') continue;
        const { commit } = entry;
        if (commit.samples !== null) storedSeq = commit.samples.firstSeq + commit.samples.count - 1;
        for (const { stepNumber } of commit.stepsBegan) begun.add(stepNumber);
        for (const end of commit.stepsEnded) {
          ended += 1;
          expect(begun.has(end.stepNumber)).toBe(true);
          expect(storedSeq).toBeGreaterThanOrEqual(end.lastSeq);
          const isHalfCycle = run.told.halfCycles.some(({ stepNumber }) => stepNumber === end.stepNumber);
          expect(commit.halfCycles.some(({ stepNumber }) => stepNumber === end.stepNumber)).toBe(isHalfCycle);
        }
      }
      expect(ended).toBe(3 + 2 * QUICK.cycles);
    },
  );

  it('keeps with each step end where the run stands after it', () => {
    const run = rig();
    run.runToEnd();
    for (const entry of run.happenings) {
      if (entry.type !== 'stored') continue;
      const last = entry.commit.stepsEnded.at(-1);
      const isProgramEnd = last?.stepNumber === 3 + 2 * QUICK.cycles;
      if (last === undefined || isProgramEnd) continue;
      expect(entry.commit.checkpoint?.stepNumber).toBe(last.stepNumber + 1);
    }
  });

  it('writes the answer of the device to each command', () => {
    const run = rig();
    run.runToEnd();
    const rows = run.happenings.flatMap((entry) => (entry.type === 'stored' ? entry.commit.commands : []));
    const intents = rows.filter((row) => row.type === 'intent').map(({ number }) => number);
    const results = rows.filter((row) => row.type === 'result').map(({ number }) => number);
    expect(intents).toEqual(intents.map((_, index) => index + 1));
    // The `off` of the end is sent before it is written; its answer need not be.
    for (const number of intents.slice(0, -1)) expect(results).toContain(number);
  });
});
