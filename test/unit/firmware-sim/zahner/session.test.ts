// Goal: what happens around a primitive: ABOR and *RST, lines that are lost or stall, power that is cut, and
// the faults of this dialect. Method: two ports in virtual time; the cell log says what the cell saw.
import { describe, expect, it } from 'vitest';
import { KEPT_ROWS_MAX } from '../../../../firmware-sim/dialects/zahner/data-stream.ts';
import { ZAHNER_FAULTS } from '../../../../firmware-sim/dialects/zahner/faults.ts';
import type { InstrumentOptions } from '../../../../firmware-sim/simulated-instrument.ts';
import type { BytePort } from '../../../../src/base/byte-port.ts';
import { CapacitorCell, decodePackets, rig, STATES, type ZahnerRig } from './rig.ts';

function running(options: Partial<InstrumentOptions> = {}): ZahnerRig {
  const host = rig({ cell: new CapacitorCell({ capacityF: 1000 }), ...options });
  host.set(':SESO:COUP gal', ':SESO:SFRQ 10', ':PARA:IVAL 1', ':PARA:TMAX 100', ':SESO:STAT ON');
  host.lines.length = 0;
  host.send(':MEAS:POGA?');
  return host;
}

const order = (value: number) => ({ faults: [{ name: 'abor-order', value, atS: null }] });

describe('ABOR', () => {
  it.each([
    [0, ['ok', 'error 1005']],
    [1, ['error 1005', 'ok']],
  ])('ends a primitive at once; answers in order %d', (value, lines) => {
    const host = running(order(value));
    host.advanceS(1.23);
    host.send('ABOR');
    expect(host.cellLog.at(-1)).toMatchObject({ cell: 'off', why: 'stop', t_us: 1_230_000 });
    host.advanceS(0.05);
    expect(host.lines).toEqual(lines);
    const packets = host.packets();
    expect(packets.at(-3)).toMatchObject({ kind: 'header', state: STATES.aborted });
    const bulk = packets.at(-2);
    expect(bulk?.kind === 'bulk' ? bulk.rows : []).toHaveLength(12);
    expect(host.ask('*CLS?')).toBe('1005');
    expect(host.ask(':MEAS:POGA?')).toBe('error 1006');
    host.set('*CLS');
    expect(host.ask(':MEAS:VOLT?')).not.toMatch(/error/);
  });

  it('is answered in both orders by the seed, where no fault says which', () => {
    const orders = Array.from({ length: 12 }, (_seed, seed) => {
      const host = running({ seed });
      host.advanceS(0.5);
      host.send('ABOR');
      host.advanceS(0.05);
      return host.lines.join(',');
    });
    expect(new Set(orders)).toEqual(new Set(['ok,error 1005', 'error 1005,ok']));
  });

  it('in the dead time leaves the primitive its own ok', () => {
    const host = running({ ...order(0) });
    host.advanceS(100.005);
    host.send('ABOR');
    host.advanceS(0.05);
    expect(host.lines).toEqual(['ok', 'ok']);
    expect(host.cellLog.at(-1)).toMatchObject({ cell: 'off', why: 'stop' });
  });

  it('without a primitive is one ok, opens the relay and blocks', () => {
    const host = rig().set(':SESO:STAT ON');
    expect(host.ask('ABOR')).toBe('ok');
    expect(host.cellLog.at(-1)).toMatchObject({ cell: 'off', why: 'stop' });
    expect(host.ask(':MEAS:VOLT?')).toBe('error 1006');
  });

  it('while the output settles, and during a calibration, works the same', () => {
    const host = running(order(1));
    host.advanceS(0.01);
    host.ask('ABOR');
    host.ask('*CLS', ':PARA:TMAX 1', ':SESO:STAT OFF');
    for (const command of [':MEAS:POGA?', ':SESO:CALO', ':MEAS:OCV?']) {
      host.lines.length = 0;
      host.send(command);
      host.advanceS(0.001);
      host.send('ABOR');
      host.advanceS(0.05);
      expect(host.lines).toEqual(['error 1005', 'ok']);
      host.ask('*CLS');
    }
  });

  it('lets lines that waited be answered, each by its own error', () => {
    const host = running(order(0));
    host.send(':MEAS:VOLT?');
    host.send('*IDN?');
    expect(host.lines).toEqual([]);
    host.send('ABOR');
    host.advanceS(0.05);
    expect(host.lines).toEqual(['ok', 'error 1005', 'error 1006', 'ZAHNER-ELEKTRIK,PP212,SIM7,1.1.0']);
  });
});

describe('lines that come during a primitive', () => {
  it('wait, and run without a pause when it has been answered', () => {
    const host = running();
    for (const line of [':PARA:TMAX 1', ':MEAS:POGA?', ':SESO:STAT OFF']) host.send(line);
    host.advanceS(102);
    expect(host.lines).toEqual(['ok', 'ok', 'ok', 'ok']);
    const last = host.cellLog.at(-1);
    expect(last?.cell).toBe('off');
    expect(last?.t_us).toBeGreaterThan(101_020_000 - 1);
    expect(last?.t_us).toBeLessThan(101_040_000 + 1);
  });
});

describe('*RST', () => {
  it('answers, opens the relay, drops both lines and forgets everything', () => {
    const host = running(order(1));
    host.advanceS(1);
    host.send('*RST');
    host.advanceS(0.001);
    expect(host.lines).toEqual(['error 1005', 'ok']);
    expect(host.hasLostText).toBe(true);
    expect(host.binary?.isOpen).toBe(false);
    expect(host.instrument.isAttached).toBe(false);
    expect(host.cellLog.at(-1)).toMatchObject({ cell: 'off', t_us: 0, why: 'power' });
    host.connect().connectData();
    expect(host.ask('*CLS?')).toBe('0');
    expect(Number(host.ask(':MEAS:CURR?'))).toBe(0);
  });
});

describe('a line that is lost', () => {
  it('leaves the primitive running to its own end; then it rests in the state before', () => {
    const host = running();
    host.text?.close();
    host.binary?.close();
    host.advanceS(50);
    expect(host.instrument.isAttached).toBe(false);
    expect(host.cellLog.at(-1)?.cell).toBe('on');
    host.connect().connectData();
    host.packets();
    host.lines.length = 0;
    host.advanceS(51);
    expect(host.lines).toEqual(['ok']);
    expect(Number(host.ask(':MEAS:CURR?'))).toBeCloseTo(1, 9);
  });

  it('of data, opened anew in a primitive, is told what runs before anything else', () => {
    const host = running();
    host.advanceS(50);
    host.binary?.close();
    host.advanceS(1);
    host.data = '';
    host.connectData();
    host.advanceS(0.2);
    const packets = decodePackets(host.data);
    expect(packets.slice(0, 2)).toEqual([
      { kind: 'header', type: 21, state: STATES.running, name: 'POGA' },
      { kind: 'tracks', ids: [13, 11, 12] },
    ]);
    expect(packets.slice(2).every(({ kind }) => kind === 'sample')).toBe(true);
    host.advanceS(50);
    expect(host.bulk()).toHaveLength(1000);
  });

  it('of data that nobody reads holds back live rows, never the last packet', () => {
    const host = running();
    let written = '';
    const stuck: BytePort = {
      name: 'stuck',
      isOpen: true,
      pendingBytes: 1_000_000,
      write: (text) => {
        written += text;
        return true;
      },
      onBytes: () => undefined,
      onClosed: () => undefined,
      close: () => undefined,
    };
    host.instrument.dataLine?.attach(stuck);
    host.advanceS(101);
    const kinds = decodePackets(written).map(({ kind }) => kind);
    expect(kinds).toEqual(['header', 'tracks', 'header', 'bulk', 'header']);
  });
});

describe('a primitive of more rows than are kept', () => {
  it('ends with an appendix of what did not go out live', () => {
    const host = running({ faults: [{ name: 'drop-live', value: 0.001, atS: null }] });
    host.send('ABOR');
    host.advanceS(0.1);
    host.set('*CLS', ':SESO:SFRQ 1000', `:PARA:TMAX ${(KEPT_ROWS_MAX + 1000) / 1000}`);
    host.packets();
    expect(host.ask(':MEAS:POGA?')).toBe('ok');
    const packets = host.packets();
    const live = packets.filter(({ kind }) => kind === 'sample').length;
    const appendix = packets.at(-2);
    expect(appendix).toMatchObject({ kind: 'appendix', sortBy: 13 });
    const rows = appendix?.kind === 'appendix' ? appendix.rows.length : 0;
    expect(rows).toBeGreaterThan(100);
    expect(live + rows).toBe(KEPT_ROWS_MAX + 1000);
  });
});

describe('power that is cut and given back', () => {
  it('opens the relay, and loses the primitive, its settings and the latched error; the lines stay', () => {
    const host = running();
    host.advanceS(1);
    host.instrument.restart();
    host.advanceS(200);
    expect(host.cellLog.at(-1)).toMatchObject({ cell: 'off', t_us: 0, why: 'power' });
    expect(host.lines).toEqual([]);
    expect(host.ask('*CLS?')).toBe('0');
    expect(host.ask(':MEAS:OCVS?')).toBe('ok');
    host.ask('ABOR');
    host.instrument.restart();
    expect(host.ask(':MEAS:VOLT?')).not.toMatch(/error/);
  });

  it('is not given back by close: relay open, ports closed, nothing armed', () => {
    const host = running();
    host.advanceS(1);
    host.instrument.close();
    host.instrument.close();
    host.advanceS(1000);
    expect(host.hasLostText).toBe(true);
    expect(host.cellLog.at(-1)).toMatchObject({ cell: 'off', why: 'power' });
    expect(host.clock.step()).toBe(false);
  });
});

describe('faults', () => {
  it('are those that are named', () => {
    expect(ZAHNER_FAULTS).toEqual(['abor-order', 'drop-live', 'hard-limit', 'compliance']);
    expect(() => rig({ faults: [{ name: 'unheard-of', value: null, atS: null }] })).toThrow(/unknown fault/);
  });

  it('drop-live loses a share of the live rows, and none of the bulk', () => {
    const host = running({ faults: [{ name: 'drop-live', value: 0.3, atS: 10 }] });
    host.advanceS(101);
    const packets = host.packets();
    const times = packets.flatMap((packet) => (packet.kind === 'sample' ? [packet.row[0] ?? 0] : []));
    expect(times.filter((timeS) => timeS < 9.9)).toHaveLength(98);
    expect(times.length).toBeGreaterThan(100 + 900 * 0.6);
    expect(times.length).toBeLessThan(100 + 900 * 0.8);
    const bulk = packets.at(-2);
    expect(bulk?.kind === 'bulk' ? bulk.rows : []).toHaveLength(1000);
  });

  it('hard-limit trips once, at the first sample from its time on', () => {
    const host = running({ faults: [{ name: 'hard-limit', value: null, atS: 5 }] });
    host.advanceS(6);
    expect(host.lines).toEqual(['error 1003']);
    expect(host.cellLog.at(-1)).toMatchObject({ cell: 'off', t_us: 5_000_000, why: 'fault' });
    host.ask('*CLS', ':PARA:TMAX 1');
    expect(host.ask(':MEAS:POGA?')).toBe('ok');
  });

  it('compliance leaves so many volts from its time on: the current is given up', () => {
    const cell = new CapacitorCell({ capacityF: 1e6, resistanceOhm: 1 });
    const host = running({ cell, faults: [{ name: 'compliance', value: 0.25, atS: 5 }] });
    host.advanceS(10);
    const packets = host.packets();
    const rows = packets.flatMap((packet) => (packet.kind === 'sample' ? [packet.row] : []));
    const before = rows.find(([timeS]) => timeS === 4);
    const after = rows.find(([timeS]) => timeS === 6);
    expect(before?.[1]).toBeCloseTo(1, 4);
    expect(after?.[1]).toBeCloseTo(0.25, 6);
    expect(after?.[2]).toBeCloseTo(0.25, 4);
  });
});
