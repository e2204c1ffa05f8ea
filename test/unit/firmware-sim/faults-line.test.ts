// Goal: each fault of a line does what its name says, from its instant on, the same for the same seed, and
// nothing else. Method: one FaultyLine around the device's end of a memory pair, in virtual time; what the
// host hears, chunk by chunk with its instant, is the result.
import { describe, expect, it } from 'vitest';
import { createMemoryPair } from '../../../firmware-sim/attach/memory.ts';
import { DeviceTime } from '../../../firmware-sim/faults/device-time.ts';
import type { Fault } from '../../../firmware-sim/faults/fault.ts';
import { FaultyLine } from '../../../firmware-sim/faults/faulty-line.ts';
import type { BytePort } from '../../../src/base/byte-port.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';

interface Heard {
  readonly atMs: number;
  readonly text: string;
}

interface LineRig {
  readonly clock: VirtualClock;
  readonly line: FaultyLine;
  readonly host: BytePort;
  /** What the instrument writes to. */
  readonly device: BytePort;
  readonly byHost: Heard[];
  readonly byDevice: Heard[];
  /** `count` lines of the device, one each `everyMs`. */
  readonly speak: (count: number, everyMs: number) => void;
}

function fault(name: string, value: number | null = null, atS: number | null = null): Fault {
  return { name, value, atS };
}

function lineRig(
  faults: readonly Fault[],
  options: { readonly seed?: number; readonly scale?: number; readonly content?: 'text' | 'binary' } = {},
): LineRig {
  const { seed = 7, scale = 1, content = 'text' } = options;
  const clock = new VirtualClock();
  const line = new FaultyLine({ clock, time: new DeviceTime(clock, scale), seed, faults, content });
  const pair = createMemoryPair(clock);
  const device = line.wrap(pair.device);
  const [byHost, byDevice]: [Heard[], Heard[]] = [[], []];
  pair.host.onBytes((text) => byHost.push({ atMs: clock.nowMs(), text }));
  device.onBytes((text) => byDevice.push({ atMs: clock.nowMs(), text }));
  const speak = (count: number, everyMs: number): void => {
    for (let index = 0; index < count; index += 1) {
      device.write(`line ${index}\n`);
      clock.advance(everyMs);
    }
  };
  return { clock, line, host: pair.host, device, byHost, byDevice, speak };
}

const textOf = (heard: readonly Heard[]): string => heard.map(({ text }) => text).join('');
const linesOf = (heard: readonly Heard[]): string[] => textOf(heard).split('\n').slice(0, -1);

describe('a line without faults', () => {
  it('passes every byte of both directions at once', () => {
    const { clock, device, host, byHost, byDevice } = lineRig([]);
    const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, index) => index));
    device.write(bytes);
    host.write(bytes);
    clock.advance(0);
    expect([byHost, byDevice]).toEqual([[{ atMs: 0, text: bytes }], [{ atMs: 0, text: bytes }]]);
  });
});

describe('silent', () => {
  it('says nothing for so many real seconds from its instant on, and hears all the while', () => {
    const { clock, host, byHost, byDevice, speak } = lineRig([fault('silent', 2, 3)]);
    speak(3, 1000);
    host.write('a question\n');
    speak(4, 1000);
    clock.advance(0);
    expect(byHost.map(({ atMs }) => atMs)).toEqual([0, 1000, 2000, 5000, 6000]);
    expect(textOf(byDevice)).toBe('a question\n');
  });

  it('begins by the time of the device, which runs faster, and lasts by that of the host', () => {
    const { byHost, speak } = lineRig([fault('silent', 2, 3000)], { scale: 1000 });
    speak(7, 1000);
    expect(byHost.map(({ atMs }) => atMs)).toEqual([0, 1000, 2000, 5000, 6000]);
  });
});

describe('tx-blocked', () => {
  it('keeps what is written and lets it go in one chunk at the end', () => {
    const { clock, device, byHost, speak } = lineRig([fault('tx-blocked', 2, 1)]);
    speak(2, 1000);
    device.write('late\n');
    expect(device.pendingBytes).toBeGreaterThan('late\n'.length);
    clock.advance(1000);
    device.write('after\n');
    clock.advance(1);
    expect(byHost).toEqual([
      { atMs: 0, text: 'line 0\n' },
      { atMs: 3000, text: 'line 1\nlate\n' },
      { atMs: 3000, text: 'after\n' },
    ]);
    expect(device.pendingBytes).toBe(0);
  });
});

describe('slow-replies', () => {
  it('delays what the device says and keeps its order; what it hears is not delayed', () => {
    const { clock, device, host, byHost, byDevice } = lineRig([fault('slow-replies', 300)]);
    device.write('a');
    clock.advance(100);
    device.write('b');
    host.write('x');
    clock.advance(1000);
    expect(byHost).toEqual([
      { atMs: 300, text: 'a' },
      { atMs: 400, text: 'b' },
    ]);
    expect(byDevice).toEqual([{ atMs: 100, text: 'x' }]);
  });

  it('loses what still waits when the line closes', () => {
    const { clock, device, host, byHost } = lineRig([fault('slow-replies', 300)]);
    const ends: string[] = [];
    device.onClosed((reason) => ends.push(reason));
    device.write('a');
    host.onClosed(() => undefined);
    host.close();
    clock.advance(1000);
    expect([byHost, ends.length, device.pendingBytes, device.write('b')]).toEqual([[], 1, 0, false]);
    expect(clock.isPending).toBe(false);
  });
});

describe('split-lines', () => {
  it('cuts a chunk in two within the line, the rest 5 ms later, and loses nothing', () => {
    const { byHost, speak } = lineRig([fault('split-lines')]);
    speak(50, 100);
    expect(byHost).toHaveLength(100);
    expect(linesOf(byHost)).toEqual(Array.from({ length: 50 }, (_, index) => `line ${index}`));
    byHost.forEach(({ atMs, text }, index) => {
      expect(atMs).toBe(Math.floor(index / 2) * 100 + (index % 2) * 5);
      expect(text).not.toBe('');
    });
  });

  it('does not fall further and further behind a device that says much', () => {
    const { clock, byHost, speak } = lineRig([fault('split-lines')]);
    speak(1000, 1);
    clock.advance(100);
    expect(linesOf(byHost)).toHaveLength(1000);
    expect(byHost.at(-1)?.atMs).toBeLessThan(1100);
  });
});

describe('drop-lines and double-lines', () => {
  it('loses whole lines, about the share that was asked for, both ways', () => {
    const { clock, host, byHost, byDevice, speak } = lineRig([fault('drop-lines', 0.2)]);
    speak(1000, 1);
    for (let index = 0; index < 1000; index += 1) host.write(`line ${index}\n`);
    clock.advance(1);
    for (const heard of [linesOf(byHost), linesOf(byDevice)]) {
      expect(heard.length).toBeGreaterThan(750);
      expect(heard.length).toBeLessThan(850);
      expect(heard.every((line) => /^line \d+$/.test(line))).toBe(true);
    }
    expect(linesOf(byHost)).not.toEqual(linesOf(byDevice));
  });

  it('sends whole lines twice, one behind the other', () => {
    const { byHost, speak } = lineRig([fault('double-lines', 1)]);
    speak(2, 1);
    expect(textOf(byHost)).toBe('line 0\nline 0\nline 1\nline 1\n');
  });

  it('gives a line the same fate however it is cut into chunks', () => {
    const faults = [fault('drop-lines', 0.3), fault('double-lines', 0.3), fault('byte-flips', 0.02)];
    const text = Array.from({ length: 200 }, (_, index) => `reply ${index}\n`).join('');
    const whole = lineRig(faults);
    whole.device.write(text);
    whole.clock.advance(0);
    const bytewise = lineRig(faults);
    for (const byte of text) bytewise.device.write(byte);
    bytewise.clock.advance(0);
    expect(textOf(bytewise.byHost)).toBe(textOf(whole.byHost));
    expect(textOf(whole.byHost)).not.toBe(text);
  });

  it('takes CR, LF and CR LF for one end of a line', () => {
    const { clock, device, byHost } = lineRig([fault('double-lines', 1)]);
    device.write('a\rb\r\nc\n');
    clock.advance(0);
    expect(textOf(byHost)).toBe('a\ra\rb\r\nb\r\nc\nc\n');
  });

  it('holds nothing back: a byte that ends no line arrives at once', () => {
    const { clock, device, byHost } = lineRig([fault('double-lines', 1)]);
    device.write('\x18');
    clock.advance(0);
    expect(textOf(byHost)).toBe('\x18');
  });

  it('leaves a binary line alone, where there are no lines', () => {
    const { byHost, speak } = lineRig([fault('drop-lines', 1), fault('xoff-storm')], { content: 'binary' });
    speak(3, 1000);
    expect(linesOf(byHost)).toHaveLength(3);
  });

  it('begins at its instant', () => {
    const { byHost, speak } = lineRig([fault('drop-lines', 1, 5)]);
    speak(10, 1000);
    expect(linesOf(byHost)).toHaveLength(5);
  });
});

describe('byte-flips', () => {
  const zeros = '\0'.repeat(100_000);
  const flippedOf = (options: { readonly seed?: number }): string => {
    const { clock, device, byHost } = lineRig([fault('byte-flips', 0.01)], options);
    device.write(zeros);
    clock.advance(0);
    return textOf(byHost);
  };

  it('turns one of the eight bits of the share of bytes that was asked for', () => {
    const flipped = Array.from(flippedOf({}), (byte) => byte.charCodeAt(0)).filter((code) => code !== 0);
    expect(flipped.length).toBeGreaterThan(900);
    expect(flipped.length).toBeLessThan(1100);
    const bits = [1, 2, 4, 8, 16, 32, 64, 128];
    expect(new Set(flipped)).toEqual(new Set(bits));
    for (const bit of bits) expect(flipped.filter((code) => code === bit).length).toBeGreaterThan(80);
  });

  it('turns the same bits for the same seed and others for another', () => {
    expect(flippedOf({ seed: 1 })).toBe(flippedOf({ seed: 1 }));
    expect(flippedOf({ seed: 1 })).not.toBe(flippedOf({ seed: 2 }));
  });
});

describe('xoff-storm', () => {
  it('sends XOFF and XON in turn, begins with XOFF and ends on XON', () => {
    const { clock, byHost } = lineRig([fault('xoff-storm', 1, 2)]);
    clock.advance(10_000);
    expect(byHost[0]).toEqual({ atMs: 2000, text: '\x13' });
    expect(byHost[1]).toEqual({ atMs: 2200, text: '\x11' });
    expect(textOf(byHost)).toBe('\x13\x11'.repeat(4));
    expect(clock.isPending).toBe(false);
  });

  it('leaves nothing armed when the simulator ends within it', () => {
    const { clock, line } = lineRig([fault('xoff-storm', 1000, 2)]);
    clock.advance(2100);
    line.close();
    expect(clock.isPending).toBe(false);
  });
});
