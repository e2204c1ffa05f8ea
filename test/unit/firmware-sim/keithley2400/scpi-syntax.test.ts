// Goal: headers and parameters are understood in every spelling that SCPI allows, and refused with the right
// number in every other. Method: one instrument, tables of messages, the error queue.
import { describe, expect, it } from 'vitest';
import { keysOf } from '../../../../firmware-sim/dialects/keithley2400/scpi-header.ts';
import { COMMAND_TABLE } from '../../../../firmware-sim/dialects/keithley2400/command-table.ts';
import { Rig } from './rig.ts';

describe('headers', () => {
  it.each([
    ':SENS:VOLT:NPLC?',
    ':SENSE:VOLTAGE:NPLCYCLES?',
    ':sense1:voltage:dc:nplcycles?',
    ':Sens1:Volt:Dc:nPlC?',
    'SENS:VOLT:NPLC?',
    ':VOLT:NPLC?',
    'VOLTage:DC:NPLCycles?',
    ':SENS:CURR:NPLC?',
  ])('reads %s', (message) => {
    const rig = new Rig();
    rig.send(':SENS:VOLT:NPLC 0.5');
    expect(rig.ask(message)).toBe('5.000000E-01');
    expect(rig.error()).toBe(0);
  });

  it('goes back to the root at each new message and stays in the path within one', () => {
    const rig = new Rig();
    rig.send(':SOUR:FUNC CURR', ':SENS:VOLT:PROT 2;NPLC 3;RANG 2', 'NPLC 4');
    expect(rig.error()).toBe(-113);
    expect(rig.ask(':SENS:VOLT:PROT?;NPLC?;:SOUR:DEL:AUTO?')).toBe('2.000000E+00;3.000000E+00;1');
  });

  it('keeps the path over a common command', () => {
    const rig = new Rig();
    rig.send(':SENS:VOLT:NPLC 3;*CLS;NPLC 4');
    expect(rig.error()).toBe(0);
    expect(rig.ask(':SENS:VOLT:NPLC?')).toBe('4.000000E+00');
  });

  it('ignores empty units and takes both ends of a line', () => {
    const rig = new Rig();
    rig.raw(':SENS:VOLT:NPLC 2;;\r\n:SENS:VOLT:NPLC?;\r');
    expect(rig.bytes).toBe('2.000000E+00\n');
  });

  it.each([
    [':SENS:VOLT:NPLX 1', -113],
    [':SENSEX:VOLT:NPLC 1', -113],
    [':SENS:VOLTA:NPLC 1', -113],
    [':SENS2:VOLT:NPLC 1', -114],
    [':OUTP3 ON', -114],
    [':SENS::VOLT 1', -102],
    [':1SENS:VOLT 1', -102],
    [':SENS:VOLT$ 1', -101],
    ['*ESE,1', -103],
    [':SENS:VOLTAGEVOLTAGE 1', -112],
    ['*RST?', -113],
    [':SYST:TIME 1', -113],
    [':READ', -113],
    ['*RST 1', -108],
    [':SENS:VOLT:NPLC', -109],
    [':SENS:VOLT:NPLC 1,2', -108],
    [':OUTP', -109],
  ])('refuses %s with %i', (message, code) => {
    expect(new Rig().errorOf(message)).toBe(code);
  });

  it('drops what follows an error in the same message, and nothing else', () => {
    const rig = new Rig();
    expect(rig.ask('*ESE?;:SENS:DATE?;:SENS:VOLT:NPLC 7')).toBe('0');
    expect(rig.error()).toBe(-113);
    expect(rig.ask(':SENS:VOLT:NPLC?')).toBe('1.000000E+00');
  });

  it('has no two commands of one name but where :SENSe takes precedence over :SOURce', () => {
    const seen = new Set<string>();
    const twice = new Set<string>();
    for (const { header } of COMMAND_TABLE) {
      for (const key of keysOf(header)) (seen.has(key) ? twice : seen).add(key);
    }
    expect([...twice].sort()).toEqual(
      ['CURR:RANG', 'CURR:RANG:AUTO', 'FUNC', 'VOLT:RANG', 'VOLT:RANG:AUTO']
        .concat(['VOLT:PROT', 'VOLT:PROT:LEV', 'VOLT:PROT:TRIP'])
        .sort(),
    );
  });
});

describe('parameters', () => {
  it.each([
    ['1e-3', 1e-3],
    ['+.001', 1e-3],
    ['1.E-3', 1e-3],
    ['0.1E-02', 1e-3],
    ['1 e -3', 1e-3],
    ['MIN', -1.05],
    ['maximum', 1.05],
    ['DEF', 0],
  ])('takes %s for a current', (text, value) => {
    const rig = new Rig();
    rig.send(':SOUR:FUNC CURR;:SENS:VOLT:PROT 1', `:SOUR:CURR ${text}`);
    expect(rig.error()).toBe(0);
    expect(Number(rig.ask(':SOUR:CURR?'))).toBeCloseTo(value, 9);
  });

  it.each([
    ['#B100100', 36],
    ['#q44', 36],
    ['#H24', 36],
  ])('takes %s for a whole number', (text, value) => {
    const rig = new Rig();
    rig.send(`*ESE ${text}`);
    expect(rig.ask('*ESE?')).toBe(String(value));
  });

  it.each(['ON', 'on', '1', '1.0'])('takes %s for true', (text) => {
    const rig = new Rig();
    rig.send(`:SYST:RSEN ${text}`);
    expect(rig.ask(':SYST:RSEN?')).toBe('1');
  });

  it.each([
    ["'VOLT'", '"VOLT:DC","CURR:DC"'],
    ['"VOLT"', '"VOLT:DC","CURR:DC"'],
    ['"voltage:dc", \'res\'', '"VOLT:DC","CURR:DC","RES"'],
  ])('takes functions in quotes: %s', (text, answer) => {
    const rig = new Rig();
    rig.send(`:SENS:FUNC ${text}`);
    expect(rig.ask(':SENS:FUNC?')).toBe(answer);
  });

  it('sees no end of a command inside quotes', () => {
    const rig = new Rig();
    rig.send(':DISP:TEXT "a;b,c";:DISP:TEXT:STAT 1');
    expect(rig.ask(':DISP:TEXT?;:DISP:TEXT:STAT?')).toBe('"a;b,c";1');
  });

  it.each([
    [':SENS:VOLT:NPLC 1V', -131],
    [':SENS:VOLT:NPLC 1e', -131],
    [':SENS:VOLT:NPLC 1.2.3', -121],
    [':SENS:VOLT:NPLC abc', -141],
    [':SENS:VOLT:NPLC "1"', -158],
    [':SENS:VOLT:NPLC #Z1', -120],
    ['*ESE #B12', -121],
    [':SENS:VOLT:NPLC 11', -222],
    [':SENS:VOLT:NPLC 1e999', -222],
    [':SOUR:FUNC POWER', -141],
    [":SOUR:FUNC 'VOLT'", -158],
    [':SENS:FUNC VOLT', -104],
    [":SENS:FUNC 'VOLT", -151],
    [":SENS:FUNC 'POWER'", -141],
    [':SYST:RSEN 2', -224],
    [':SYST:RSEN MAYBE', -141],
    [':DISP:TEXT "123456789012345678901"', -223],
    [':FORM:DATA REAL,32', 701],
    [':FORM:ELEM VOLT,WATT', -141],
    [':TRAC:POIN 2501', -222],
    [':SYST:LFR 55', -224],
    [':SYST:POS SAV7', -141],
    ['*SAV 5', -222],
    [':SYST:BEEP 500', -109],
    [':SYST:BEEP 10, 1', -222],
  ])('refuses %s with %i', (message, code) => {
    expect(new Rig().errorOf(message)).toBe(code);
  });
});

describe('every command of the table', () => {
  const rows = COMMAND_TABLE.filter(({ header }) => header !== '').map((command) => {
    const key = keysOf(command.header).at(0) ?? '';
    return { key, command };
  });

  it.each(rows.filter(({ command }) => command.ask !== undefined && command.set !== undefined))(
    'answers $key? and takes its own answer back',
    ({ key }) => {
      const rig = new Rig();
      const answer = rig.ask(`${key}?`);
      expect(answer).not.toBe('(none)');
      rig.send('*CLS');
      // No key was pressed: 0 is none of those that can be.
      if (['*OPC', 'SYST:KEY'].includes(key)) return;
      rig.send(`${key} ${answer}`);
      // What is answered is taken, unless a setting forbids it now; it is never a matter of form.
      expect([0, -109, -221, 823, 824]).toContain(rig.error());
    },
  );
});
