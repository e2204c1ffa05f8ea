// Goal: `literature replay` as an operator meets it: what it prints, its exit codes, worker processes that
// die, an operator who has seen enough. Method: the built command line with short rows, in a temporary folder
// of its own.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isSealed, rowsOf } from './records.ts';
import { createRig, killIfThere, type Rig, until } from './rig.ts';

interface Replay {
  readonly seed: number;
  readonly systems: readonly {
    readonly id: string;
    readonly symmetric: {
      readonly status: string;
      readonly reason?: string;
      readonly recovered?: { readonly contentHash: string; readonly hours: number };
    };
  }[];
  readonly summary: Readonly<Record<string, number>>;
  readonly note: string;
}

/** A long run: an efficiency test of 7500 cycles and a symmetric one of 12 000 half-cycles. */
const LONG = ['literature', 'replay', '--ref', '159', '--workers', '2', '--json'];
let rig: Rig;

beforeAll(() => {
  rig = createRig();
  mkdirSync(rig.file('tmp'));
  rig.env['TMPDIR'] = rig.file('tmp');
});

afterEach(async () => {
  await rig.noProcessLeft();
  const left = readdirSync(rig.file('tmp'));
  if (left.length > 0) throw new Error(`temporary files are left: ${left.join(', ')}`);
});

afterAll(() => {
  rig.end();
});

async function replay(...args: readonly string[]): Promise<Replay> {
  return rig.json<Replay>('literature', 'replay', '--record', '60s', '--json', ...args);
}

describe('literature replay', () => {
  it('recovers the two failures that the text states for reference 223', async () => {
    const { systems, summary, note } = await replay('--ref', '223');
    expect(systems.map(({ id, symmetric }) => [id, symmetric.status])).toEqual([
      ['c063', 'recovered'],
      ['c064', 'recovered'],
    ]);
    expect(summary).toMatchObject({ systems: 2, runs: 2, recovered: 2, missed: 0, failed: 0 });
    expect(note).toContain('no evidence about any material');
  });

  it('gives the same bytes for the same seed, however many workers share the work', async () => {
    const hashes = ({ systems }: Replay) => systems.map(({ symmetric }) => symmetric.recovered?.contentHash);
    const one = hashes(await replay('--ref', '223', '--workers', '1'));
    expect(hashes(await replay('--ref', '223', '--workers', '2'))).toEqual(one);
    expect(hashes(await replay('--ref', '223', '--seed', '2'))).not.toEqual(one);
  });

  it('prints one line a system, what is refused and why, and what this is no evidence of', async () => {
    const { stdout, code } = await rig.cli('literature', 'replay', '--ref', '254', '--record', '1h');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^SYSTEM +MATERIAL +SCRIPTED h +RECOVERED h +CE SCRIPTED +CE RECOVERED %/);
    expect(lines[1]).toMatch(/^2\/254 .*>1500 +>1503\.\d\d completed +- +refused .* recovered$/);
    expect(stdout).toContain("refused: Current density of the asymmetric cell is printed as '-'.");
    expect(stdout).toContain('no evidence about any material');
  });

  it('keeps the run files where it is told to: whole, sealed, readable', async () => {
    await replay('--ref', '223', '--out', rig.file('kept'));
    expect(readdirSync(rig.file('kept')).sort()).toEqual(['c063-symmetric.db', 'c064-symmetric.db']);
    const path = rig.file('kept/c063-symmetric.db');
    expect(isSealed(path)).toBe(true);
    expect(rowsOf(path, 'select verdict from checkpoint')).toEqual([{ verdict: 'voltage-limit' }]);
  });

  it.each([
    ['an unknown reference', ['--ref', '999'], /nothing to run for "999" here; there are 133, 145-196/],
    ['a reference of the other table', ['--ref', '240', '--table', '1'], /in table 1; there are/],
    ['a third table', ['--table', '3'], /"3" is not 1 or 2/],
    ['an interval without unit', ['--record', '60'], /"60" has no unit/],
    ['an interval that is too long', ['--record', '2h'], /2h is outside 100 ms … 1 h/],
    ['no workers', ['--workers', '0'], /not a whole number of 1 … 256/],
    ['an output folder without a name', ['--out', ''], /the name is empty; name a folder/],
    ['an instrument that does not exist', ['--instrument', 'best'], /no "best"/],
  ])('refuses %s with exit code 2', async (_what, args, message) => {
    const { code, stdout, stderr } = await rig.cli('literature', 'replay', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });

  it('does not tell a worker by a file name which row it runs', async () => {
    const running = rig.galvanode('literature', 'replay', '--ref', '159', '--out', rig.file('blind'));
    const [work] = await until('a work folder', () => {
      const names = existsSync(rig.file('blind')) ? readdirSync(rig.file('blind')) : [];
      return names.length > 0 ? names : undefined;
    });
    const inWork = (): string[] => readdirSync(rig.file(`blind/${work ?? ''}`));
    const names = await until('a run file', () => (inWork().length > 0 ? inWork() : undefined));
    running.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    for (const name of names) expect(name).toMatch(/^run-\d+\.db/);
    expect(readdirSync(rig.file('blind'))).toEqual([]);
  });

  it('refuses an output folder that is a file, before any run, in one line', async () => {
    writeFileSync(rig.file('taken'), '');
    const args = ['--ref', '223', '--out', rig.file('taken')];
    const { code, stdout, stderr } = await rig.cli('literature', 'replay', ...args);
    expect([code, stdout]).toEqual([5, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('name a folder that can be written');
  });

  it('never replaces a file that is not a simulated run', async () => {
    mkdirSync(rig.file('measured'));
    writeFileSync(rig.file('measured/c063-symmetric.db'), 'not ours');
    const args = ['--ref', '223', '--record', '60s', '--json', '--out', rig.file('measured')];
    const { code, stdout } = await rig.cli('literature', 'replay', ...args);
    expect(code).toBe(1);
    expect((JSON.parse(stdout) as Replay).summary).toMatchObject({ recovered: 1, failed: 1 });
    expect(readFileSync(rig.file('measured/c063-symmetric.db'), 'utf8')).toBe('not ours');
    const kept = readdirSync(rig.file('measured')).sort();
    expect(kept).toEqual(['c063-symmetric.db', 'c064-symmetric.db']);
  });

  it('fails the run whose worker is killed, goes on with the rest, and ends with exit code 1', async () => {
    const args = ['--ref', '168', '--workers', '1', '--record', '1s', '--json'];
    const running = rig.galvanode('literature', 'replay', ...args);
    const { pid } = await aWorker();
    killIfThere(pid, 'SIGKILL');
    expect(await running.ended).toEqual({ code: 1, signal: null });
    const { summary, systems } = JSON.parse(running.stdout()) as Replay;
    expect(summary).toMatchObject({ runs: 2, failed: 1, recovered: 1 });
    expect(JSON.stringify(systems)).toContain('the worker process ended (SIGKILL)');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends at %s with exit code %i, its workers and files gone', async (signal, code) => {
    const running = rig.galvanode(...LONG);
    await aWorker();
    await until('a run file', () => readdirSync(rig.file('tmp')).length > 0 || undefined);
    running.kill(signal);
    expect(await running.ended).toEqual({ code, signal: null });
    const { summary } = JSON.parse(running.stdout()) as Replay;
    expect(summary['undone']).toBeGreaterThan(0);
  });

  it('leaves no worker behind when it is killed itself', async () => {
    const running = rig.galvanode(...LONG, '--out', rig.file('killed'));
    await aWorker();
    running.kill('SIGKILL');
    await rig.noProcessLeft();
    expect(rig.processes()).toEqual([]);
  });

  it('--stochastic: the hours of a row lie where the median of 20 drawn cells allows it', async () => {
    const args = ['--stochastic', '--ref', '235', '--record', '1h'];
    const { stdout, code } = await rig.cli('literature', 'replay', ...args);
    expect(code).toBe(0);
    expect(stdout).toContain('end reason not stated');
    expect(stdout).toMatch(/^2\/235 +250 h +\d+ h +\d+ … \d+ h +\d+ … \d+ h +recovered$/m);
  });
});

/** The first worker process that is there. */
async function aWorker(): Promise<{ readonly pid: number }> {
  return until('a worker', () =>
    rig.processes().find(({ command }) => command.includes('literature-worker')),
  );
}
