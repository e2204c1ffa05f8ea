// `galvanode simulate` in a process of its own, as an operator would start it. Its wall time runs from the
// first line of the run to the sealed file, so what a process takes to start is not in it.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DialectName } from '../../src/config/dialect-names.ts';

const CLI = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface SimulateOrder {
  readonly outPath: string;
  readonly dialect: DialectName;
  /** Parameters of symmetric-cycling, by name. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** What `simulate --json` says, as far as it is used here. */
export interface SimulateSummary {
  readonly verdict: string | null;
  readonly samples: number;
  readonly wallS: number;
  readonly speedFactor: number;
}

export async function simulateRun({ outPath, dialect, parameters }: SimulateOrder): Promise<SimulateSummary> {
  const sets = Object.entries(parameters).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const options = ['--dialect', dialect, '--seed', '7', '--out', outPath, '--json'];
  const args = [CLI, 'simulate', 'symmetric-cycling', ...sets, ...options];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as SimulateSummary;
}
