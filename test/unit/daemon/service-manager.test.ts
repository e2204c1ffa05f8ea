// Goal: systemd is told that the daemon is ready, alive and stopping, and not that a loop lives which does
// not. Method: what would be given to systemd-notify, for environments and beats of every kind.

import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/base/log.ts';
import { ServiceManager } from '../../../src/daemon/service-manager.ts';

const UNDER_SYSTEMD = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '30000000', WATCHDOG_PID: '42' };

function manager(environment: Readonly<Record<string, string | undefined>>, isBroken = false) {
  const told: string[] = [];
  const errors: unknown[] = [];
  const log = createLogger('silent');
  log.error = (fields: unknown): void => void errors.push(fields);
  const service = new ServiceManager({
    ...{ environment, pid: 42, log },
    notify(args, failed) {
      told.push(...args);
      if (isBroken) failed('spawn systemd-notify ENOENT');
    },
  });
  return { service, told, errors };
}

describe('the service manager', () => {
  it('is told of the beginning and the end', () => {
    const { service, told } = manager(UNDER_SYSTEMD);
    service.ready();
    service.stopping();
    expect(told).toEqual(['READY=1', 'STOPPING=1']);
  });

  it('hears three times within its patience that the loop lives', () => {
    const { service, told } = manager(UNDER_SYSTEMD);
    for (let second = 0; second < 300; second += 1) service.beat(1000);
    expect(told.length).toBeGreaterThanOrEqual(30);
    expect(told.length).toBeLessThan(40);
    expect(new Set(told)).toEqual(new Set(['WATCHDOG=1']));
  });

  it('hears nothing from a loop that was away for longer than five seconds each time', () => {
    const { service, told } = manager(UNDER_SYSTEMD);
    for (let beat = 0; beat < 20; beat += 1) service.beat(5001);
    expect(told).toEqual([]);
    service.beat(1000);
    expect(told).toEqual(['WATCHDOG=1']);
  });

  it.each([
    ['no manager', {}],
    ['an empty socket name', { ...UNDER_SYSTEMD, NOTIFY_SOCKET: '' }],
  ])('is told nothing where there is %s', (_what, environment) => {
    const { service, told } = manager(environment);
    service.ready();
    for (let second = 0; second < 60; second += 1) service.beat(1000);
    service.stopping();
    expect(told).toEqual([]);
  });

  it.each([
    ['has no watchdog', { NOTIFY_SOCKET: '/run/x' }],
    ['watches another process', { ...UNDER_SYSTEMD, WATCHDOG_PID: '7' }],
    ['says nonsense', { ...UNDER_SYSTEMD, WATCHDOG_USEC: 'often' }],
  ])('gets no beats where it %s', (_what, environment) => {
    const { service, told } = manager(environment);
    service.ready();
    for (let second = 0; second < 60; second += 1) service.beat(1000);
    expect(told).toEqual(['READY=1']);
  });

  it('that cannot be told is said once in the log', () => {
    const { service, errors, told } = manager(UNDER_SYSTEMD, true);
    service.ready();
    for (let second = 0; second < 60; second += 1) service.beat(1000);
    expect(told.length).toBeGreaterThan(3);
    expect(errors).toEqual([{ detail: 'spawn systemd-notify ENOENT' }]);
  });
});
