// Goal: an auxiliary input is heard line by line, for ever, whatever its port does. Method: memory ports in
// virtual time, cut and replaced.

import { describe, expect, it } from 'vitest';
import type { BytePort } from '../../../src/base/byte-port.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { AuxSource, type AuxSourceState } from '../../../src/device/aux-source.ts';
import { createMemoryPortPair } from '../../support/memory-port.ts';

function sourceRig() {
  const clock = new VirtualClock();
  const lines: string[] = [];
  const states: AuxSourceState[] = [];
  const attemptsMs: number[] = [];
  let far: BytePort | null = null;
  let isPlugged = true;
  const source = new AuxSource({
    clock,
    openPort: (done) => {
      attemptsMs.push(clock.nowMs());
      if (!isPlugged) return done({ ok: false, reason: 'absent', detail: 'no /dev/ttyUSB2' });
      const [near, other] = createMemoryPortPair(clock);
      far = other;
      done({ ok: true, port: near });
    },
    onLine: (line) => lines.push(line),
    onState: (state) => states.push(state),
  });
  return {
    ...{ clock, lines, states, attemptsMs, source },
    say: (text: string) => {
      far?.write(text);
      clock.advance(0);
    },
    unplug: () => {
      isPlugged = false;
      far?.close();
      clock.advance(0);
    },
    plugIn: () => (isPlugged = true),
  };
}

describe('an auxiliary source', () => {
  it('delivers whole lines without their ends, however the bytes come', () => {
    const rig = sourceRig();
    rig.source.start();
    for (const text of ['23.5', '1\r\n23.', '52\n', '\n23.53\n']) rig.say(text);
    expect(rig.lines).toEqual(['23.51', '23.52', '', '23.53']);
  });

  it('drops a line without end instead of keeping it', () => {
    const rig = sourceRig();
    rig.source.start();
    rig.say('x'.repeat(10_000));
    rig.say('\n23.51\n');
    expect(rig.lines).toEqual(['23.51']);
  });

  it('comes back after a loss, waiting longer each time, and tells each change once', () => {
    const rig = sourceRig();
    rig.source.start();
    rig.say('23.51\n');
    rig.unplug();
    rig.clock.advance(2000);
    expect(rig.attemptsMs).toEqual([0, 250, 750, 1250, 1750]);
    rig.plugIn();
    rig.clock.advance(5000);
    rig.say('23.52\n');
    expect(rig.lines).toEqual(['23.51', '23.52']);
    expect(rig.states).toEqual([
      { type: 'up' },
      { type: 'lost', detail: 'memory: closed by the other side' },
      { type: 'up' },
    ]);
  });

  it('does not carry half a line from one connection to the next', () => {
    const rig = sourceRig();
    rig.source.start();
    rig.say('12');
    rig.unplug();
    rig.plugIn();
    rig.clock.advance(1000);
    rig.say('23.51\n');
    expect(rig.lines).toEqual(['23.51']);
  });

  it('is still and leaves no timer once it is closed', () => {
    const rig = sourceRig();
    rig.source.start();
    rig.unplug();
    rig.source.close();
    rig.clock.advance(60_000);
    expect(rig.attemptsMs).toEqual([0]);
    expect(rig.states.map(({ type }) => type)).toEqual(['up', 'lost']);
  });
});
