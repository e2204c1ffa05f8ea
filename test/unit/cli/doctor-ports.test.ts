// Goal: doctor tells what keeps a bench from its instruments, and what to do about it. Method: trees of files
// like those of machines with one thing wrong each; serial servers as functions.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BytePort } from '../../../src/base/byte-port.ts';
import type { SeenPort } from '../../../src/bytes/seen-port.ts';
import type { Check } from '../../../src/cli/check.ts';
import { networkChecks } from '../../../src/cli/doctor-network.ts';
import { portChecks, type PortChecksOptions } from '../../../src/cli/doctor-ports.ts';
import { udevRules } from '../../../src/cli/udev-rules.ts';
import { type Config, parseConfig } from '../../../src/config/config.ts';
import { DIALECTS } from '../../../src/device/dialects.ts';
import { GVN1 } from '../../../src/device/drivers/gvn1.ts';

const PORT: SeenPort = {
  path: '/dev/ttyUSB0',
  stablePath: '/dev/serial/by-id/usb-FTDI-if00',
  usb: null,
  access: { mayRead: true, mayWrite: true, group: 'dialout' },
  holders: { known: [], isComplete: true },
};

function configOf(given: unknown): Config {
  const parsed = parseConfig(given);
  if (!parsed.ok) throw new Error(parsed.problems.join());
  return parsed.config;
}

function checksOf(
  files: Readonly<Record<string, string>>,
  options: Partial<PortChecksOptions> = {},
): Readonly<Record<string, Check>> {
  const root = mkdtempSync(join(tmpdir(), 'galvanode-doctor-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const checks = portChecks({
    ...{ config: configOf({}), ports: [], root, groups: [20], isRoot: false },
    ...options,
  });
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

const cyclerOn = (port: string): Config => configOf({ cyclers: [{ name: 'left', dialect: 'gvn1', port }] });

describe('the check of a configured port', () => {
  it('warns of a name that changes with the order of plugging in, and gives the one that stays', () => {
    const checks = checksOf({ '/dev/ttyUSB0': '' }, { config: cyclerOn('/dev/ttyUSB0@9600'), ports: [PORT] });
    expect(checks['port of left']).toMatchObject({ level: 'warn', fix: `write ${PORT.stablePath ?? ''}` });
  });

  it('points to udev where the port has no name that stays', () => {
    const ports = [{ ...PORT, stablePath: null }];
    const checks = checksOf({ '/dev/ttyUSB0': '' }, { config: cyclerOn('/dev/ttyUSB0'), ports });
    expect(checks['port of left']?.fix).toContain('doctor --udev');
  });

  it('is content with a name that stays, and says where one leads nowhere', () => {
    const there = checksOf({ '/dev/serial/by-id/x': '' }, { config: cyclerOn('/dev/serial/by-id/x') });
    expect(there['port of left']).toMatchObject({ level: 'ok' });
    const gone = checksOf({}, { config: cyclerOn('/dev/serial/by-id/x') });
    expect(gone['port of left']).toMatchObject({ level: 'fail', found: 'no /dev/serial/by-id/x' });
  });

  it('covers data ports and auxiliary inputs', () => {
    const config = configOf({
      cyclers: [{ name: 'left', dialect: 'gvn1', port: 'COM3', data_port: 'COM4' }],
      aux: [{ name: 'bath', port: '/dev/bath', kind: 'temperature' }],
    });
    const names = Object.keys(checksOf({}, { config })).filter((name) => name.startsWith('port of'));
    expect(names).toEqual(['port of left', 'port of left (data)', 'port of bath']);
  });
});

describe('the check of the machine', () => {
  const GROUPS = { '/etc/group': 'root:x:0:\ndialout:x:20:\n' };

  it('asks for membership in dialout where a port needs it', () => {
    const denied = { ...PORT, access: { mayRead: false, mayWrite: false, group: 'dialout' } };
    expect(checksOf(GROUPS)['group dialout']).toMatchObject({ level: 'ok' });
    expect(checksOf(GROUPS, { groups: [100] })['group dialout']).toMatchObject({ level: 'warn' });
    expect(checksOf(GROUPS, { groups: [100], ports: [denied] })['group dialout']).toMatchObject({
      level: 'fail',
      fix: expect.stringContaining('usermod -aG dialout') as string,
    });
    expect(checksOf(GROUPS, { groups: [0], isRoot: true })).not.toHaveProperty('group dialout');
    expect(checksOf({})).not.toHaveProperty('group dialout');
  });

  it('warns of a ModemManager that runs', () => {
    const linux = { '/proc/self/comm': 'node\n' };
    expect(checksOf(linux)['ModemManager']).toMatchObject({ level: 'ok' });
    const running = checksOf({ ...linux, '/proc/812/comm': 'ModemManager\n' });
    expect(running['ModemManager']).toMatchObject({
      level: 'warn',
      fix: expect.stringContaining('doctor --udev') as string,
    });
    expect(checksOf({})).not.toHaveProperty('ModemManager');
  });
});

describe('the check of a serial server', () => {
  it('connects, sends nothing, goes away, and says what to look at', async () => {
    const calls: string[] = [];
    const port: BytePort = {
      ...{ name: 'tcp://moxa.lab:4001', isOpen: true, pendingBytes: 0 },
      write: () => (calls.push('write'), true),
      onBytes: () => undefined,
      onClosed: () => undefined,
      close: () => void calls.push('close'),
    };
    const config = configOf({ cyclers: [{ name: 'left', dialect: 'gvn1', port: 'tcp://moxa.lab:4001' }] });
    const checks = await networkChecks(config, (_address, done) => done({ ok: true, port }));
    expect(calls).toEqual(['close']);
    expect(checks).toMatchObject([{ name: 'port of left', level: 'ok' }]);
    for (const word of ['raw', 'telnet', 'TCP Server mode', 'idle timeout', 'one connection'])
      expect(checks[0]?.found).toContain(word);
  });

  it('fails with the reason where nothing listens', async () => {
    const config = configOf({ aux: [{ name: 'bath', port: 'tcp://moxa.lab:4002', kind: 'temperature' }] });
    const refused = {
      ok: false,
      reason: 'absent',
      detail: 'tcp://moxa.lab:4002: nothing listens there',
    } as const;
    const checks = await networkChecks(config, (_address, done) => done(refused));
    expect(checks).toMatchObject([{ name: 'port of bath', level: 'fail', found: refused.detail }]);
  });
});

describe('the udev rules', () => {
  it('keep ModemManager off, open the port to dialout and give it a name, for each USB id', () => {
    const usbIds = [
      { vendorId: '0483', productId: 'a3ad', product: 'XPOT2' },
      { vendorId: '1234', productId: null, product: 'any board' },
    ];
    expect(
      udevRules([{ ...GVN1, name: 'invented', usbIds }]),
    ).toBe(`# galvanode: instruments known by their USB ids.
# /etc/udev/rules.d/70-galvanode.rules; then: sudo udevadm control --reload && sudo udevadm trigger
ACTION!="add|change|move", GOTO="galvanode_end"

# XPOT2 (invented)
ATTRS{idVendor}=="0483", ATTRS{idProduct}=="a3ad", ENV{ID_MM_DEVICE_IGNORE}="1"
SUBSYSTEM=="tty", ATTRS{idVendor}=="0483", ATTRS{idProduct}=="a3ad", MODE="0660", GROUP="dialout", \
SYMLINK+="galvanode/invented-%s{serial}-if%E{ID_USB_INTERFACE_NUM}"

# any board (invented)
ATTRS{idVendor}=="1234", ENV{ID_MM_DEVICE_IGNORE}="1"
SUBSYSTEM=="tty", ATTRS{idVendor}=="1234", MODE="0660", GROUP="dialout", \
SYMLINK+="galvanode/invented-%s{serial}-if%E{ID_USB_INTERFACE_NUM}"

LABEL="galvanode_end"
`);
  });

  it('name every USB id that a dialect declares', () => {
    const rules = udevRules(DIALECTS);
    for (const { usbIds } of DIALECTS)
      for (const { vendorId } of usbIds) expect(rules).toContain(`ATTRS{idVendor}=="${vendorId}"`);
  });
});
