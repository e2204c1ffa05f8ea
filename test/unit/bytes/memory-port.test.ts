// Goal: a memory port keeps the promises of a BytePort, so that tests on it count for the others.
// Method: both ends of a pair in virtual time.

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createMemoryPortPair } from '../../support/memory-port.ts';

function pair() {
  const clock = new VirtualClock();
  const [host, device] = createMemoryPortPair(clock);
  const heard: string[] = [];
  const ended: string[] = [];
  device.onBytes((text) => heard.push(text));
  device.onClosed((reason) => ended.push(`device ${reason}`));
  host.onClosed((reason) => ended.push(`host ${reason}`));
  return { clock, host, device, heard, ended };
}

describe('a memory port', () => {
  it('delivers what was written, later at the same instant, never from within write', () => {
    const { clock, host, heard } = pair();
    host.write('a');
    host.write('b');
    expect(heard).toEqual([]);
    expect(host.pendingBytes).toBe(2);
    clock.advance(0);
    expect(heard).toEqual(['ab']);
    expect(host.pendingBytes).toBe(0);
  });

  it('delivers what was written before the end, then the end, once on each side', () => {
    const { clock, host, device, heard, ended } = pair();
    host.write('last words');
    host.close();
    host.close();
    expect(host.isOpen).toBe(false);
    clock.advance(0);
    device.close();
    clock.advance(0);
    expect(heard).toEqual(['last words']);
    expect(ended).toEqual(['host closed by this side', 'device closed by the other side']);
  });

  it('takes nothing when closed', () => {
    const { clock, host, heard } = pair();
    host.close();
    expect(host.write('stale command')).toBe(false);
    clock.advance(0);
    expect(heard).toEqual([]);
  });
});
