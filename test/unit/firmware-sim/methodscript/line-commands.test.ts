// Goal: outside of scripts the instrument answers as PalmSens's clients and hardware tests expect. Method:
// bytes in, bytes out; expectations are those of palmsens-sdk (test_comm_protocol.py, comm_registry.py) and
// of the sync handshake in MethodSCRIPT_Examples (instrument.py).
import { describe, expect, it } from 'vitest';
import { Rig } from './rig.ts';

const bits = (field: string): bigint => BigInt(`0x${field.trim().slice(2)}`);
const hasBit = (field: string, bit: number): boolean => ((bits(field) >> BigInt(bit)) & 1n) === 1n;
const GALVANOSTAT_BITS = [67, 68, 69, 70];
/** A script that runs until it is told to stop. */
const LONG = 'var t\nloop 1i == 1i\nwait 1\nendloop\non_finished:\nsend_string "end"';

describe('an idle instrument', () => {
  it.each([
    ['', '\n'],
    ['t', 'tes4_lr1500#Mar 12 2026 14:28:01\nR*\n'],
    ['i', 'iES4LRSIM0007\n'],
    ['v', 'v01.09.00\n'],
    ['m', 'm!0048\n'],
    ['fail', 'f!0003\n'],
    ['Z', 'Z!0006\n'],
    ['Y', 'Y!0006\n'],
    ['h', 'h!0006\n'],
    ['H', 'H!0006\n'],
    ['R', 'R!0006\n'],
    ['r', 'r!000C\n'],
    ['Fmscr', 'F!000C\n'],
    ['Lmscr', 'L!000C\n'],
    ['dlfw', 'd!0003\n'],
    ['fs_dir /', 'f!0083\n'],
    ['fs_get a', 'f!0083\n'],
    ['fs_put a', 'f!0083\n'],
    ['fs_del a', 'f!0083\n'],
    ['fs_info', 'f!0083\n'],
    ['G06', 'GES4LRSIM0007\n'],
    ['G01', 'G00000000\n'],
    ['G77', 'G!0004\n'],
    ['G', 'G!004B\n'],
    ['Gxx', 'G!006D\n'],
    ['S0600', 'S!0005\n'],
    ['S01', 'S!004B\n'],
    ['S77AA', 'S!0004\n'],
    ['a'.repeat(256), 'a!0008\n'],
  ])('answers "%s"', (command, answer) => {
    expect(new Rig().ask(command)).toBe(answer);
  });

  it.each([
    ['es4_hr', 'tes4_hr1500#', 'iES4HRSIM0007\n'],
    ['nexus1', 'tnexus11500#', 'iNEXUSSIM0007\n'],
    ['espico', 'tespico1500#', 'iESPICOSIM0007\n'],
  ])('says that it is an %s', (profile, firmware, serial) => {
    const rig = new Rig({ profile });
    expect(rig.ask('t').startsWith(firmware)).toBe(true);
    rig.clock.advance(50);
    expect(rig.ask('i')).toBe(serial);
  });

  it('keeps what a register is set to until it loses power', () => {
    const rig = new Rig();
    expect(rig.ask('S010000000f')).toBe('S\n');
    expect(rig.ask('G01')).toBe('G0000000F\n');
    rig.instrument.restart();
    expect(rig.ask('G01')).toBe('G00000000\n');
  });

  it('has a galvanostat among its capabilities, and the commands of the abort handshake', () => {
    const rig = new Rig();
    const [line, script] = [rig.ask('CC'), rig.ask('CM')];
    expect(line).toMatch(/^CC[0-9A-F]{64}\n$/);
    expect(script).toMatch(/^CM[0-9A-F]{64}\n$/);
    expect([1, 96, 97, 98, 99, 101].every((bit) => hasBit(line, bit))).toBe(true);
    expect(GALVANOSTAT_BITS.every((bit) => hasBit(script, bit))).toBe(true);
    // No storage, no display: no bits that a client would act on.
    expect([51, 52, 53].some((bit) => hasBit(line, bit)) || hasBit(script, 119)).toBe(false);
  });

  it('has no galvanostat among its capabilities when it is a Pico', () => {
    const script = new Rig({ profile: 'espico' }).ask('CM');
    expect(GALVANOSTAT_BITS.some((bit) => hasBit(script, bit))).toBe(false);
    expect([1, 28, 30].every((bit) => hasBit(script, bit))).toBe(true);
  });

  it('hears nothing for a while after an error, then hears again', () => {
    const rig = new Rig();
    expect(rig.raw('fail\nt\n')).toBe('f!0003\n');
    rig.clock.advance(49);
    expect(rig.raw('v\n')).toBe('');
    rig.clock.advance(51);
    expect(rig.raw('v\n')).toBe('v01.09.00\n');
  });

  it('takes a command that comes in pieces, and one with a carriage return', () => {
    const rig = new Rig();
    expect(rig.raw('v')).toBe('');
    expect(rig.raw('\r\n')).toBe('v01.09.00\n');
  });
});

describe('loading and running', () => {
  it('loads without running, runs what is loaded, as often as asked', () => {
    const rig = new Rig();
    expect(rig.raw('l\nsend_string "a"\n\n')).toBe('l\n');
    expect(rig.raw('r\n')).toBe('r\nTa\n\n');
    expect(rig.raw('r\n')).toBe('r\nTa\n\n');
  });

  it('keeps a script in non-volatile memory across a loss of power', () => {
    const rig = new Rig();
    rig.raw('l\nsend_string "kept"\n\n');
    expect(rig.raw('Fmscr\n')).toBe('F\n');
    rig.instrument.restart();
    expect(rig.ask('r')).toBe('r!000C\n');
    expect(rig.raw('Lmscr\n')).toBe('L\n');
    expect(rig.raw('r\n')).toBe('r\nTkept\n\n');
  });

  it('answers `e` on a line of its own, then runs and ends with an empty line', () => {
    expect(new Rig().raw('e\nsend_string "hello world!"\n\n')).toBe('e\nThello world!\n\n');
    expect(new Rig().raw('e\n\n')).toBe('e\n\n');
  });

  it('refuses a script at its first bad line and does not hear the rest of it', () => {
    const rig = new Rig();
    expect(rig.raw('e\nfail\nsend_string "x"\n\n')).toBe('e!4001: Line 1, Col 5\n');
    rig.clock.advance(100);
    expect(rig.ask('r')).toBe('r!000C\n');
  });

  it('refuses a line of a script that is too long', () => {
    expect(new Rig().raw(`e\n# ${'x'.repeat(300)}\n`)).toBe('e!0008\n');
  });
});

describe('while a script runs', () => {
  it.each(['e', 'l', 'r', 'i', 'v', 'CC', 'CM', 'G01', 'Fmscr', 'fs_dir'])(
    'refuses %s, which is for an idle instrument',
    (command) => {
      const rig = new Rig();
      rig.run(LONG, 10);
      expect(rig.raw(`${command}\n`)).toBe(`${command.charAt(0)}!0006\n`);
    },
  );

  it('still says who it is, and is not taken for ended by an empty line', () => {
    const rig = new Rig();
    rig.run(LONG, 10);
    expect(rig.raw('t\n')).toBe('tes4_lr1500#Mar 12 2026 14:28:01\nR*\n');
    expect(rig.raw('\n')).toBe('');
  });

  it('follows the handshake that every client begins with', () => {
    const rig = new Rig();
    expect(rig.raw('\nZ\n')).toBe('\nZ!0006\n');
    rig.clock.advance(100);
    rig.run(LONG, 2500);
    expect(rig.raw('\nZ\n')).toBe('Z\n+\nTend\n\n');
    expect(rig.raw('t\n')).toContain('R*');
  });
});
