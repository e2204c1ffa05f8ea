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
