// `npm run bench`: how fast galvanode is on this machine, each figure beside a baseline measured in the same
// run. Ends in figures, never in a pass or a fail. `--json`: one object on stdout; otherwise the same as a
// table.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureDialects } from './dialects.ts';
import { measureFrames } from './frames.ts';
import { measureLive } from './live.ts';
import { measurePhysics } from './physics.ts';
import { measureProtocol } from './protocol.ts';
import { measureStack } from './stack.ts';
import { rounded } from './statistics.ts';
import { measureStops } from './stop.ts';

const EXIT_USAGE = 2;
const SIGNAL_EXITS = { SIGINT: 130, SIGTERM: 143 } as const;

const options = process.argv.slice(2);
if (options.some((option) => option !== '--json')) {
  process.stderr.write('usage: npm run bench -- [--json]\n');
  process.exit(EXIT_USAGE);
}
for (const [signal, code] of Object.entries(SIGNAL_EXITS)) process.once(signal, () => process.exit(code));
const report = await measure((text) => process.stderr.write(`${text}\n`));
process.stdout.write(options.includes('--json') ? `${JSON.stringify(report)}\n` : tableOf(report));

async function measure(say: (text: string) => void) {
  const startMs = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'galvanode-bench-'));
  // After a signal the daemon may still be writing there: hence the retries.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const physics = measurePhysics(say);
  const protocol = await measureProtocol(folder, say);
  const stack = await measureStack(folder, say);
  const dialects = await measureDialects(folder, stack.sqliteInsertRowsPerS ?? Number.NaN, say);
  const frames = measureFrames(say);
  const stop = await measureStops(folder, say);
  const { live, memory } = await measureLive(folder, say);
  const wallS = rounded((performance.now() - startMs) / 1000, 1);
  return { stack, dialects, physics, protocol, frames, stop, live, memory, machine: machine(), wallS };
}

/** What the figures depend on; neither names nor paths. */
function machine() {
  const { platform, arch, versions } = process;
  const processor = cpus()[0]?.model.trim() ?? 'unknown';
  return { node: versions.node, v8: versions.v8, platform, arch, cores: availableParallelism(), processor };
}

/** One line a figure, under the name of its part. */
function tableOf(parts: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(parts).flatMap(([part, figures]) => {
    if (typeof figures !== 'object' || figures === null) return [`${part.padEnd(24)}${String(figures)}`, ''];
    const rows = Object.entries(figures).map(([key, value]) => {
      return `  ${key.padEnd(22)}${typeof value === 'object' ? JSON.stringify(value) : String(value)}`;
    });
    return [part, ...rows, ''];
  });
  return `${lines.join('\n')}\n`;
}
