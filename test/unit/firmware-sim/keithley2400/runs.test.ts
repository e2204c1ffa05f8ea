// Goal: whole runs: plate and strip against what the cell went through, equal seeds giving equal bytes, the
// wrap of the timestamp, the instrument's own faults, clients as they are, and any bytes at all. Method:
// virtual time; fast-check for the bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ownFaults from '../../../../firmware-sim/dialects/keithley2400/own-faults.ts';
import * as models from '../../../../firmware-sim/dialects/keithley2400/keithley2400-instrument.ts';
import { GALVANOSTAT, Rig } from './rig.ts';

/** Plates and strips `halfS` each with 1 mA, reading all the while; gives each reading's current and time. */
function plateAndStrip(rig: Rig, halfS: number): { readonly currentA: number; readonly timeS: number }[] {
  const seen: { currentA: number; timeS: number }[] = [];
  rig.send(GALVANOSTAT, ':FORM:ELEM VOLT,CURR,TIME;:SENS:VOLT:NPLC 10');
  for (const level of ['-1e-3', '1e-3']) {
    rig.send(`:SOUR:CURR ${level};:OUTP ON`);
    const endMs = rig.clock.nowMs() + halfS * 1000;
    while (rig.clock.nowMs() < endMs) {
      const [, currentA = 0, timeS = 0] = rig.numbers(':READ?');
      seen.push({ currentA, timeS });
    }
  }
  rig.send(':OUTP OFF');
  return seen;
}

describe('plating and stripping', () => {
  it('passes the charge that is set, and reads what it passes', () => {
    const rig = new Rig({ cell: 'bare-zn' });
    const seen = plateAndStrip(rig, 600);
    const { plateChargeNc, stripChargeNc } = rig.instrument.truth(1);
    expect(plateChargeNc / 1e9).toBeCloseTo(0.6, 2);
    expect(stripChargeNc / 1e9).toBeCloseTo(0.6, 2);
    const counted = { plate: 0, strip: 0 };
    for (const [index, { currentA, timeS }] of seen.entries()) {
      const elapsedS = timeS - (seen[index - 1]?.timeS ?? timeS);
      counted[currentA < 0 ? 'plate' : 'strip'] += Math.abs(currentA) * elapsedS;
    }
    expect(counted.plate).toBeCloseTo(plateChargeNc / 1e9, 2);
    expect(counted.strip).toBeCloseTo(stripChargeNc / 1e9, 2);
    expect(rig.lastSwitch?.cell).toBe('off');
    expect(rig.error()).toBe(0);
  });

  it('gives the same bytes for the same seed, and others for another', () => {
    const bytesOf = (seed: number): string => {
      const rig = new Rig({ cell: 'bare-zn', errors: 'own', seed });
      plateAndStrip(rig, 20);
      return rig.bytes;
    };
    expect(bytesOf(3)).toBe(bytesOf(3));
    expect(bytesOf(3)).not.toBe(bytesOf(4));
  });

  it('reads the same however the bytes are cut', () => {
    const bytesOf = (cut: number): string => {
      const rig = new Rig({ cell: 'bare-zn', errors: 'own' });
      const text = `${GALVANOSTAT};:SOUR:CURR 1e-3;:OUTP ON;:READ?\n`;
      for (let index = 0; index < text.length; index += cut) rig.raw(text.slice(index, index + cut));
      rig.clock.advance(1000);
      return rig.bytes;
    };
    expect(bytesOf(1)).toBe(bytesOf(1000));
  });
});

describe('own faults', () => {
  it('are two', () => {
    expect(ownFaults.KEITHLEY2400_FAULTS).toEqual(['clock-wrap', 'compliance']);
  });

  it('clock-wrap: the timestamp passes 99,999.999 s and starts again at 0', () => {
    const rig = new Rig({ faults: [{ name: 'clock-wrap', value: null, atS: null }] });
    expect(Number(rig.ask(':SYST:TIME?'))).toBeCloseTo(99_990, 1);
    rig.send(GALVANOSTAT, ':OUTP ON;:FORM:ELEM TIME');
    rig.clock.advance(9000);
    expect(Number(rig.ask(':READ?'))).toBeCloseTo(99_999, 0);
    rig.clock.advance(2000);
    expect(Number(rig.ask(':READ?'))).toBeCloseTo(1.2, 0);
  });

  it('the timestamp wraps by itself after a day', () => {
    const rig = new Rig({ scale: 1000 });
    rig.clock.advance(99_990);
    expect(Number(rig.ask(':SYST:TIME?'))).toBeGreaterThan(99_989);
    rig.clock.advance(20);
    expect(Number(rig.ask(':SYST:TIME?'))).toBeLessThan(20);
  });

  it('compliance: from its time on the source gives up at that voltage', () => {
    const rig = new Rig({ faults: [{ name: 'compliance', value: 0.03, atS: 10 }] });
    rig.send(GALVANOSTAT, ':SOUR:CURR 1e-3;:OUTP ON;:FORM:ELEM VOLT,STAT');
    expect(rig.numbers(':READ?')[0]).toBeCloseTo(0.1, 6);
    rig.clock.advance(10_000);
    const [voltage, status = 0] = rig.numbers(':READ?');
    expect(voltage).toBeCloseTo(0.03, 6);
    expect(status & 8).toBe(8);
    expect(rig.instrument.truth(1).netChargeNc).toBeLessThan(1e-3 * 10.1 * 1e9);
  });
});

describe('the models', () => {
  it.each([
    ['2400', '2.100000E+02', '1.050000E+00'],
    ['2401', '2.100000E+01', '1.050000E+00'],
    ['2410', '1.100000E+03', '1.050000E+00'],
    ['2420', '6.300000E+01', '3.150000E+00'],
    ['2440', '4.200000E+01', '5.250000E+00'],
  ])('%s has its own name and limits', (profile, voltage, current) => {
    const rig = new Rig({ profile });
    expect(models.KEITHLEY2400_PROFILES).toContain(profile);
    expect(rig.ask('*IDN?')).toMatch(new RegExp(`^KEITHLEY INSTRUMENTS INC.,MODEL ${profile},SIM7,C30`));
    expect(rig.ask(':SOUR:VOLT? MAX;:SOUR:CURR? MAX')).toBe(`${voltage};${current}`);
    expect(rig.ask(':OUTP:SMOD?')).toBe(profile === '2410' ? 'GUAR' : 'NORM');
  });
});

describe('programs as they are', () => {
  it('set up and read by the book (p. 3-18)', () => {
    const rig = new Rig({ cell: 'bare-zn' });
    const book = [
      '*RST',
      ':SOUR:FUNC CURR',
      ':SOUR:CURR:MODE FIXED',
      ':SENS:FUNC "VOLT"',
      ':SOUR:CURR:RANG MIN',
      ':SOUR:CURR:LEV 0',
      ':SENS:VOLT:PROT 2',
      ':SENS:VOLT:RANG 2',
      ':FORM:ELEM VOLT',
      ':OUTP ON',
    ];
    rig.send(...book);
    expect(rig.error()).toBe(0);
    expect(Math.abs(Number(rig.ask(':READ?')))).toBeLessThan(0.01);
  });

  it('may chain an automatic range, a range and a trailing semicolon', () => {
    const rig = new Rig();
    rig.send(
      ':SOUR:FUNC CURR',
      ':SOUR:CURR:RANG:AUTO 0;:SOUR:CURR:RANG 0.01',
      ":SENS:FUNC 'VOLT';:SENS:VOLT:NPLC 1.000000;:FORM:ELEM VOLT;",
      ':SENS:VOLT:RANG:AUTO 1;',
      ':SENS:VOLT:PROT 0.1',
      ':TRIG:SEQ:DEL 0',
      ':FORM:ELEM VOLT, CURR, RES, TIME, STAT',
      'OUTPUT ON',
    );
    expect(rig.ask(':system:error?')).toBe('0,"No error"');
    expect(rig.ask('OUTPUT?')).toBe('1');
    expect(rig.ask(':SYSTEM:RSENSE?')).toBe('0');
    rig.send(':SENS:RES:MODE MAN', ':SENS:FUNC:ALL');
    expect(rig.numbers(':READ?')).toHaveLength(5);
    expect(rig.error()).toBe(0);
  });
});

describe('any bytes', () => {
  const noise = fc
    .array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 })
    .map((codes) => String.fromCharCode(...codes));
  const words = fc
    .array(
      fc.constantFrom(
        ':SENS',
        ':VOLT',
        'SOUR',
        ':CURR',
        ':RANG',
        ' ',
        '1',
        '-1e3',
        '?',
        ';',
        ',',
        '"',
        "'",
        '(',
        'ON',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''));

  it('are answered or refused, and never more than that', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(noise, words), { maxLength: 8 }), (messages) => {
        const rig = new Rig();
        for (const message of messages) rig.send(message);
        rig.clock.advance(1000);
        rig.raw('\x18\n');
        rig.send(':ABOR', '*CLS');
        rig.bytes = '';
        expect(rig.ask('*OPC?')).toBe('1');
      }),
      { numRuns: 300, seed: 2400 },
    );
  });
});
