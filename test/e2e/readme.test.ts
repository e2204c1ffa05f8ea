// Goal: what README.md tells a newcomer to type works. Method: its shell blocks are run line by line, in
// order, in a folder that links to this tree, so that what they write lands there; names a reader fills in
// (RUN, PATH) are filled in, the one port of the simulator is made free. The first block (npm ci) is for
// start-line.test.ts and .ci/run.

import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { samplesBeyond } from './records.ts';
import { createRig, type Finished, type Rig, root, until } from './rig.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => commandsOf(text));
let rig: Rig;

beforeEach(() => {
  rig = createRig();
  for (const name of ['package.json', 'dist', 'node_modules']) symlinkSync(join(root, name), rig.file(name));
});

afterEach(() => {
  rig.end();
});

/** One command a line; a here-document belongs to the line that opens it. */
function commandsOf(block: string): readonly string[] {
  const commands: string[] = [];
  let terminator: string | null = null;
  for (const line of block.trimEnd().split('\n')) {
    if (terminator === null) commands.push(line);
    else commands.push(`${commands.pop() ?? ''}\n${line}`);
    if (terminator === null) terminator = /<<'(\w+)'/.exec(line)?.[1] ?? null;
    else if (line === terminator) terminator = null;
  }
  return commands;
}

function blockWith(words: string): readonly string[] {
  const found = blocks.find((commands) => commands.some((command) => command.includes(words)));
  if (found === undefined) throw new Error(`README.md has no shell block with "${words}"`);
  return found;
}

async function shell(command: string): Promise<Finished> {
  const running = rig.launch('sh', ['-c', command]);
  const ending = await running.ended;
  return { ...ending, stdout: running.stdout(), stderr: running.stderr() };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return address !== null && typeof address === 'object' ? address.port : 0;
}

it('the tour beside the demo works, line by line', async () => {
  const demo = rig.galvanode('demo', '--port', '0');
  await demo.says(/http:\/\/127\.0\.0\.1:\d+\//);
  const { run, path } = await until('the first run', async () => {
    const { runs } = await rig.json<{ runs: { id: string; path: string }[] }>('run', 'list', '--json');
    const oldest = runs.at(-1);
    return runs.length === 2 && oldest !== undefined ? { run: oldest.id, path: oldest.path } : undefined;
  });
  await samplesBeyond(path, 0, 20);
  for (const line of blockWith('run list')) {
    const command = line.replace(/\bRUN\b/, run).replace(/\bPATH\b/, path);
    const answer = await shell(command);
    expect(answer, `${command}\n${answer.stderr}`).toMatchObject({ code: 0 });
    expect(answer.stdout + answer.stderr).not.toBe('');
  }
  expect(readFileSync(rig.file('run.csv'), 'utf8').split('\n').length).toBeGreaterThan(20);
});

it('the tour without a daemon works, line by line', async () => {
  for (const command of blockWith('simulate symmetric-cycling --set')) {
    const { code, stdout, stderr } = await shell(command);
    // Where a line says that it is refused, it is.
    expect(code, `${command}\n${stderr}`).toBe(command.includes('refuses it') ? 6 : 0);
    expect(stdout).not.toBe('');
  }
});

it('the tour with a simulator on a port of its own works, line by line', async () => {
  const port = String(await freePort());
  for (const line of blockWith('sim --tcp')) {
    const command = line.replaceAll('7001', port).replace(/&\s*$/, '');
    if (/ (sim|daemon)\b/.test(command) && !command.startsWith('cat')) {
      await rig.launch('sh', ['-c', `exec ${command}`]).says(/simulated cycler on|page: /);
    } else {
      expect((await shell(command)).code, command).toBe(0);
    }
  }
  for (const command of blockWith('run start')) {
    const answer = await shell(command);
    expect(answer.code, `${command}\n${answer.stderr}`).toBe(0);
  }
});

it('the tour of the instruments works, line by line, on a simulated one', async () => {
  const port = String(await freePort());
  for (const line of blockWith('device identify')) {
    const command = line.replaceAll('7002', port).replace(/&\s*$/, '');
    if (command.includes(' sim ')) {
      await rig.launch('sh', ['-c', `exec ${command}`]).says(/simulated keithley2400 instrument on/);
      continue;
    }
    const answer = await shell(command);
    expect(answer.code, `${command}\n${answer.stderr}`).toBe(0);
    if (command.includes('identify')) expect(answer.stdout).toContain('dialect: keithley2400');
  }
});

it('the configuration of the instruments is accepted as it stands', async () => {
  const [, text = ''] = /^```yaml\n(.*?)^```$/ms.exec(readme) ?? [];
  writeFileSync(rig.file('bench.yaml'), text);
  const { config } = await rig.json<{ config: { cyclers: { dialect: string }[] } }>(
    ...['--config', rig.file('bench.yaml'), 'config', 'show', '--json'],
  );
  expect(new Set(config.cyclers.map(({ dialect }) => dialect)).size).toBe(4);
});
