// What the language of protocols costs: a tree of ten years (more than a million cycles) read, checked and
// explained, as `protocol check` and `protocol explain` do it, and how large the checkpoint of a run of
// 12 000 cycles is. Baseline: the same text through the YAML parser alone.
import { parse as parseYaml } from 'yaml';
import { checkTree } from '../../src/language/check-tree.ts';
import { explain } from '../../src/language/explain.ts';
import { treeOf } from '../../src/language/tree.ts';
import { checkProgram, modesOf } from '../../src/steps/check-program.ts';
import type { PreparedProtocol } from '../../src/steps/protocol.ts';
import { lastCheckpoint, tenYears } from '../support/ten-years.ts';
import { median, rounded } from './statistics.ts';

const REPETITIONS = 25;
const CYCLES_OF_RUN = 12_000;
const AREA_UCM2 = 1_130_000;
const BOUNDS = { currentMaxPa: 1e12, voltageSpanNv: 1e10, recordBursts: { everyMinUs: 1 } };

/** Medians, ms; bytes of the checkpoints. */
export async function measureProtocol(folder: string, say: (text: string) => void) {
  say('protocol');
  const startMs = performance.now();
  const text = tenYears().source?.text ?? '';
  const yaml: number[] = [];
  const read: number[] = [];
  const check: number[] = [];
  const explained: number[] = [];
  for (let round = 0; round < REPETITIONS; round += 1) {
    yaml.push(timed(() => parseYaml(text)).ms);
    const protocol = timed(tenYears);
    const prepared = timed(() => checked(protocol.value));
    read.push(protocol.ms);
    check.push(prepared.ms);
    explained.push(timed(() => explain(prepared.value)).ms);
  }
  const tree = await lastCheckpoint('tree', folder, { stopBehind: CYCLES_OF_RUN });
  const machine = await lastCheckpoint('symmetric-cycling', folder, { stopBehind: CYCLES_OF_RUN });
  return {
    yamlMs: rounded(median(yaml), 2),
    readMs: rounded(median(read), 2),
    checkMs: rounded(median(check), 2),
    explainMs: rounded(median(explained), 2),
    tenYearCycles: checked(tenYears()).plan.cycles,
    checkpointBytes: tree.bytes,
    checkpointCycles: tree.cycles,
    machineCheckpointBytes: machine.bytes,
    machineCheckpointCycles: machine.cycles,
    repetitions: REPETITIONS,
    wallS: rounded((performance.now() - startMs) / 1000, 1),
  };
}

/** Prepared, and nothing wrong with it. */
function checked(protocol: ReturnType<typeof tenYears>): PreparedProtocol {
  const result = protocol.prepare({}, { areaUcm2: AREA_UCM2 });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  const { prepared } = result;
  const tree = treeOf(prepared);
  const problems = checkProgram(prepared, { ...BOUNDS, modes: modesOf(prepared) });
  if (tree === null || problems.length > 0 || checkTree(tree).length > 0)
    throw new Error('the tree is wrong');
  return prepared;
}

function timed<T>(work: () => T): { readonly value: T; readonly ms: number } {
  const startMs = performance.now();
  const value = work();
  return { value, ms: performance.now() - startMs };
}
