// Goal: a port that somebody has is left alone, and the operator is told who. Method: configurations and
// holders as they may be, and the ways to write one port.

import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PortHolder } from '../../../src/bytes/port-holders.ts';
import { portOwners } from '../../../src/cli/port-owners.ts';
import { parseConfig } from '../../../src/config/config.ts';

const CONFIG = {
  cyclers: [
    { name: 'left', dialect: 'gvn1', port: '/dev/ttyX0@57600', data_port: '/dev/ttyX1' },
    { name: 'remote', dialect: 'gvn1', port: 'tcp://moxa.lab:4001' },
  ],
  aux: [{ name: 'bath', port: '/dev/ttyX2', kind: 'temperature' }],
};

function ownersOf(isDaemonUp: boolean, held: Readonly<Record<string, readonly PortHolder[]>> = {}) {
  const parsed = parseConfig(CONFIG);
  if (!parsed.ok) throw new Error(parsed.problems.join());
  const holders = { of: (path: string) => ({ known: held[path] ?? [], isComplete: true }) };
  return portOwners({ isDaemonUp, config: parsed.config, holders });
}

describe('the owner of a port', () => {
  it.each([
    ['/dev/ttyX0', 'cycler "left"'],
    ['/dev/ttyX0@9600', 'cycler "left"'],
    ['/dev/ttyX1', 'cycler "left"'],
    ['tcp://moxa.lab:4001', 'cycler "remote"'],
    ['/dev/ttyX2', 'auxiliary input "bath"'],
  ])('of %s is the daemon while it runs, for %s', (address, user) => {
    const refusal = ownersOf(true).refusalOf(address);
    expect(refusal).toBe(`${address}: the daemon has it for ${user}; stop the daemon first`);
    expect(ownersOf(false).refusalOf(address)).toBeNull();
    expect(ownersOf(false).userOf(address)?.user).toBe(user);
  });

  it('is nobody where the configuration does not name it and no process has it', () => {
    expect(ownersOf(true).refusalOf('/dev/ttyX9')).toBeNull();
    expect(ownersOf(true).refusalOf('tcp://moxa.lab:4002')).toBeNull();
  });

  it('is the process that has it open, by whatever name it is asked for', () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'galvanode-owners-')));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [device, link] = [join(folder, 'ttyX9'), join(folder, 'by-id')];
    writeFileSync(device, '');
    symlinkSync(device, link);
    const owners = ownersOf(false, {
      [device]: [
        { pid: 42, command: 'minicom' },
        { pid: 43, command: 'mm' },
      ],
    });
    expect(owners.refusalOf(`${link}@9600`)).toBe(
      `${link}@9600: held by process 42 (minicom) and 1 more; end that first`,
    );
  });
});
