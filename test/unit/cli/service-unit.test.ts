// Goal: the unit that is printed does what the daemon counts on, and starts this very installation.
// Method: it is read as systemd reads it, line by line; systemd's own judgement is asked in test/e2e.

import { describe, expect, it } from 'vitest';
import { serviceUnit } from '../../../src/cli/service-unit.ts';

const PATHS = { node: '/usr/bin/node', entry: '/opt/galvanode/dist/src/cli/main.js' };

/** `Section.Key` to its values, in order. */
function parsed(unit: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let section = '';
  for (const line of unit.split('\n')) {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section;
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    const name = `${section}.${key}`;
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

describe('the systemd unit', () => {
  it.each([
    ['Service.Type', 'notify'],
    ['Service.NotifyAccess', 'all'],
    ['Service.WatchdogSec', '30'],
    ['Service.Restart', 'always'],
    ['Service.RestartSec', '1'],
    ['Unit.StartLimitIntervalSec', '0'],
    ['Service.TimeoutStopSec', '30'],
    ['Service.KillMode', 'mixed'],
    ['Service.OOMScoreAdjust', '-500'],
    ['Service.Environment', 'UV_THREADPOOL_SIZE=16'],
    ['Service.User', 'galvanode'],
    ['Service.SupplementaryGroups', 'dialout'],
    ['Service.ProtectSystem', 'strict'],
    ['Service.PrivateTmp', 'yes'],
    ['Service.NoNewPrivileges', 'yes'],
    ['Service.DevicePolicy', 'closed'],
  ])('says %s=%s', (key, value) => {
    expect(parsed(serviceUnit(PATHS)).get(key)).toEqual([value]);
  });

  it('lets it have serial ports', () => {
    const allowed = parsed(serviceUnit(PATHS)).get('Service.DeviceAllow');
    expect(allowed).toContain('char-ttyUSB rw');
    expect(allowed).toContain('char-ttyACM rw');
  });

  it('starts this installation, and has no placeholder left', () => {
    const unit = serviceUnit(PATHS);
    const start =
      '"/usr/bin/node" "/opt/galvanode/dist/src/cli/main.js" ' +
      '--config /etc/galvanode/config.yaml --data /var/lib/galvanode daemon';
    expect(parsed(unit).get('Service.ExecStart')).toEqual([start]);
    expect(unit).not.toMatch(/@\w+@/);
  });

  it('escapes what systemd would expand', () => {
    const unit = serviceUnit({ ...PATHS, node: '/opt/50%/$node/a"b\\c' });
    expect(parsed(unit).get('Service.ExecStart')?.[0]).toMatch(/^"\/opt\/50%%\/\$\$node\/a\\"b\\\\c" /);
  });

  it.each([
    ['/usr/bin/node', 'yes'],
    ['/home/eva/.nvm/versions/node/v20/bin/node', 'read-only'],
    ['/root/node', 'read-only'],
  ])('hides homes unless the program lives in one: %s', (node, protectHome) => {
    expect(parsed(serviceUnit({ ...PATHS, node })).get('Service.ProtectHome')).toEqual([protectHome]);
  });
});
