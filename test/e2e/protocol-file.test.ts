// Goal: a protocol file goes wherever the name of a protocol goes, and what is wrong with it is said with
// its place before anything starts. Method: the command line as an operator types it, with files in a
// folder of its own.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, root } from './rig.ts';

let rig: Rig;

beforeEach(() => {
  rig = createRig();
});

afterEach(() => {
  rig.end();
});

const SHIPPED = join(root, 'protocols', 'conductance-probe.yaml');
const MINE = readFileSync(SHIPPED, 'utf8').replace('name: conductance-probe', 'name: my-probe');

describe('a protocol file', () => {
  it('is shown, checked and simulated like one that ships', async () => {
    const path = rig.file('mine.yaml');
    writeFileSync(path, MINE);
    expect(await rig.json<object>('protocol', 'show', path, '--json')).toMatchObject({ name: 'my-probe' });
    expect(await rig.json<object>('protocol', 'check', path, '--json')).toMatchObject({
      ok: true,
      modes: ['rest', 'cc'],
    });
    const run = await rig.json<object>('simulate', path, '--set', 'wetting=1min', '--json');
    expect(run).toMatchObject({ verdict: 'completed' });
  });

  it('is refused with line and column, exit 3', async () => {
    const path = rig.file('mine.yaml');
    writeFileSync(path, MINE.replace('rounds:', 'rounds: {default: 1}\n  rounds:'));
    const answer = await rig.cli('protocol', 'check', path);
    expect(answer).toMatchObject({ code: 3, stdout: '' });
    expect(answer.stderr).toMatch(/mine\.yaml:\d+:\d+: /);
  });

  it.each(['./missing.yaml', 'conductance-prob'])(
    '%s is not there: exit 3, with what to do',
    async (name) => {
      const answer = await rig.cli('protocol', 'check', name);
      expect(answer).toMatchObject({ code: 3, stdout: '' });
      expect(answer.stderr).toMatch(/check the path|did you mean "conductance-probe"/);
    },
  );
});

describe('what a protocol file is', () => {
  it('is explained, in words and as JSON', async () => {
    const path = rig.file('mine.yaml');
    writeFileSync(path, MINE);
    const answer = await rig.cli('protocol', 'explain', path, '--set', 'wetting=1min', '--area', '1cm2');
    expect(answer).toMatchObject({ code: 0, stderr: '' });
    expect(answer.stdout).toMatch(/^Conductance probe/);
    expect(answer.stdout).toContain('before any current: a check of the cell');
    expect(answer.stdout).toMatch(/\nwetting: rest at open circuit until time 1 min; a sample every 1 min/);
    expect(answer.stdout).toMatch(/\nduration {6}\S/);
    const told = await rig.json<object>('protocol', 'explain', path, '--set', 'rounds=100', '--json');
    expect(told).toMatchObject({ name: 'my-probe', cycles: 0, instrument: { fits: true } });
  });

  it('is explained with what is measured between its cycles', async () => {
    const options = ['--set', 'diagnostics=probe', '--set', 'diagnostics_every=5'];
    const { stdout } = await rig.cli('protocol', 'explain', 'high-dod', ...options);
    expect(stdout).toMatch(/\nevery 5 cycles:\n {2}probe-plating-0-2x: /);
  });

  it('is drawn, as Mermaid and as SVG', async () => {
    const path = rig.file('mine.yaml');
    writeFileSync(path, MINE);
    const mermaid = await rig.cli('protocol', 'graph', path);
    expect(mermaid).toMatchObject({ code: 0, stderr: '' });
    expect(mermaid.stdout).toMatch(/^stateDiagram-v2\n {2}\[\*\] --> wetting\n/);
    const svg = await rig.cli('protocol', 'graph', path, '--format', 'svg');
    expect(svg.code).toBe(0);
    expect(svg.stdout).toMatch(/^<svg [\s\S]*<\/svg>\n?$/);
  });

  it('follows a schema that any editor reads', async () => {
    const schema = await rig.json<object>('protocol', 'schema');
    expect(schema).toMatchObject({
      $schema: expect.stringContaining('json-schema.org'),
      $ref: expect.any(String),
    });
  });

  it.each(['check', 'explain', 'graph'])(
    'is refused by %s with line and column of each mistake, exit 3',
    async (command) => {
      const path = rig.file('mine.yaml');
      const lines = MINE.split('\n');
      const line = lines.findIndex((text) => text.includes('current_density * area')) + 1;
      writeFileSync(path, MINE.replace('current_density * area', 'curent_density * area'));
      const answer = await rig.cli('protocol', command, path);
      expect(answer).toMatchObject({ code: 3, stdout: '' });
      expect(answer.stderr).toContain(`mine.yaml:${line}:`);
      expect(answer.stderr).toMatch(/mine\.yaml:\d+:\d+: .*did you mean "current_density"/);
    },
  );

  it.each([
    ['explain', '--set', 'rounds=0'],
    ['graph', '--set', 'no_such=1'],
    ['explain', '--set', 'current_density=1V'],
  ])('%s %s %s: the parameter is named, exit 3', async (command, ...options) => {
    const answer = await rig.cli('protocol', command, SHIPPED, ...options);
    expect(answer).toMatchObject({ code: 3, stdout: '' });
    expect(answer.stderr).toMatch(/rounds|no_such|current_density/);
  });
});
