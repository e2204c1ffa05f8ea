// Goal: whatever protocol is in the registry, its table of transitions is the one that was read and agreed
// to, a short run of it comes to its end, and what was recorded of that run replays without a difference.
// Method: the table is made of the walked machine, counts at 2, and compared with transitions/<name>.txt
// (`npm run transitions` writes them); runs in virtual time with the wire recorded, on a cell that the
// protocol is for. Runs recorded long ago are replayed in test/unit/daemon/replay-records.test.ts.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../protocols/index.ts';
import { cappedCounts, cappedProgram } from '../../src/language/capped.ts';
import { endText } from '../../src/language/end-text.ts';
import { type GraphState, type ProgramGraph, programGraph } from '../../src/language/program-graph.ts';
import { modeText } from '../../src/language/step-text.ts';
import { type TreeItem, treeOf, type TreeStep } from '../../src/language/tree.ts';
import type { Protocol } from '../../src/steps/protocol.ts';
import { prepared } from '../support/prepared.ts';
import { replayed } from '../support/recorded-run.ts';
import { runShort, shortRunOf } from '../support/short-runs.ts';

const TRANSITIONS = resolve(import.meta.dirname, 'transitions');
const cases = PROTOCOLS.map((protocol) => [protocol.name, protocol] as const);
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvanode-registry-'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Every state with its step, and under it what each end leads to; ends with their verdict. */
function tableOf(protocol: Protocol): string {
  const plain = prepared(cappedCounts(protocol.parameters), protocol);
  const graph = programGraph(cappedProgram(plain));
  expect(graph.isPartial).toBe(false);
  const rules = new Map(stepsIn(treeOf(plain)?.items ?? []).map(({ label, ends }) => [label, ends]));
  const { name, version } = protocol;
  const head = `${name}, version ${version}: parameters as they are by default, counts of 2`;
  const lines = graph.states.flatMap((state) => ['', ...stateLines(graph, state, rules)]);
  return `${[head, ...lines].join('\n')}\n`;
}

type Rules = ReadonlyMap<string, TreeStep['ends']>;

function stateLines({ edges }: ProgramGraph, { name, outcome, step }: GraphState, rules: Rules): string[] {
  // In a tree every end of the run leads to one state: what it comes to is said where it comes from.
  if (step === null)
    return [rules.size > 0 ? `${name}: the end` : `${name}: the end, verdict ${outcome?.verdict}`];
  const ways = edges.filter(({ from }) => from === name);
  const lines = ways.flatMap(({ holds, isJudged, reasons, to }) =>
    reasons.map((reason) => {
      const rule = rules.get(name)?.[reason];
      const verdict = rule?.then === 'end run' ? `, verdict ${rule.verdict}` : '';
      const judged = isJudged ? ', judged by its charge' : '';
      const held = holds === null ? '' : ` (holds first: ${holds})`;
      return `  ${endText(step, reason)}${judged} -> ${to}${verdict}${held}`;
    }),
  );
  return [`${name}: ${modeText(step)}`, ...lines];
}

function stepsIn(items: readonly TreeItem[]): TreeStep[] {
  return items.flatMap((item) => (item.kind === 'step' ? [item] : stepsIn(item.items)));
}

describe('the table of transitions', () => {
  it.each(cases)('of %s is as it was agreed to', async (name, protocol) => {
    await expect(tableOf(protocol)).toMatchFileSnapshot(join(TRANSITIONS, `${name}.txt`));
  });

  it('is there for every protocol, and none is left of another', () => {
    const files = PROTOCOLS.map(({ name }) => `${name}.txt`);
    expect(readdirSync(TRANSITIONS).toSorted()).toEqual(files.toSorted());
  });
});

describe('a run', () => {
  it.each(cases)('of %s is completed, and its record replays without a difference', async (name) => {
    const run = await runShort(shortRunOf(name), folder, { isWireRecorded: true });
    expect(run).toMatchObject({ state: 'done', verdict: 'completed' });
    const replay = await replayed(run.path);
    expect(replay).toMatchObject({ outcome: 'same', detail: 'the whole run', pollsMadeUp: 0 });
    expect(replay.compared['sample']).toBe(run.samples);
    rmSync(run.path);
  });
});
