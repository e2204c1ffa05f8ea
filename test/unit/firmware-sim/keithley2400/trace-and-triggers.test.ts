// Goal: the trace buffer and the trigger model count, wait, store and stop as sections 9 to 11 say. Method: a
// resistor, small counts, virtual time.
import { describe, expect, it } from 'vitest';
import { GALVANOSTAT, Rig } from './rig.ts';

function ready(): Rig {
  const rig = new Rig();
  rig.send(GALVANOSTAT, ':SOUR:CURR 1e-3;:OUTP ON;:FORM:ELEM VOLT');
  rig.clock.advance(20);
  return rig;
}

describe('the trace buffer', () => {
  it('fills once and stops; NEXT overwrites', () => {
    const rig = ready();
    rig.send(':TRAC:POIN 3;FEED SENS;FEED:CONT NEXT;:TRIG:COUN 5;:INIT');
    expect(rig.ask(':TRAC:POIN:ACT?;:TRAC:FEED:CONT?;:TRAC:POIN?')).toBe('3;NEV;3');
    expect(rig.numbers(':TRAC:DATA?')).toHaveLength(3);
    rig.send(':SOUR:CURR 2e-3;:TRAC:FEED:CONT NEXT');
    expect(rig.ask(':TRAC:POIN:ACT?')).toBe('0');
    rig.ask(':READ?');
    expect(rig.numbers(':DATA:DATA?')).toEqual([0.2, 0.2, 0.2]);
  });

  it('stores nothing with NEVer, and is refused other shapes while it stores', () => {
    const rig = ready();
    rig.send(':TRAC:FEED:CONT NEV');
    rig.ask(':READ?');
    expect(rig.errorOf(':TRAC:DATA?')).toBe(-230);
    rig.send(':TRAC:FEED:CONT NEXT');
    expect(rig.errorOf(':TRAC:POIN 5')).toBe(800);
    expect(rig.errorOf(':TRAC:FEED CALC2')).toBe(800);
    rig.send(':TRAC:FEED:CONT NEV;:TRAC:FEED SENSe1');
    expect(rig.ask(':TRAC:FEED?;:TRAC:FREE?')).toBe('SENS;48000,2000');
  });

  it.each([
    ['SENS', [0.1, 0.1]],
    ['CALC', [9.91e37, 9.91e37]],
    ['CALC2', [9.91e37, 9.91e37]],
  ])('takes what %s feeds', (feed, values) => {
    const rig = ready();
    rig.send(`:TRAC:POIN 2;FEED ${feed};FEED:CONT NEXT;:TRIG:COUN 2`);
    rig.ask(':READ?');
    expect(rig.numbers(':TRAC:DATA?')).toEqual(values);
  });

  it('takes results of CALC2 with time and status', () => {
    const rig = ready();
    rig.send(':CALC2:NULL:OFFS 0.02;STAT 1;:FORM:ELEM:CALC CALC,TIME,STAT');
    rig.send(':TRAC:POIN 2;FEED CALC2;FEED:CONT NEXT;:TRIG:COUN 2');
    rig.ask(':READ?');
    const [calc, time, status, , later] = rig.numbers(':TRAC:DATA?');
    expect(calc).toBeCloseTo(0.08, 6);
    expect(time).toBe(0);
    expect((status ?? 0) & 64).toBe(64);
    expect(later).toBeCloseTo(0.084, 2);
  });

  it('writes times from the first reading or from the one before', () => {
    const rig = ready();
    rig.send(':FORM:ELEM TIME;:TRIG:COUN 3;DEL 0.916;:TRAC:POIN 3;FEED:CONT NEXT');
    rig.ask(':READ?');
    expect(rig.numbers(':TRAC:DATA?').map((time) => Math.round(time))).toEqual([0, 1, 2]);
    rig.send(':TRAC:TST:FORM DELT');
    expect(rig.numbers(':TRAC:DATA?').map((time) => Math.round(time))).toEqual([0, 1, 1]);
    expect(rig.ask(':TRAC:TST:FORM?')).toBe('DELT');
  });

  it('is not touched by *RST', () => {
    const rig = ready();
    rig.send(':TRAC:POIN 2;FEED:CONT NEXT;:TRIG:COUN 2');
    rig.ask(':READ?');
    rig.send('*RST');
    expect(rig.ask(':TRAC:POIN?;:TRAC:POIN:ACT?')).toBe('2;2');
  });

  it('holds 2500 readings', () => {
    const rig = ready();
    rig.send(':TRAC:POIN MAX;FEED:CONT NEXT;:TRIG:COUN 2500;:SENS:VOLT:NPLC 0.01;:INIT');
    expect(rig.ask(':TRAC:POIN:ACT?', 60_000)).toBe('2500');
    expect(rig.numbers(':TRAC:DATA?')).toHaveLength(2500);
  });
});

describe('counts', () => {
  it('multiply, and do not exceed 2500 together', () => {
    const rig = ready();
    rig.send(':ARM:COUN 3;:TRIG:COUN 4');
    expect(rig.numbers(':READ?')).toHaveLength(12);
    expect(rig.numbers(':FETC?')).toHaveLength(12);
    expect(rig.ask(':SENS:DATA?')).toBe('+1.000000E-01');
    expect(rig.errorOf(':TRIG:COUN 1000')).toBe(-221);
    expect(rig.errorOf(':TRIG:COUN 2501')).toBe(-222);
  });

  it('may be infinite for arming; then there is nothing to read, and only an abort ends it', () => {
    const rig = ready();
    rig.send(':ARM:COUN INF');
    expect(rig.ask(':ARM:COUN?')).toBe('9.900000E+37');
    expect(rig.errorOf(':READ?')).toBe(830);
    rig.send(':INIT');
    expect(rig.ask(':OUTP?', 60_000)).toBe('(none)');
    rig.send(':ABOR');
    expect(rig.bytes.endsWith('1\n')).toBe(true);
  });
});

describe('while the instrument is not idle', () => {
  it('commands wait for their turn (p. 16-3)', () => {
    const rig = ready();
    rig.send(':TRIG:COUN 10;:INIT', ':OUTP OFF');
    rig.clock.advance(500);
    expect(rig.lastSwitch?.cell).toBe('on');
    rig.clock.advance(500);
    expect(rig.lastSwitch?.cell).toBe('off');
  });

  it('an abort comes first, and what waited goes on', () => {
    const rig = ready();
    rig.send(':TRIG:COUN 10');
    rig.send(':READ?', ':SOUR:CURR 2e-3');
    rig.clock.advance(300);
    rig.send(':ABOR;:SOUR:CURR?');
    const [readings = '', level] = rig.bytes.trimEnd().split('\n');
    expect(readings.split(',')).toHaveLength(3);
    expect(level).toBe('2.000000E-03');
  });

  it('a reset cancels what waits', () => {
    const rig = ready();
    rig.send(':TRIG:COUN 10', ':READ?', '*IDN?');
    rig.clock.advance(300);
    rig.send('*RST');
    rig.clock.advance(5000);
    expect(rig.bytes).toBe('');
    expect(rig.ask('*OPC?')).toBe('1');
  });

  it('*OPC? answers when it is over', () => {
    const rig = ready();
    rig.send(':TRIG:COUN 10;:INIT');
    expect(rig.msOf('*OPC?')).toBeGreaterThan(800);
  });
});

describe('arming', () => {
  it('by a timer begins at once and then keeps its interval', () => {
    const rig = ready();
    rig.send(':FORM:ELEM TIME;:ARM:SOUR TIM;TIM 2;COUN 4');
    const times = rig.numbers(':READ?', 20_000);
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    for (const step of steps) expect(step).toBeCloseTo(2, 2);
  });

  it('by the bus waits for *TRG each time', () => {
    const rig = ready();
    rig.send(':ARM:SOUR BUS;COUN 2;:INIT');
    rig.clock.advance(10_000);
    rig.send('*TRG');
    rig.clock.advance(1000);
    rig.send('*TRG');
    expect(rig.numbers(':FETC?')).toHaveLength(2);
    rig.send('*TRG');
    expect(rig.error()).toBe(-211);
  });

  it('by what nobody gives waits for an abort, or is passed by once', () => {
    const rig = ready();
    rig.send(':ARM:SOUR TLIN;:INIT');
    expect(rig.ask(':OUTP?', 10_000)).toBe('(none)');
    rig.send(':ABOR');
    rig.send(':ARM:DIR SOUR');
    expect(rig.ask(':READ?')).toBe('+1.000000E-01');
  });
});

describe('sweeps', () => {
  const levels = (setup: string): number[] => {
    const rig = ready();
    rig.send(`:SOUR:CURR:RANG:AUTO 1;:FORM:ELEM CURR;${setup}`);
    return rig.numbers(':READ?').map((value) => Number(value.toPrecision(6)));
  };

  it.each([
    ['SWE:SPAC LIN', [1e-3, 2e-3, 3e-3, 4e-3, 5e-3]],
    ['SWE:DIR DOWN', [5e-3, 4e-3, 3e-3, 2e-3, 1e-3]],
  ])('are linear staircases: %s', (setup, expected) => {
    const sweep = ':SOUR:CURR:STAR 1e-3;STOP 5e-3;MODE SWE;:SOUR:SWE:POIN 5;:TRIG:COUN 5';
    expect(levels(`${sweep};:SOUR:${setup}`)).toEqual(expected);
  });

  it('are logarithmic staircases', () => {
    const sweep = ':SOUR:CURR:STAR 1e-5;STOP 1e-3;MODE SWE;:SOUR:SWE:POIN 3;SPAC LOG;:TRIG:COUN 3';
    expect(levels(sweep)).toEqual([1e-5, 1e-4, 1e-3]);
  });

  it('are lists, which can be appended to', () => {
    const list = ':SOUR:LIST:CURR 1e-3,-2e-3;:SOUR:LIST:CURR:APP 3e-3;:SOUR:CURR:MODE LIST;:TRIG:COUN 4';
    expect(levels(list)).toEqual([1e-3, -2e-3, 3e-3, 1e-3]);
  });

  it('are memories of whole setups', () => {
    const rig = ready();
    rig.send(':SOUR:CURR 2e-3;:SOUR:MEM:SAVE 1;:SOUR:CURR 3e-3;:SOUR:MEM:SAVE 2');
    rig.send(':SOUR:MEM:STAR 1;POIN 2;:SOUR:FUNC MEM;:TRIG:COUN 2;:FORM:ELEM VOLT');
    expect(rig.numbers(':READ?')).toEqual([0.2, 0.3]);
  });

  it('couple start, stop, center, span, step and points', () => {
    const rig = new Rig();
    rig.send(':SOUR:VOLT:STAR 0;STOP 1;STEP 0.1');
    expect(rig.ask(':SOUR:SWE:POIN?;:SOUR:VOLT:CENT?;SPAN?')).toBe('11;5.000000E-01;1.000000E+00');
    rig.send(':SOUR:VOLT:CENT 2;SPAN 2;:SOUR:SWE:POIN 3');
    expect(rig.ask(':SOUR:VOLT:STAR?;STOP?;STEP?')).toBe('1.000000E+00;3.000000E+00;1.000000E+00');
  });

  it('end early at compliance where they are told to, and go back to the bias', () => {
    const rig = ready();
    rig.send(':SENS:VOLT:PROT 0.25;:SOUR:CURR:STAR 1e-3;STOP 5e-3;MODE SWE');
    rig.send(':SOUR:SWE:POIN 5;CAB EARL;:TRIG:COUN 5');
    expect(rig.numbers(':READ?')).toEqual([0.1, 0.2, 0.25]);
    expect(rig.lastSwitch).toMatchObject({ cell: 'on', i_pa: 1_000_000_000 });
  });

  it('put a triggered level out with the source action', () => {
    const rig = ready();
    rig.send(':SOUR:CURR:TRIG 4e-3');
    expect(rig.ask(':SOUR:CURR?')).toBe('1.000000E-03');
    expect(rig.ask(':READ?')).toBe('+4.000000E-01');
    expect(rig.ask(':SOUR:CURR?')).toBe('4.000000E-03');
  });
});
