// Goal: a reading says what the cell and the settings make of it, in the instrument's own format and time.
// Method: resistors whose voltage is found by hand, errors off.
import { describe, expect, it } from 'vitest';
import { GALVANOSTAT, LOAD_OHM, load, Rig } from './rig.ts';

const READY = `${GALVANOSTAT};:SOUR:CURR 1e-3;:OUTP ON`;

function ready(options: ConstructorParameters<typeof Rig>[0] = {}): Rig {
  const rig = new Rig(options);
  rig.send(READY);
  return rig;
}

describe('elements', () => {
  const names = ['VOLT', 'CURR', 'RES', 'TIME', 'STAT'];
  const subsets = Array.from({ length: 31 }, (_, index) =>
    names.filter((_name, bit) => ((index + 1) & (1 << bit)) !== 0),
  );

  it.each(subsets.map((subset) => subset.join(',')))('come in their own order for %s', (list) => {
    const rig = ready();
    rig.send(':SYST:TIME:RES;:SYST:RSEN 1');
    const [voltage, current, , , status] = rig.numbers(':READ?');
    rig.send(`:FORM:ELEM ${list.split(',').reverse().join(', ')}`);
    const values = rig.ask(':READ?').split(',');
    const wanted = { VOLT: voltage, CURR: current, RES: 9.91e37, STAT: status };
    const seen = Object.fromEntries(list.split(',').map((name, index) => [name, Number(values[index])]));
    expect(values).toHaveLength(list.split(',').length);
    expect({ ...wanted, ...seen, TIME: 0 }).toEqual({ ...wanted, TIME: 0 });
  });

  it('are written as the manual shows them', () => {
    const rig = ready();
    expect(rig.ask(':READ?')).toMatch(
      /^\+1\.000000E-01,\+1\.000000E-03,\+9\.910000E\+37,\+\d\.\d{6}E[+-]\d\d,\+4\.233220E\+06$/,
    );
    rig.send(':SOUR:CURR -1e-3;:FORM:ELEM VOLT,CURR');
    expect(rig.ask(':READ?')).toBe('-1.000000E-01,-1.000000E-03');
  });

  it('hold the programmed level of what is sourced and not measured', () => {
    const rig = ready();
    rig.send(":SENS:FUNC:OFF 'CURR'", ':SENS:VOLT:PROT 0.05', ':FORM:ELEM VOLT,CURR');
    expect(rig.ask(':READ?')).toBe('+5.000000E-02,+1.000000E-03');
    rig.send(":SENS:FUNC:OFF 'VOLT'");
    expect(rig.ask(':READ?')).toBe('+9.910000E+37,+1.000000E-03');
  });
});

describe('the status word', () => {
  it('shows functions, source, terminals and sense', () => {
    const rig = ready();
    rig.send(':FORM:ELEM STAT');
    expect(Number(rig.ask(':READ?'))).toBe(4 + 2048 + 4096 + 32_768 + 4_194_304);
    rig.send(":SENS:FUNC:OFF 'CURR';:ROUT:TERM REAR;:SYST:RSEN 0;:SOUR:FUNC VOLT;:OUTP ON");
    expect(Number(rig.ask(':READ?'))).toBe(2048 + 16_384);
  });

  it('shows filter, null and limits', () => {
    const rig = ready();
    rig.send(':FORM:ELEM STAT;:SENS:AVER:COUN 2;:SENS:AVER ON;:CALC2:NULL:STAT 1;:CALC2:LIM2:STAT 1');
    expect(Number(rig.ask(':READ?')) & 0xff).toBe(4 + 2 + 64 + 128);
  });
});

describe('compliance', () => {
  it('holds the voltage, and is seen in the reading, the register and TRIP?', () => {
    const rig = ready();
    rig.send(':SENS:VOLT:PROT 0.25;:SOUR:CURR 5e-3;:FORM:ELEM VOLT,CURR,STAT');
    const [voltage = 0, current = 0, status = 0] = rig.numbers(':READ?');
    expect(voltage).toBeCloseTo(0.25, 6);
    expect(current).toBeCloseTo(0.25 / LOAD_OHM, 9);
    expect(status & 8).toBe(8);
    expect(rig.ask(':SENS:VOLT:PROT:TRIP?;:SENS:CURR:PROT:TRIP?')).toBe('1;0');
    rig.send(':SOUR:CURR 1e-3');
    expect(rig.ask(':SENS:VOLT:PROT:TRIP?')).toBe('0');
  });

  it('is that of the range where a fixed range is narrower', () => {
    const rig = ready();
    rig.send(':SENS:VOLT:RANG 0.2;:SOUR:CURR 5e-3;:FORM:ELEM VOLT,STAT');
    const [voltage = 0, status = 0] = rig.numbers(':READ?');
    expect(voltage).toBeCloseTo(0.21, 6);
    expect(status & (8 | 65_536)).toBe(65_536);
  });

  it('limits the current of a voltage source', () => {
    const rig = new Rig();
    rig.send(":SENS:FUNC 'VOLT';:SENS:CURR:PROT 5e-3;:SOUR:VOLT 1;:OUTP ON;:FORM:ELEM VOLT,CURR,STAT");
    const [voltage = 0, current = 0, status = 0] = rig.numbers(':READ?');
    // In 2-wire connection the terminals see the leads as well.
    expect(voltage).toBeCloseTo(0.5 + 0.0005, 6);
    expect(current).toBeCloseTo(5e-3, 9);
    expect(status & 8).toBe(8);
    expect(rig.ask(':SENS:CURR:PROT:TRIP?')).toBe('1');
  });

  it('has a least value, and a range that no measurement range may exceed', () => {
    const rig = ready();
    expect(rig.errorOf(':SENS:VOLT:PROT 1e-3')).toBe(822);
    expect(rig.errorOf(':SENS:VOLT:RANG 20')).toBe(824);
    expect(rig.errorOf(':SENS:CURR:RANG 0.01')).toBe(823);
    expect(rig.errorOf(':SENS:VOLT:RANG 2')).toBe(0);
    expect(rig.ask(':SENS:VOLT:RANG?;:SENS:VOLT:PROT? DEF')).toBe('2.100000E+00;2.100000E+01');
  });

  it('and source together keep within the power of the model', () => {
    const rig = new Rig();
    rig.send(':SOUR:FUNC CURR;:SENS:VOLT:PROT 100');
    expect(rig.errorOf(':SOUR:CURR:RANG 1')).toBe(826);
    rig.send(':SENS:VOLT:PROT 20;:SOUR:CURR:RANG 1');
    expect(rig.error()).toBe(0);
    expect(rig.errorOf(':SENS:VOLT:PROT 100')).toBe(826);
  });

  it('gives way to the over-voltage protection', () => {
    const rig = new Rig({ cell: load(1e5) });
    rig.send(GALVANOSTAT, ':SENS:VOLT:PROT 100;:SENS:VOLT:RANG 200;:SOUR:VOLT:PROT 35;:SOUR:CURR 1e-3');
    expect(rig.ask(':SOUR:VOLT:PROT?')).toBe('2.000000E+01');
    rig.send(':OUTP ON;:FORM:ELEM VOLT,STAT');
    const [voltage = 0, status = 0] = rig.numbers(':READ?');
    expect(voltage).toBeCloseTo(20, 4);
    expect(status & (8 | 16)).toBe(16);
    expect(rig.ask(':SOUR:VOLT:PROT:TRIP?')).toBe('1');
  });
});

describe('ranges', () => {
  it('say overflow where the voltage is beyond a fixed one', () => {
    const rig = new Rig({ cell: load(100, 1.5) });
    rig.send(GALVANOSTAT, ':SENS:VOLT:PROT 2;:SENS:VOLT:RANG 2;:SOUR:CURR 0;:OUTP ON');
    rig.send(':FORM:ELEM VOLT');
    expect(rig.ask(':READ?')).toBe('+1.500000E+00');
  });

  it.each([
    ['UP', '1.050000E-01'],
    ['DOWN', '1.050000E-03'],
    ['MAX', '1.050000E+00'],
    ['10.5e-3', '1.050000E-02'],
    ['10.6e-3', '1.050000E-01'],
    ['-2e-5', '1.050000E-04'],
  ])('are chosen by %s', (text, answer) => {
    const rig = new Rig();
    rig.send(`:SOUR:FUNC CURR;:SENS:VOLT:PROT 1;:SOUR:CURR:RANG 0.01;:SOUR:CURR:RANG ${text}`);
    expect(rig.ask(':SOUR:CURR:RANG?')).toBe(answer);
    expect(rig.ask(':SOUR:CURR:RANG:AUTO?')).toBe('0');
  });

  it('refuse a level beyond a fixed one, and to shrink under a level', () => {
    const rig = ready();
    expect(rig.errorOf(':SOUR:CURR 0.02')).toBe(-222);
    expect(rig.errorOf(':SOUR:CURR MAX')).toBe(-221);
    rig.send(':SOUR:CURR 9e-3');
    expect(rig.errorOf(':SOUR:CURR:RANG 1e-3')).toBe(-221);
  });
});

describe('two and four wires', () => {
  it('see the leads or do not', () => {
    const rig = new Rig();
    rig.send(GALVANOSTAT, ':SYST:RSEN 0;:SOUR:CURR 10e-3;:SENS:VOLT:PROT 2;:OUTP ON;:FORM:ELEM VOLT');
    expect(Number(rig.ask(':READ?'))).toBeCloseTo(1 + 1e-3, 6);
    rig.send(':SYST:RSEN 1;:OUTP ON');
    expect(Number(rig.ask(':READ?'))).toBeCloseTo(1, 6);
  });
});

describe('resistance', () => {
  it('is what voltage and current make in manual mode', () => {
    const rig = ready();
    rig.send(":SENS:RES:MODE MAN;:SENS:FUNC 'RES';:FORM:ELEM RES");
    expect(Number(rig.ask(':READ?'))).toBeCloseTo(LOAD_OHM, 4);
  });

  it('is measured by a test current of its own in automatic mode', () => {
    const rig = new Rig();
    rig.send(":SYST:RSEN 1;:SENS:FUNC 'RES';:OUTP ON;:FORM:ELEM CURR,RES,STAT");
    const [current = 0, ohm = 0, status = 0] = rig.numbers(':READ?');
    expect(current).toBeCloseTo(0.01, 9);
    expect(ohm).toBeCloseTo(LOAD_OHM, 4);
    expect(status & 1024).toBe(1024);
    expect(rig.errorOf(':SOUR:CURR 1e-3')).toBe(825);
  });
});

describe('time', () => {
  it.each([
    // Line 50 Hz: three or four phases with autozero, else one or two; manual p. A-4.
    [':SENS:VOLT:NPLC 1', 84],
    [':SENS:VOLT:NPLC 10', 804],
    [':SENS:VOLT:NPLC 0.01', 5],
    [':SYST:AZER 0', 42],
    [":SYST:AZER 0;:SENS:FUNC:OFF 'CURR'", 22],
    [":SENS:FUNC:OFF 'CURR'", 63],
    [':SYST:LFR 60', 71],
    [':SENS:AVER:COUN 5;:SENS:AVER ON', 407],
    [':SENS:AVER:TCON MOV;:SENS:AVER ON', 84],
    [':SOUR:DEL 0.5', 584],
    [':TRIG:DEL 0.25', 334],
    [':TRIG:COUN 10', 837],
  ])('of a reading after %s is %i ms', (setup, expectedMs) => {
    const rig = ready();
    rig.send(setup);
    rig.ask(':READ?');
    expect(rig.msOf(':READ?')).toBeGreaterThanOrEqual(expectedMs - 2);
    expect(rig.msOf(':READ?')).toBeLessThanOrEqual(expectedMs + 2);
  });

  it('runs on a clock that can be set to zero', () => {
    const rig = ready();
    rig.clock.advance(5000);
    rig.send(':FORM:ELEM TIME;:SYST:TIME:RES');
    rig.clock.advance(2000);
    expect(Number(rig.ask(':SYST:TIME?'))).toBeCloseTo(2, 1);
    expect(Number(rig.ask(':READ?'))).toBeCloseTo(2.084, 2);
    rig.send(':SYST:TIME:RES:AUTO 1');
    expect(Number(rig.ask(':READ?'))).toBeCloseTo(0.084, 2);
  });

  it('runs `scale` times as fast', () => {
    const rig = ready({ scale: 100 });
    rig.send(':FORM:ELEM TIME');
    rig.clock.advance(1000);
    expect(Number(rig.ask(':READ?'))).toBeGreaterThan(100);
    expect(rig.msOf(':READ?')).toBeLessThanOrEqual(1);
  });
});

describe('filters', () => {
  it('average over conversions, or over readings', () => {
    const rig = ready({ errors: 'own' });
    rig.send(':FORM:ELEM VOLT;:SENS:VOLT:NPLC 0.01;:SOUR:CURR 1e-3');
    rig.send(':SENS:AVER:TCON MOV;COUN 4;STAT ON');
    rig.ask(':READ?');
    rig.send(':SOUR:CURR 2e-3;:TRIG:COUN 8');
    const values = rig.numbers(':READ?');
    expect(values).toHaveLength(8);
    // The stack begins with the first reading of the new start.
    expect(Math.max(...values) - Math.min(...values)).toBeLessThan(1e-4);
  });
});

describe('statistics and limits', () => {
  it('are made of what is stored', () => {
    const rig = ready();
    rig.send(':TRAC:POIN 3;FEED:CONT NEXT;:SOUR:CURR:MODE LIST;:SOUR:LIST:CURR 1e-3,2e-3,3e-3;:TRIG:COUN 3');
    rig.ask(':READ?');
    expect(rig.numbers(':CALC3:FORM MEAN;:CALC3:DATA?')[0]).toBeCloseTo(0.2, 6);
    expect(rig.numbers(':CALC3:FORM SDEV;:CALC3:DATA?')[0]).toBeCloseTo(0.1, 6);
    expect(rig.numbers(':CALC3:FORM MAX;:CALC3:DATA?;')[1]).toBeCloseTo(3e-3, 9);
    expect(rig.numbers(':CALC3:FORM MIN;:CALC3:DATA?;')[1]).toBeCloseTo(1e-3, 9);
    expect(rig.numbers(':CALC3:FORM PKPK;:CALC3:DATA?;')[0]).toBeCloseTo(0.2, 6);
    rig.send(':TRAC:CLE');
    expect(rig.errorOf(':CALC3:DATA?')).toBe(-230);
  });

  it('judge each reading', () => {
    const rig = ready();
    rig.send(':CALC2:LIM2:LOW 0.05;UPP 0.15;STAT 1;:CALC2:LIM1:STAT 1');
    rig.ask(':READ?');
    expect(rig.ask(':CALC2:LIM2:FAIL?;:CALC2:LIM1:FAIL?;:CALC2:DATA?')).toBe('0;0;+1.000000E-01');
    expect(Number(rig.ask(':STAT:MEAS?')) & 32).toBe(32);
    rig.send(':SOUR:CURR 2e-3;:FORM:ELEM STAT');
    expect((Number(rig.ask(':READ?')) >> 8) & 3).toBe(2);
    expect(rig.ask(':CALC2:LIM2:FAIL?')).toBe('1');
    rig.send(':SENS:VOLT:PROT 0.1');
    expect((Number(rig.ask(':READ?')) >> 8) & 3).toBe(1);
    expect(rig.ask(':CALC2:LIM1:FAIL?')).toBe('1');
    rig.send(':CALC2:CLIM:CLE');
    expect(rig.ask(':CALC2:LIM1:FAIL?')).toBe('0');
  });

  it('take a null from the last reading', () => {
    const rig = ready();
    rig.ask(':READ?');
    rig.send(':CALC2:NULL:ACQ;:CALC2:NULL:STAT 1');
    rig.ask(':READ?');
    expect(Number(rig.ask(':CALC2:DATA:LAT?'))).toBeCloseTo(0, 6);
  });
});

describe('errors of the data sheet', () => {
  it('stay within what it promises, differ between units and repeat for one', () => {
    const read = (seed: number): number[] => {
      const rig = ready({ errors: 'own', seed });
      return rig.numbers(':FORM:ELEM VOLT,CURR;:READ?');
    };
    for (const seed of [1, 2, 3, 4, 5]) {
      const [voltage = 0, current = 0] = read(seed);
      // 10 mA range: source 0.045 % + 2 uA, meter 0.035 % + 600 nA; 2 V range: 0.012 % + 300 uV.
      expect(Math.abs(current - 1e-3)).toBeLessThan(0.45e-6 + 2e-6 + 0.35e-6 + 0.7e-6);
      expect(Math.abs(voltage - 0.1)).toBeLessThan(2.5e-4 + 12e-6 + 310e-6);
    }
    expect(read(1)).toEqual(read(1));
    expect(read(1)).not.toEqual(read(2));
  });

  it('can be those of another class', () => {
    const rig = ready({ errors: 'coin-cycler' });
    const [voltage = 0] = rig.numbers(':FORM:ELEM VOLT;:READ?');
    expect(voltage).not.toBe(0.1);
    expect(voltage).toBeCloseTo(0.1, 2);
  });
});
