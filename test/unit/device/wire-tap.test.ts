// Goal: the tap tells of what goes over the ports and changes nothing: frames of a channel and of its link,
// the greeting to whoever comes later, one time within one turn. Method: memory ports, virtual time, the
// gvn1 language.
import { describe, expect, it } from 'vitest';
import type { BytePort } from '../../../src/base/byte-port.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { GVN1 } from '../../../src/device/drivers/gvn1.ts';
import type { WireEntry } from '../../../src/device/wire-entry.ts';
import { WireRecorder } from '../../../src/device/wire-recorder.ts';
import { WireTap } from '../../../src/device/wire-tap.ts';
import { encodeFrame } from '../../../src/frames/dialects/gvn1/frame.ts';
import { createMemoryPortPair } from '../../support/memory-port.ts';

interface Tapped {
  readonly clock: VirtualClock;
  readonly tap: WireTap;
  readonly host: BytePort;
  readonly device: BytePort;
  readonly heard: string[];
}

function tapped(): Tapped {
  const clock = new VirtualClock();
  const tap = new WireTap({ clock, language: GVN1.wire });
  const [inner, device] = createMemoryPortPair(clock);
  const opened: BytePort[] = [];
  tap.around(
    (done) => done({ ok: true, port: inner }),
    0,
  )((result) => {
    if (result.ok) opened.push(result.port);
  });
  const [host] = opened;
  if (host === undefined) throw new Error('the port must open');
  const heard: string[] = [];
  host.onBytes((text) => heard.push(text));
  host.onClosed(() => undefined);
  device.onBytes(() => undefined);
  return { clock, tap, host, device, heard };
}

function listen(tap: WireTap, channel: number): WireEntry[] {
  const entries: WireEntry[] = [];
  tap.listen(channel, (entry) => entries.push(entry));
  return entries;
}

const texts = (entries: readonly WireEntry[]): string[] => entries.map(({ kind, text }) => `${kind} ${text}`);

describe('the tap', () => {
  it('hands every byte on, garbage and half a line too', () => {
    const { clock, device, heard } = tapped();
    device.write('@7 ack*');
    clock.step();
    device.write('nonsense\n');
    clock.step();
    expect(heard.join('')).toBe('@7 ack*nonsense\n');
  });

  it('tells frames without number, checksum and token, and no garbage', () => {
    const { clock, tap, host, device } = tapped();
    const entries = listen(tap, 1);
    host.write(encodeFrame(4, 'lease', 'ch=1 token=secret t_us=5000000 policy=off'));
    device.write(`garbage\n${encodeFrame(4, 'ack', '')}`);
    clock.step();
    expect(texts(entries).slice(-2)).toEqual(['sent lease ch=1 t_us=5000000 policy=off', 'heard ack']);
    expect(JSON.stringify(entries)).not.toContain('secret');
  });

  it('keeps channels apart: reports by their channel, answers by what was asked', () => {
    const { clock, tap, host, device } = tapped();
    const [one, two] = [listen(tap, 1), listen(tap, 2)];
    host.write(encodeFrame(1, 'stat', 'ch=2'));
    device.write(encodeFrame(1, 'ack', 'ch=2 state=free'));
    device.write(encodeFrame(0, 's', '1 5 1 1000,1,1,1,0'));
    clock.settle();
    host.write(encodeFrame(2, 'clock', ''));
    expect(texts(one).slice(1)).toEqual(['heard s 1 5 1 1000,1,1,1,0', 'sent clock']);
    expect(texts(two).slice(1)).toEqual(['sent stat ch=2', 'heard ack ch=2 state=free', 'sent clock']);
  });

  it('tells neither a command that is sent again nor a line that was doubled', () => {
    const { clock, tap, host, device } = tapped();
    const entries = listen(tap, 1);
    for (let times = 0; times < 3; times += 1) host.write(encodeFrame(9, 'stat', 'ch=1'));
    const report = encodeFrame(3, 'f', '1 n=2 t_us=5 fault=wdg');
    device.write(report + report);
    clock.step();
    expect(texts(entries).slice(1)).toEqual(['sent stat ch=1', 'heard f 1 n=2 t_us=5 fault=wdg']);
  });

  it('tells a late listener what the connection began with, and nothing of what was between', () => {
    const { clock, tap, host, device } = tapped();
    host.write(encodeFrame(0, 'hello', 'v=1 token=secret'));
    device.write(encodeFrame(0, 'ack', 'proto=gvn1 v=1'));
    clock.step();
    tap.linkUp();
    host.write(encodeFrame(1, 'stat', 'ch=1'));
    expect(texts(listen(tap, 1))).toEqual(['opened memory', 'sent hello v=1', 'heard ack proto=gvn1 v=1']);
  });

  it('tells of the end of a connection, and of a port that does not open', () => {
    const { clock, tap, device } = tapped();
    const entries = listen(tap, 1);
    device.close();
    clock.advance(1);
    tap.around((done) => done({ ok: false, reason: 'absent', detail: 'not there' }), 0)(() => undefined);
    expect(texts(entries).slice(1)).toEqual([
      'closed closed by the other side',
      'refused {"reason":"absent","detail":"not there"}',
    ]);
  });

  it('lets time stand still within a turn, and go on after it', () => {
    const { clock, tap } = tapped();
    const read: number[] = [];
    tap.clock.after(10, () => {
      read.push(tap.clock.nowMs());
      clock.skipTo(17);
      read.push(tap.clock.nowMs());
    });
    clock.step();
    read.push(tap.clock.nowMs());
    expect(read).toEqual([10, 10, 17]);
  });
});

describe('a host that was held up', () => {
  it('is told by the first timer that runs late', () => {
    const { clock, tap } = tapped();
    const entries = listen(tap, 1);
    tap.clock.after(100, () => undefined);
    tap.clock.after(5000, () => undefined);
    clock.runNextAt(200);
    clock.runNextAt(9000);
    expect(entries.slice(1)).toEqual([{ atMs: 9000, kind: 'late', text: '5000', port: 0 }]);
  });
});

describe('what a run keeps of the wire', () => {
  it('leaves out live reports, but for the one that something was done about', () => {
    const { clock, tap, host, device } = tapped();
    const recorder = new WireRecorder(tap, {}, 1);
    const live = (seq: number): string => encodeFrame(seq, 'l', `1 n=1 t_us=${seq} v_nv=1 i_pa=1 q_nc=1`);
    for (const seq of [1, 2, 3]) {
      device.write(live(seq));
      clock.step();
    }
    host.write(encodeFrame(1, 'lease', 'ch=1 t_us=5000000 policy=off'));
    host.write(encodeFrame(2, 'off', 'ch=1'));
    device.write(live(4));
    clock.step();
    const lines = recorder.take().filter((line) => line.includes('"heard"') || line.includes('"off'));
    expect(lines).toEqual(['[0,"heard","l 1 n=1 t_us=3 v_nv=1 i_pa=1 q_nc=1"]', '[0,"sent","off ch=1"]']);
    expect(recorder.take()).toEqual([]);
  });

  it('counts what finds no room, and hears nothing after its end', () => {
    const { tap, host } = tapped();
    const recorder = new WireRecorder(tap, {}, 1);
    for (let number = 0; number < 50_010; number += 1) recorder.note('ordered', { number });
    expect(recorder.isLong).toBe(true);
    expect(recorder.take()).toHaveLength(50_000);
    recorder.note('ordered', { number: -1 });
    expect(recorder.take()[0]).toContain('"left-out"');
    recorder.close();
    host.write(encodeFrame(1, 'stat', 'ch=1'));
    expect(recorder.take()).toEqual([]);
  });
});
