// Goal: each instrument is known by its own question, and no question of any dialect moves current on any of
// them, whatever state another host has left the line in. Method: all questions to all emulators in virtual
// time, with the cell's own log as the judge.

import { describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryPair } from '../../../firmware-sim/attach/memory.ts';
import { createInstrument } from '../../../firmware-sim/create-instrument.ts';
import type { CellLogEntry } from '../../../firmware-sim/cell-log.ts';
import type { BytePort, OpenPort } from '../../../src/base/byte-port.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { DIALECT_NAMES, type DialectName } from '../../../src/config/dialect-names.ts';
import { DIALECTS } from '../../../src/device/dialects.ts';
import { identify, type IdentifyResult } from '../../../src/device/identify.ts';

/** What the line has heard before. */
function benchOf(dialect: DialectName, leftover = '') {
  const clock = new VirtualClock();
  const cellLog: CellLogEntry[] = [];
  const log = { write: (entry: CellLogEntry) => void cellLog.push(entry), close: () => undefined };
  const device = createInstrument(dialect, { clock, seed: 7, log });
  onTestFinished(() => device.close());
  const line = createMemoryPair(clock);
  device.attach(line.device);
  let receive: (text: string) => void = () => undefined;
  line.host.onBytes((text) => receive(text));
  /** A serial line: an instrument does not notice who opens and closes the other end. */
  const open: OpenPort = (done) => {
    const { host } = line;
    const port: BytePort = {
      ...{ name: 'line', isOpen: true, pendingBytes: 0 },
      write: (text) => host.write(text),
      onBytes: (take) => (receive = take),
      onClosed: () => undefined,
      close: () => (receive = () => undefined),
    };
    clock.defer(() => done({ ok: true, port }));
  };
  const say = (text: string): void => {
    line.host.write(text);
    clock.advance(5000);
  };
  say(leftover);
  const results: IdentifyResult[] = [];
  /** What the cell has seen so far: a 2400 whose output is off still holds it at 0 V (manual p. 13-9). */
  const seenBefore = cellLog.length;
  const ask = (): void => {
    identify({ clock, openAt: () => open, dialects: DIALECTS }, (result) => results.push(result));
    clock.advance(60_000);
  };
  return { ask, say, results, changes: () => cellLog.slice(seenBefore) };
}

/** A script of another host that died before it was through; an empty line would end and start it. */
const HALF_SCRIPT = [
  ...['e', 'var p', 'var i', 'set_pgstat_chan 0', 'set_pgstat_mode 6', 'set_max_bandwidth 40'],
  ...['set_range ab 1', 'set_range db 1m', 'set_i 500u', 'cell_on', 'wait 100', ''],
].join('\n');

describe('the questions of all dialects', () => {
  it.each(DIALECT_NAMES)('find a %s among all, and leave its cell open', (dialect) => {
    const bench = benchOf(dialect);
    bench.ask();
    expect(bench.results).toMatchObject([{ type: 'found', dialect: { name: dialect } }]);
    expect(bench.changes()).toEqual([]);
  });

  it.each(DIALECT_NAMES)('find a %s whose line holds half a command', (dialect) => {
    const bench = benchOf(dialect, ':SOUR:CU');
    bench.ask();
    expect(bench.results).toMatchObject([{ type: 'found', dialect: { name: dialect } }]);
    expect(bench.changes()).toEqual([]);
  });

  it('do not start a script that another host left half sent', () => {
    const bench = benchOf('methodscript', HALF_SCRIPT);
    bench.ask();
    expect(bench.results).toMatchObject([{ type: 'found', dialect: { name: 'methodscript' } }]);
    expect(bench.changes()).toEqual([]);
  });

  it('would start it with an empty line, which is why none has one', () => {
    const bench = benchOf('methodscript', HALF_SCRIPT);
    bench.say('\n');
    expect(bench.changes()).toContainEqual(expect.objectContaining({ cell: 'on' }));
  });
});
