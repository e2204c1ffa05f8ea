// Goal: what a primitive does to the cell, when it ends, and what it records. Method: a capacitor, whose
// voltage is its charge, on an instrument without errors, so that every end has an exact sample.
import { describe, expect, it } from 'vitest';
import type { InstrumentOptions } from '../../../../firmware-sim/simulated-instrument.ts';
import { CapacitorCell, rig, STATES, type ZahnerRig } from './rig.ts';

/** 1 F, 1 mohm: 1 A moves it by 1 V/s. */
function bench(options: Partial<InstrumentOptions> = {}): ZahnerRig {
  return rig({ cell: new CapacitorCell({ capacityF: 1 }), ...options });
}

function galvanostat(options: Partial<InstrumentOptions> = {}): ZahnerRig {
  return bench(options).set(':SESO:COUP gal', ':SESO:SFRQ 10', ':PARA:IVAL 1', ':PARA:TMAX 2');
}

describe('POGA', () => {
  it('sends header, tracks, a row each period from the first period on, then all again', () => {
    const host = galvanostat().set(':PARA:TMAX 0.5');
    expect(host.ask(':MEAS:POGA?')).toBe('ok');
    const packets = host.packets();
    const header = (state: number) => ({ kind: 'header', type: 21, state, name: 'POGA' });
    const times = [0.1, 0.2, 0.3, 0.4, 0.5];
    expect(packets.map(({ kind }) => kind)).toEqual([
      ...['header', 'tracks', 'header'],
      ...times.map(() => 'sample'),
      ...['header', 'bulk', 'header'],
    ]);
    expect(packets.filter(({ kind }) => kind === 'header')).toEqual(
      [STATES.start, STATES.running, STATES.done, STATES.finishing].map(header),
    );
    expect(packets[1]).toEqual({ kind: 'tracks', ids: [13, 11, 12] });
    const rows = packets.flatMap((packet) => (packet.kind === 'sample' ? [packet.row] : []));
    expect(rows.map(([timeS]) => timeS)).toEqual(times);
    for (const [, , currentA] of rows) expect(currentA).toBeCloseTo(1, 9);
    expect(packets.at(-2)).toEqual({ kind: 'bulk', rows });
  });

  it('begins at time 0 each time', () => {
    const host = galvanostat().set(':PARA:TMAX 0.3');
    for (const _ of [1, 2]) {
      host.ask(':MEAS:POGA?');
      expect(host.bulk().map(([timeS]) => timeS)).toEqual([0.1, 0.2, 0.3]);
    }
  });

  it('lasts a whole number of periods, at least one', () => {
    const host = galvanostat().set(':PARA:TMAX 0.26');
    host.ask(':MEAS:POGA?');
    expect(host.bulk()).toHaveLength(3);
    host.set(':PARA:TMAX 0.001').ask(':MEAS:POGA?');
    expect(host.bulk()).toHaveLength(1);
  });

  it('holds a voltage where the coupling says so', () => {
    const host = bench({ cell: new CapacitorCell({ capacityF: 1e6, resistanceOhm: 10 }) });
    host.set(':SESO:SFRQ 10', ':PARA:UVAL 2', ':PARA:TMAX 0.2').ask(':MEAS:POGA?');
    for (const [, voltageV, currentA] of host.bulk()) {
      expect(voltageV).toBeCloseTo(2, 9);
      expect(currentA).toBeCloseTo(0.2, 6);
    }
  });

  it('settles for 20 to 50 ms where the output was off, and leaves it off', () => {
    const host = galvanostat();
    host.ask(':MEAS:POGA?');
    const [power, on, off] = host.cellLog;
    expect([power?.cell, on?.cell, off?.cell]).toEqual(['off', 'on', 'off']);
    const settleUs = (off?.t_us ?? 0) - (on?.t_us ?? 0) - 2_000_000;
    expect(settleUs).toBeGreaterThanOrEqual(20_000);
    expect(settleUs).toBeLessThanOrEqual(50_000);
  });

  it('begins at once where the output was on, and leaves it on, at what it held last', () => {
    const host = galvanostat().set(':SESO:IVAL 0.25', ':SESO:STAT ON');
    const startMs = host.clock.nowMs();
    host.ask(':MEAS:POGA?');
    const deadMs = host.clock.nowMs() - startMs - 2000;
    expect(deadMs).toBeGreaterThanOrEqual(10);
    expect(deadMs).toBeLessThanOrEqual(20);
    host.advanceS(1);
    expect(Number(host.ask(':MEAS:CURR?'))).toBeCloseTo(1, 9);
    expect(host.cellLog.at(-1)?.cell).toBe('on');
  });
});

describe('soft limits', () => {
  it('of voltage end a galvanostat at the next sample, with ok', () => {
    const host = galvanostat().set(':PARA:ULIM:MAX 0.95', ':PARA:ULIM:MIN -1', ':PARA:ULIM:STAT ON');
    host.set(':SESO:STAT ON');
    expect(host.ask(':MEAS:POGA?')).toBe('ok');
    expect(host.bulk().at(-1)?.[0]).toBe(1);
    expect(host.ask('*CLS?')).toBe('0');
  });

  it('of voltage work downwards too', () => {
    const host = galvanostat().set(':PARA:IVAL -1', ':PARA:ULIM:MIN -0.55', ':PARA:ULIM:MAX 9');
    host.set(':PARA:ULIM:STAT ON', ':SESO:STAT ON').ask(':MEAS:POGA?');
    expect(host.bulk().at(-1)?.[0]).toBe(0.6);
  });

  it('see what passes them between two samples and is gone at the next', () => {
    class BumpCell extends CapacitorCell {
      override voltageV(elapsedS: number): number {
        return elapsedS > 0.44 && elapsedS < 0.46 ? 1 : 0.1;
      }

      override voltageRangeV(
        fromS: number,
        untilS: number,
      ): { readonly lowV: number; readonly highV: number } {
        const lowV = fromS > 0.44 && untilS < 0.46 ? 1 : 0.1;
        return { lowV, highV: fromS < 0.46 && untilS > 0.44 ? 1 : 0.1 };
      }
    }
    const host = galvanostat({ cell: new BumpCell({ capacityF: 1e9 }) });
    host.set(':PARA:ULIM:MAX 0.5', ':PARA:ULIM:MIN -1', ':PARA:ULIM:STAT ON', ':SESO:STAT ON');
    expect(host.ask(':MEAS:POGA?')).toBe('ok');
    expect(host.bulk().at(-1)?.[0]).toBe(0.5);
  });

  it('may be passed for the tolerance time', () => {
    const host = galvanostat().set(':PARA:ULIM:MAX 0.95', ':PARA:ULIM:MIN -9', ':PARA:ULIM:STAT ON');
    host.set(':PARA:UILT 0.25', ':SESO:STAT ON').ask(':MEAS:POGA?');
    expect(host.bulk().at(-1)?.[0]).toBe(1.2);
  });

  it('of current end a potentiostat, and leave a galvanostat alone', () => {
    const host = bench({ cell: new CapacitorCell({ capacityF: 1e6, resistanceOhm: 10 }) });
    host.set(':PARA:ILIM:MAX 0.1', ':PARA:ILIM:MIN -0.1', ':PARA:ILIM:STAT ON', ':SESO:SFRQ 10');
    host.set(':PARA:UVAL 2', ':PARA:TMAX 1').ask(':MEAS:POGA?');
    expect(host.bulk()).toHaveLength(1);
    host.set(':SESO:COUP gal', ':PARA:IVAL 0.2').ask(':MEAS:POGA?');
    expect(host.bulk()).toHaveLength(10);
  });
});

describe('charge limits', () => {
  it.each([
    [1, 0.75, 0.8],
    [-1, -0.75, 0.8],
    [0.5, 0.75, 1.5],
    [-0.5, -0.5, 1],
  ])('%d A until %d C end at the first sample that has it', (currentA, limitC, endS) => {
    const host = galvanostat().set(`:PARA:IVAL ${currentA}`, ':PARA:CHAR:STAT 1', ':SESO:STAT ON');
    host.set(`:PARA:CHAR:MAX ${Math.max(0.001, limitC)}`, `:PARA:CHAR:MIN ${Math.min(-0.001, limitC)}`);
    expect(host.ask(':MEAS:POGA?')).toBe('ok');
    expect(host.bulk().at(-1)?.[0]).toBe(endS);
  });

  it('count from 0 in each primitive', () => {
    const host = galvanostat().set(':PARA:CHAR:MAX 0.5', ':PARA:CHAR:MIN -9', ':PARA:CHAR:STAT 1');
    for (const _ of [1, 2, 3]) {
      host.ask(':MEAS:POGA?');
      expect(host.bulk()).toHaveLength(5);
    }
  });
});

describe('global limits', () => {
  const limited = (): ZahnerRig =>
    galvanostat().set(':SESO:ULIM:MAX 0.95', ':SESO:ULIM:MIN -1', ':SESO:ULIM:STAT ON', ':SESO:STAT ON');

  it('switch off, answer 1003, and block everything with 1006 until *CLS', () => {
    const host = limited();
    expect(host.ask(':MEAS:POGA?')).toBe('error 1003');
    expect(host.cellLog.at(-1)).toMatchObject({ cell: 'off', why: 'fault' });
    const packets = host.packets();
    expect(packets.at(-3)).toMatchObject({ kind: 'header', state: STATES.cancelled });
    expect(packets.at(-2)).toMatchObject({ kind: 'bulk' });
    expect(host.ask('*CLS?')).toBe('1003');
    for (const command of [':MEAS:VOLT?', ':SESO:STAT ON', ':SESO:STAT OFF', ':PARA:IVAL 0', 'junk']) {
      expect(host.ask(command)).toBe('error 1006');
    }
    expect(host.ask('*IDN?')).toMatch(/^ZAHNER/);
    expect(host.ask('*CLS')).toBe('ok');
    expect(host.ask('*CLS?')).toBe('0');
    expect(host.ask(':MEAS:VOLT?')).not.toMatch(/error/);
  });

  it('may be passed for their own tolerance time', () => {
    const host = limited().set(':SESO:UILT 0.3');
    expect(host.ask(':MEAS:POGA?')).toBe('error 1003');
    expect(host.bulk().at(-1)?.[0]).toBe(1.3);
  });

  it('win where a soft limit is passed at the same sample', () => {
    const host = limited().set(':PARA:ULIM:MAX 0.95', ':PARA:ULIM:MIN -1', ':PARA:ULIM:STAT ON');
    expect(host.ask(':MEAS:POGA?')).toBe('error 1003');
  });

  it('of current watch a potentiostat', () => {
    const host = bench({ cell: new CapacitorCell({ capacityF: 1e6, resistanceOhm: 10 }) });
    host.set(':SESO:ILIM:MAX 0.1', ':SESO:ILIM:MIN -0.1', ':SESO:ILIM:STAT ON', ':PARA:UVAL 2');
    expect(host.ask(':MEAS:POGA?')).toBe('error 1003');
  });

  it('watch an open cell as well', () => {
    const host = bench({ cell: new CapacitorCell({ capacityF: 1, startV: 2 }) });
    host.set(':SESO:ULIM:MAX 1', ':SESO:ULIM:MIN -1', ':SESO:ULIM:STAT ON');
    expect(host.ask(':MEAS:OCVS?')).toBe('error 1003');
  });
});

describe('OCVS', () => {
  it('opens the relay, records, and lets the output hold again what it held', () => {
    const host = galvanostat({ cell: new CapacitorCell({ capacityF: 10, startV: 0.5 }) });
    host.set(':SESO:IVAL 0.1', ':SESO:STAT ON', ':PARA:TMAX 0.4');
    const { netChargeNc } = host.truth;
    expect(host.ask(':MEAS:OCVS?')).toBe('ok');
    const rows = host.bulk();
    expect(rows.map(([timeS]) => timeS)).toEqual([0.1, 0.2, 0.3, 0.4]);
    for (const [, voltageV, currentA] of rows) expect([voltageV, currentA]).toEqual([0.5, 0]);
    expect(host.truth.netChargeNc - netChargeNc).toBeLessThan(0.1 * 0.02 * 1e9 + 1);
    expect(Number(host.ask(':MEAS:CURR?'))).toBeCloseTo(0.1, 9);
  });

  it('ends at a soft limit of voltage', () => {
    const host = galvanostat({ cell: new CapacitorCell({ capacityF: 1, startV: 2 }) });
    host.set(':PARA:ULIM:MAX 1', ':PARA:ULIM:MIN 0', ':PARA:ULIM:STAT ON');
    expect(host.ask(':MEAS:OCVS?')).toBe('ok');
    expect(host.bulk()).toHaveLength(1);
  });
});

describe('the break on little change', () => {
  it('ends a still cell after the least time, and none that moves', () => {
    const host = galvanostat().set(':PARA:TOL:ABS 0.001', ':PARA:TOL:STAT 1', ':PARA:TMIN 0.5');
    host.ask(':MEAS:OCVS?');
    expect(host.bulk()).toHaveLength(5);
    host.ask(':MEAS:POGA?');
    expect(host.bulk()).toHaveLength(20);
  });

  it('compares with the first sample where it is relative', () => {
    const host = galvanostat({ cell: new CapacitorCell({ capacityF: 1, startV: 5 }) });
    host.set(':PARA:IVAL 0.1', ':PARA:TOL:REL 0.021', ':PARA:TOL:STAT 1', ':PARA:TMIN 0.3');
    host.ask(':MEAS:POGA?');
    expect(host.bulk()).toHaveLength(3);
    host.set(':PARA:TOL:REL 0.015').ask(':MEAS:POGA?');
    expect(host.bulk()).toHaveLength(20);
  });
});

describe('ramps', () => {
  const still = (): ZahnerRig =>
    bench({ cell: new CapacitorCell({ capacityF: 1e9, resistanceOhm: 1 }) }).set(
      ':SESO:COUP gal',
      ':SESO:SFRQ 10',
    );
  const currents = (host: ZahnerRig): number[] => host.bulk().map(([, , currentA = 0]) => currentA);

  it('to a value in a time begin at the set value and are on the line at each sample', () => {
    const host = still().set(':SESO:IVAL -1', ':PARA:IVAL 1', ':PARA:TIME 0.4');
    expect(host.ask(':MEAS:RMPT?')).toBe('ok');
    for (const [index, currentA] of currents(host).entries()) {
      expect(currentA).toBeCloseTo(-0.5 + index * 0.5, 9);
    }
  });

  it('to a value at a rate begin where the last one ended; the sign of the rate does not matter', () => {
    const host = still().set(':SESO:IVAL 0', ':PARA:IVAL 1', ':PARA:TIME 0.2');
    host.ask(':MEAS:RMPT?');
    host.packets();
    host.set(':PARA:IVAL 0.2', ':PARA:SCRA 2').ask(':MEAS:RMPS?');
    const falling = currents(host);
    for (const [index, wanted] of [0.8, 0.6, 0.4, 0.2].entries()) {
      expect(falling[index]).toBeCloseTo(wanted, 9);
    }
  });

  it('for a time at a rate follow its sign', () => {
    const host = still().set(':SESO:IVAL 0.5', ':PARA:SCRA -2', ':PARA:TIME 0.3');
    host.ask(':MEAS:RMPV?');
    const falling = currents(host);
    for (const [index, wanted] of [0.3, 0.1, -0.1].entries()) expect(falling[index]).toBeCloseTo(wanted, 9);
  });

  it('of voltage are driven by the potentiostat', () => {
    const host = still().set(':SESO:COUP pot', ':SESO:UVAL 0', ':PARA:UVAL 0.4', ':PARA:TIME 0.4');
    host.ask(':MEAS:RMPT?');
    const voltages = host.bulk().map(([, voltageV = 0]) => voltageV);
    for (const [index, voltageV] of voltages.entries()) expect(voltageV).toBeCloseTo(0.1 * (index + 1), 9);
  });

  it('that would never arrive, or leave what can be driven, are out of range', () => {
    const host = still().set(':PARA:IVAL 1', ':PARA:SCRA 0');
    expect(host.ask(':MEAS:RMPS?')).toBe('error 100');
    host.set(':PARA:SCRA 100', ':PARA:TIME 1');
    expect(host.ask(':MEAS:RMPV?')).toBe('error 100');
  });
});

describe('IESC', () => {
  it('records the end of each level, in a measurement of its own type', () => {
    const host = bench({ cell: new CapacitorCell({ capacityF: 1e9, resistanceOhm: 10 }) });
    host.set(':SESO:UVAL 0', ':PARA:UVAL 0.25', ':PARA:STEP 0.1', ':PARA:TMAX 0.2');
    expect(host.ask(':MEAS:IESC?')).toBe('ok');
    const packets = host.packets();
    expect(packets[0]).toEqual({ kind: 'header', type: 5, state: STATES.start, name: 'IESC' });
    const bulk = packets.at(-2);
    const rows = bulk?.kind === 'bulk' ? bulk.rows : [];
    expect(rows.map(([timeS]) => timeS)).toEqual([0.2, 0.4, 0.6, 0.8]);
    for (const [index, wanted] of [0, 0.1, 0.2, 0.25].entries()) {
      expect(rows[index]?.[1]).toBeCloseTo(wanted, 9);
    }
  });

  it('goes on to the next level on little change, and ends at a limit', () => {
    const host = bench({ cell: new CapacitorCell({ capacityF: 1e9, resistanceOhm: 10 }) });
    host.set(':PARA:UVAL 1', ':PARA:STEP 0.1', ':PARA:TMAX 10', ':PARA:TMIN 0.1');
    host.set(':PARA:TOL:ABS 0.001', ':PARA:TOL:STAT 1');
    host.set(':PARA:ILIM:MAX 0.055', ':PARA:ILIM:MIN -1', ':PARA:ILIM:STAT ON').ask(':MEAS:IESC?');
    const rows = host.bulk();
    expect(rows.map(([timeS]) => timeS)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.62]);
  });

  it('without a step is out of range', () => {
    expect(bench().set(':PARA:UVAL 1', ':PARA:STEP 0').ask(':MEAS:IESC?')).toBe('error 100');
  });
});
