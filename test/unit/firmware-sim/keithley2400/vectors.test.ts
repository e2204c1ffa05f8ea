// Goal: this codec writes and reads what the golden vectors hold, as the driver's does, though the two share
// no code. Method: every vector whose line an instrument can be brought to write or to take.
import { describe, expect, it } from 'vitest';
import { readingsText } from '../../../../firmware-sim/dialects/keithley2400/reading.ts';
import { keithley2400VectorsOf } from '../../../support/keithley2400-vectors.ts';
import { Rig } from './rig.ts';

const ELEMENTS = ['VOLT', 'CURR', 'TIME', 'STAT'] as const;

describe('vectors', () => {
  it.each([...keithley2400VectorsOf('reading'), ...keithley2400VectorsOf('block')])(
    'writes: %s',
    (_name, { line }) => {
      const values = line.split(',').map(Number);
      const readings = Array.from({ length: values.length / ELEMENTS.length }, (_, index) => {
        const [voltageV = 0, currentA = 0, timeS = 0, status = 0] = values.slice(index * ELEMENTS.length);
        return { voltageV, currentA, timeS, status, resistanceOhm: 9.91e37, calc: 9.91e37, atUs: 0 };
      });
      expect(readingsText(readings, ELEMENTS)).toBe(line);
    },
  );

  it.each([
    ['queue empty', '*CLS'],
    ['header unknown', ':NONSENSE'],
    ['parameter out of range', ':SENS:VOLT:NPLC 99'],
    ['positive code', ':READ?'],
  ])('writes the error: %s', (name, provocation) => {
    const rig = new Rig();
    rig.send(provocation);
    const vector = keithley2400VectorsOf('error').find(([known]) => known === name);
    expect(rig.ask(':SYST:ERR?')).toBe(vector?.[1].line);
  });

  it.each(keithley2400VectorsOf('command').map(([, vector]) => [vector.line, vector.sets] as const))(
    'takes %s',
    (line, { currentPa, rangePa }) => {
      const rig = new Rig();
      rig.send(':SOUR:FUNC CURR;:SENS:VOLT:PROT 1', line);
      expect(rig.error()).toBe(0);
      // Answers have seven digits.
      const answeredPa = Number(rig.ask(':SOUR:CURR?')) * 1e12;
      const setPa = currentPa ?? 0;
      expect(Math.abs(answeredPa - setPa)).toBeLessThanOrEqual(Math.abs(setPa) * 1e-6);
      if (rangePa !== undefined)
        expect(Number(rig.ask(':SOUR:CURR:RANG?')) * 1e12).toBeGreaterThanOrEqual(rangePa);
    },
  );
});
