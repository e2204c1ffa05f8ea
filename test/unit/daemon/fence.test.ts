// Goal: an error inside one driver ends its own connection and nothing else, and a dropped connection is dead
// for good. Method: ports in memory and a clock behind two fences; receivers that throw.

import { describe, expect, it } from 'vitest';
import type { BytePort } from '../../../src/base/byte-port.ts';
import { createLogger } from '../../../src/base/log.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { Fences, type Fenced } from '../../../src/daemon/fences.ts';
import { createMemoryPortPair } from '../../support/memory-port.ts';

interface Instrument {
  readonly outside: Fenced;
  readonly port: BytePort;
  readonly device: BytePort;
  readonly heard: string[];
  readonly ends: string[];
}

function bench() {
  const clock = new VirtualClock();
  const fences = new Fences({ clock, log: createLogger('silent') });
  const instrument = (name: string, onText?: (text: string) => void): Instrument => {
    const outside = fences.make(name);
    const [host, device] = createMemoryPortPair(clock);
    const heard: string[] = [];
    const ends: string[] = [];
    const opened: BytePort[] = [];
    outside.around((done) => done({ ok: true, port: host }))((result) => {
      if (!result.ok) return;
      result.port.onClosed((reason) => ends.push(reason));
      result.port.onBytes((text) => {
        heard.push(text);
        onText?.(text);
      });
      opened.push(result.port);
    });
    const [port] = opened;
    if (port === undefined) throw new Error('the port was not opened');
    return { outside, port, device, heard, ends };
  };
  return { clock, fences, instrument };
}

const broken = (): never => {
  throw new Error('planted');
};

describe('the fence around a driver', () => {
  it('passes bytes, ends and timers as they are', () => {
    const { clock, instrument } = bench();
    const { device, ends, heard, outside, port } = instrument('left');
    const back: string[] = [];
    device.onBytes((text) => back.push(text));
    const at: number[] = [];
    outside.clock.after(30, () => at.push(clock.nowMs()));
    outside.clock.defer(() => at.push(clock.nowMs()));
    expect(port.write('ask')).toBe(true);
    device.write('answer');
    clock.advance(100);
    expect([back, heard, at]).toEqual([['ask'], ['answer'], [0, 30]]);
    device.close();
    clock.advance(1);
    expect(ends).toEqual(['closed by the other side']);
    expect(port.isOpen).toBe(false);
  });

  it('passes on that a port does not open', () => {
    const { fences } = bench();
    const results: unknown[] = [];
    const absent = { ok: false, reason: 'absent', detail: 'not there' } as const;
    fences.make('left').around((done) => done(absent))((result) => results.push(result));
    expect(results).toEqual([absent]);
  });

  it('ends the connection whose receiver throws, says why, and leaves the other instrument alone', () => {
    const { clock, instrument } = bench();
    const left = instrument('left', broken);
    const right = instrument('right');
    left.device.write('x');
    right.device.write('y');
    clock.advance(1);
    expect(left.ends).toEqual(['internal error: planted']);
    expect(right.ends).toEqual([]);
    left.device.write('more');
    right.device.write('more');
    clock.advance(1);
    expect(left.heard).toEqual(['x']);
    expect(right.heard).toEqual(['y', 'more']);
  });

  it.each(['after', 'defer'] as const)('ends the connection of whoever throws in clock.%s', (how) => {
    const { clock, instrument } = bench();
    const left = instrument('left');
    const right = instrument('right');
    if (how === 'after') left.outside.clock.after(10, broken);
    else left.outside.clock.defer(broken);
    clock.advance(20);
    expect(left.ends).toEqual(['internal error: planted']);
    expect(right.ends).toEqual([]);
  });

  it('sends nothing on a connection that was dropped, and tells its end once', () => {
    const { clock, fences, instrument } = bench();
    const { device, ends, port } = instrument('left');
    const got: string[] = [];
    device.onBytes((text) => got.push(text));
    fences.dropAll('this computer was suspended for 600 s');
    expect(port.isOpen).toBe(false);
    expect(port.write('stale')).toBe(false);
    clock.advance(10);
    expect(got).toEqual([]);
    expect(ends).toEqual(['this computer was suspended for 600 s']);
  });

  it('survives a receiver that throws when it is told of the end', () => {
    const { clock, fences, instrument } = bench();
    const { port } = instrument('left');
    port.onClosed(broken);
    fences.dropAll('suspended');
    clock.advance(10);
    expect(port.isOpen).toBe(false);
  });
});
