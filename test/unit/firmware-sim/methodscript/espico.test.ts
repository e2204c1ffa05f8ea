// Goal: an EmStat Pico refuses what it lacks, and its small receive buffer behaves like one. Method: bytes at
// chosen instants; a host that obeys XOFF and one that does not.
import { describe, expect, it } from 'vitest';
import { createMemoryPair } from '../../../../firmware-sim/attach/memory.ts';
import { ResistiveCell } from '../../../../firmware-sim/cell/resistive-cell.ts';
import * as methodscript from '../../../../firmware-sim/dialects/methodscript/methodscript-instrument.ts';
import { VirtualClock } from '../../../../src/base/virtual-clock.ts';
import { packagesOf, Rig } from './rig.ts';

const pico = () =>
  new Rig({ profile: 'espico', cell: new ResistiveCell({ openCircuitV: 0, resistanceOhm: 1000 }) });

describe('a Pico', () => {
  it.each([
    ['set_pgstat_mode 6', '0021'],
    ['set_i 0', '001B'],
    ['var e\nvar i\nmeas_loop_cp e i 0 1 10\nendloop', '001B'],
    ['var e\nvar i\nmeas_loop_lsp e i 0 1 1 1\nendloop', '001B'],
    ['var e\nvar i\nmeas_loop_geis e e i 1 1 1 1 1\nendloop', '001B'],
    ['set_pgstat_mode 3\nset_e 2100m', '000F'],
    ['set_pgstat_mode 3\nset_e -1800m', '000F'],
  ])('has no galvanostat and a small envelope: %s', (script, code) => {
    const rig = pico();
    rig.run(script, 1000);
    expect(rig.bytes).toContain(`!${code}`);
  });

  it('measures in its own ranges and sends no noise', () => {
    const rig = pico();
    const script = `
      var e
      var i
      set_pgstat_chan 0
      set_pgstat_mode 3
      set_range ba 1m
      set_e 0
      cell_on
      meas_loop_ca e i 500m 100m 100m
      pck_start
      pck_add i
      pck_end
      endloop
      on_finished:
      cell_off`;
    rig.run(script, 1000);
    const [current] = packagesOf(rig.bytes.split('\n'))[0] ?? [];
    expect(current?.value).toBeCloseTo(5e-4, 9);
    expect(current?.metadata).toEqual(['10', '288']);
  });
});

/** A host that writes line after line and hears flow control, whatever it does about it. */
class PacedHost {
  answer = '';
  /** X: told to stop; O: told to go on. */
  flow = '';
  readonly #clock = new VirtualClock();
  readonly #write: (text: string) => void;

  constructor() {
    const clock = this.#clock;
    const { host, device } = createMemoryPair(clock);
    const instrument = methodscript.createMethodscriptInstrument({ clock, seed: 1, profile: 'espico' });
    host.onBytes((text) => this.#receive(text));
    host.onClosed(() => undefined);
    instrument.attach(device);
    this.#write = (text) => void host.write(text);
  }

  get isStopped(): boolean {
    return this.flow.endsWith('X');
  }

  /** A line each millisecond; an obedient host waits while it is told to. */
  send(lines: readonly string[], manners: 'obedient' | 'careless'): void {
    for (const line of lines) {
      if (manners === 'obedient') this.#waitForXon();
      this.#write(`${line}\n`);
      this.#clock.advance(1);
    }
    this.#clock.advance(5000);
  }

  #waitForXon(): void {
    for (let waitedMs = 0; this.isStopped && waitedMs < 10_000; waitedMs += 1) this.#clock.advance(1);
  }

  #receive(text: string): void {
    for (const character of text) {
      if (character === '\x13') this.flow += 'X';
      else if (character === '\x11') this.flow += 'O';
      else this.answer += character;
    }
  }
}

const show = 'send_string f"{x}"';
const SCRIPT = ['e', 'var x', ...Array.from({ length: 200 }, (_, n) => `store_var x ${n}i ja`), show, ''];

describe('the receive buffer of a Pico', () => {
  it('tells the host to stop and to go on, and loses nothing of a host that obeys', () => {
    const host = new PacedHost();
    host.send(SCRIPT, 'obedient');
    expect(host.answer).toBe('e\nT199\n\n');
    expect(host.flow).toMatch(/^(XO)+$/);
  });

  it('loses bytes of a host that does not, and the script is refused', () => {
    const host = new PacedHost();
    host.send(SCRIPT, 'careless');
    expect(host.answer).toMatch(/^e!/);
    expect(host.answer).not.toContain('T199');
  });

  it('is large enough for a host that waits 5 ms after each line', () => {
    const rig = pico();
    rig.raw('e\n');
    for (let line = 0; line < 100; line += 1) {
      rig.clock.advance(5);
      rig.raw('# a line of a script\n');
    }
    rig.raw('\n');
    rig.clock.advance(50);
    expect(rig.bytes).toBe('e\n\n');
  });

  it('holds its output while the host says XOFF', () => {
    const rig = pico();
    rig.run('wait 100m\nsend_string "a"', 10);
    rig.raw('\x13');
    rig.clock.advance(500);
    expect(rig.bytes).toBe('e\n');
    expect(rig.raw('\x11')).toBe('Ta\n\n');
  });

  it('says XON when it wakes', () => {
    const rig = pico();
    rig.instrument.restart();
    rig.clock.advance(0);
    expect(rig.bytes).toBe('\x11');
  });
});

describe('an instrument on USB', () => {
  it('loses nothing of a script written at once', () => {
    const rig = new Rig();
    const script = ['var x', ...Array.from({ length: 500 }, (_, n) => `store_var x ${n}i ja`), show].join(
      '\n',
    );
    expect(rig.run(script)).toEqual(['e', 'T499', '']);
  });
});
