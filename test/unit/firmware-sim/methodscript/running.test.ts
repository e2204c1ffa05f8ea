// Goal: what happens to a running script from outside: abort, halt, loss of host and power, faults. Method:
// bytes at chosen instants of virtual time; the cell log tells what the cell saw.
import { describe, expect, it } from 'vitest';
import { ResistiveCell } from '../../../../firmware-sim/cell/resistive-cell.ts';
import { packagesOf, Rig } from './rig.ts';

const CYCLE = `
  var t
  var e
  var i
  set_pgstat_chan 0
  set_pgstat_mode 6
  set_range db 1m
  set_i 0
  cell_on
  timer_start
  meas_loop_cp e i -1m 1 100
  timer_get t
  pck_start
  pck_add t
  pck_add e
  pck_end
  endloop
  meas_loop_cp e i 1m 1 100
  pck_start
  pck_add e
  pck_end
  endloop
  on_finished:
  cell_off`;

const lastTime = (rig: Rig): number => packagesOf(rig.bytes.split('\n')).at(-1)?.[0]?.value ?? 0;

describe('Z', () => {
  it('ends the interval, the loop, and runs `on_finished:`', () => {
    const rig = new Rig();
    rig.run(CYCLE, 5500);
    expect(rig.raw('Z\n')).toBe('Z\n');
    expect(rig.cell).toBe('on');
    rig.clock.advance(499);
    expect(rig.cell).toBe('on');
    const before = rig.bytes.length;
    rig.clock.advance(1);
    expect(rig.bytes.slice(before)).toMatch(/^P[^\n]*\n\*\n\n$/);
    expect(lastTime(rig)).toBe(6);
    expect(rig.cell).toBe('off');
  });

  it('ends a wait at once', () => {
    const rig = new Rig();
    rig.run('wait 3600\nsend_string "a"\non_finished:\nsend_string "b"', 1000);
    expect(rig.raw('Z\n')).toBe('Z\nTb\n\n');
  });

  it('does not end what stands behind `on_finished:`', () => {
    const rig = new Rig();
    rig.run('abort\non_finished:\nwait 2\nsend_string "b"', 1000);
    expect(rig.raw('Z\n')).toBe('Z\n');
    rig.clock.advance(999);
    expect(rig.bytes).not.toContain('Tb');
    rig.clock.advance(1);
    expect(rig.bytes.endsWith('Tb\n\n')).toBe(true);
  });

  it('ends a loop that never waits', () => {
    const rig = new Rig();
    rig.run('loop 1 == 1\nendloop', 100);
    expect(rig.raw('Z\n')).toBe('Z\n+\n\n');
  });

  it('ends a scan before its loop', () => {
    const rig = new Rig();
    const script =
      'var e\nvar i\nset_pgstat_mode 3\ncell_on\nmeas_loop_cv e i 0 1 0 10m 10m nscans(3)\nendloop';
    rig.run(script, 1500);
    rig.raw('Z\n');
    rig.clock.advance(1000);
    expect(rig.bytes.endsWith('Z\n-\n*\n\n')).toBe(true);
  });
});

describe('a value that is set ahead of the mode', () => {
  const HOLD =
    'var e\nvar i\nset_i 500u\nset_pgstat_mode 6\nset_range db 1m\ncell_on\non_finished:\ncell_off';
  const APPLY = 'set_e 100m\nset_pgstat_mode 3\ncell_on\non_finished:\ncell_off';

  it('is kept for the mode, as examples of PalmSens have it, whatever the script before left', () => {
    const rig = new Rig();
    for (const script of [HOLD, APPLY, HOLD]) {
      expect(rig.run(script, 1000).join()).not.toContain('!');
    }
  });

  it('is refused where the script before left the cell on in a mode that it does not fit', () => {
    const rig = new Rig();
    rig.run('set_pgstat_mode 3\nset_e 0\ncell_on', 1000);
    expect(rig.run('set_i 0', 1000).join()).toContain('!0023');
  });
});

describe('Y', () => {
  it('ends the measurement loop only', () => {
    const rig = new Rig();
    rig.run(CYCLE, 5500);
    expect(rig.raw('Y\n')).toBe('Y\n');
    rig.clock.advance(500);
    expect(rig.bytes.endsWith('*\nM000A\n')).toBe(true);
    expect(rig.cellLog.at(-1)).toMatchObject({ cell: 'on', i_pa: 1e9 });
  });
});

describe('h and H', () => {
  it('halt the script and let it go on; the cell stays as it is, and time is not made up for', () => {
    const rig = new Rig();
    rig.run(CYCLE, 5500);
    expect(rig.raw('h\n')).toBe('h\n');
    expect(rig.raw('h\n')).toBe('h!0006\n');
    rig.clock.advance(60_000);
    expect(lastTime(rig)).toBe(5);
    expect(rig.cell).toBe('on');
    expect(rig.raw('H\n')).toBe('H\n');
    rig.clock.advance(499);
    expect(lastTime(rig)).toBe(5);
    rig.clock.advance(1);
    expect(lastTime(rig)).toBe(66);
  });

  it('are refused where there is nothing to resume', () => {
    const rig = new Rig();
    rig.run(CYCLE, 500);
    expect(rig.raw('H\n')).toBe('H!0006\n');
    expect(rig.raw('R\n')).toBe('');
  });

  it('give way to Z', () => {
    const rig = new Rig();
    rig.run(CYCLE, 5500);
    rig.raw('h\n');
    rig.clock.advance(10_000);
    rig.raw('Z\n');
    rig.clock.advance(1000);
    expect(rig.cell).toBe('off');
  });
});

describe('when the host is gone', () => {
  it('the script runs on and what it sends meanwhile is lost', () => {
    const rig = new Rig();
    rig.run(CYCLE, 5500);
    rig.disconnect();
    expect(rig.instrument.isAttached).toBe(false);
    const before = rig.bytes.length;
    rig.clock.advance(10_000);
    expect(rig.bytes.length).toBe(before);
    rig.connect();
    rig.clock.advance(1000);
    expect(lastTime(rig)).toBe(16);
    rig.clock.advance(200_000);
    expect(rig.cell).toBe('off');
    expect(rig.instrument.truth(1).netChargeNc).toBe(0);
  });

  it('a script that was half sent is forgotten', () => {
    const rig = new Rig();
    rig.raw('e\nsend_string "half"\n');
    rig.disconnect();
    rig.connect();
    expect(rig.raw('\n')).toBe('\n');
  });
});

describe('a loss of power', () => {
  it('opens the cell, forgets the script and starts the clock again', () => {
    const rig = new Rig();
    rig.run(CYCLE, 5500);
    rig.instrument.restart();
    expect(rig.cellLog.slice(-2)).toMatchObject([
      { cell: 'off', why: 'power', t_us: 5_500_000 },
      { cell: 'off', why: 'power', t_us: 0 },
    ]);
    rig.clock.advance(10_000);
    expect(rig.ask('r')).toBe('r!000C\n');
    expect(rig.run(CYCLE, 1000)).toHaveLength(3);
  });

  it('for good leaves nothing armed', () => {
    const rig = new Rig();
    rig.run(CYCLE, 5500);
    rig.instrument.close();
    rig.clock.advance(0);
    rig.clock.advance(1_000_000);
    expect(rig.clock.isPending).toBe(false);
    expect(rig.cell).toBe('off');
  });
});

describe('faults', () => {
  it('a critical overload kills the script in its loop and leaves the cell on', () => {
    const rig = new Rig({ faults: [{ name: 'overload-0032', value: null, atS: 5.3 }] });
    const lines = rig.run(CYCLE, 200_000);
    expect(lines.slice(-2)).toEqual(['!0032: Line 10', '']);
    expect(packagesOf(lines)).toHaveLength(5);
    expect(rig.cellLog.at(-1)).toMatchObject({ cell: 'on', i_pa: -1e9 });
    rig.run('cell_off', 0);
    expect(rig.cell).toBe('off');
    expect(rig.run(CYCLE, 300_000).at(-2)).toBe('*');
  });

  it('a late Z is acknowledged and obeyed so much later', () => {
    const rig = new Rig({ faults: [{ name: 'late-z', value: 3000, atS: null }] });
    rig.run(CYCLE, 5500);
    expect(rig.raw('Z\n')).toBe('');
    rig.clock.advance(2999);
    expect(rig.bytes).not.toContain('Z');
    rig.clock.advance(1);
    expect(rig.bytes.endsWith('Z\n')).toBe(true);
    rig.clock.advance(1000);
    expect(rig.cell).toBe('off');
  });

  it('a weak compliance lets the set current go', () => {
    const cell = new ResistiveCell({ openCircuitV: 0, resistanceOhm: 100 });
    const rig = new Rig({ cell, faults: [{ name: 'compliance', value: 0.05, atS: 3.5 }] });
    const lines = rig.run(CYCLE, 6000);
    const readings = packagesOf(lines).map(([, potential]) => [
      potential?.value.toFixed(3),
      potential?.metadata[0],
    ]);
    expect(readings[2]).toEqual(['-0.100', '14']);
    expect(readings[5]).toEqual(['-0.050', '12']);
  });
});

describe('the same seed and the same bytes at the same times', () => {
  it('give the same bytes', () => {
    const run = (): string => {
      const rig = new Rig({ errors: 'own' });
      rig.run(CYCLE, 5500);
      rig.raw('Y\n');
      rig.clock.advance(20_000);
      rig.raw('Z\n');
      rig.clock.advance(5000);
      return rig.bytes;
    };
    expect(run()).toBe(run());
  });

  it('whatever the pace at which real time is looked at', () => {
    const run = (stepMs: number): string => {
      const rig = new Rig({ errors: 'own', scale: 100 });
      rig.run(CYCLE, 0);
      for (let ms = 0; ms < 3000; ms += stepMs) rig.clock.advance(stepMs);
      return rig.bytes;
    };
    expect(run(3000)).toBe(run(7.5));
  });
});

describe('a script that takes longer than its interval', () => {
  it('is told so by the status of the next point', () => {
    const rig = new Rig();
    const lines = rig.run(
      `
      var e
      var i
      set_pgstat_mode 6
      set_range db 1m
      cell_on
      meas_loop_cp e i 1m 100m 300m
      pck_start
      pck_add i
      pck_end
      wait 150m
      endloop
      cell_off`,
      2000,
    );
    expect(packagesOf(lines).map(([current]) => current?.metadata[0])).toEqual(['10', '11', '11']);
  });
});
