// Goal: error queue, event registers and the status byte behave as in section 15. Method: provoke, then read.
import { describe, expect, it } from 'vitest';
import { GALVANOSTAT, Rig } from './rig.ts';

const BAD = ':NONSENSE';

describe('the error queue', () => {
  it('gives the oldest first, with text, and then none', () => {
    const rig = new Rig();
    rig.send(BAD, ':SENS:VOLT:NPLC 99', ':READ?');
    expect(rig.ask(':SYST:ERR?')).toBe('-113,"Undefined header"');
    expect(rig.ask(':STAT:QUE?')).toBe('-222,"Parameter data out of range"');
    expect(rig.ask(':SYST:ERR:NEXT?')).toBe('+803,"Not permitted with OUTPUT off"');
    expect(rig.ask(':SYST:ERR?')).toBe('0,"No error"');
  });

  it('turns the tenth message into -350 when more come', () => {
    const rig = new Rig();
    for (let index = 0; index < 12; index += 1) rig.send(BAD);
    expect(rig.ask(':SYST:ERR:COUN?')).toBe('10');
    expect(rig.ask(':SYST:ERR:CODE:ALL?')).toBe(`${'-113,'.repeat(9)}-350`);
    expect(rig.ask(':SYST:ERR:ALL?')).toBe('0,"No error"');
  });

  it('reads codes alone, all at once, and is cleared by three commands', () => {
    const rig = new Rig();
    rig.send(BAD, ':OUTP');
    expect(rig.ask(':SYST:ERR:CODE?')).toBe('-113');
    expect(rig.ask(':SYST:ERR:ALL?')).toBe('-109,"Missing parameter"');
    for (const clear of ['*CLS', ':SYST:CLE', ':STAT:QUE:CLE']) {
      rig.send(BAD, clear);
      expect(rig.error()).toBe(0);
    }
  });

  it('lets in only the numbers that are enabled', () => {
    const rig = new Rig();
    rig.send(':STAT:QUE:ENAB (-110:-222)', ':OUTP', BAD);
    expect(rig.ask(':SYST:ERR:COUN?')).toBe('1');
    expect(rig.ask(':STAT:QUE:ENAB?')).toBe('(-222:-110)');
    rig.send('*CLS', ':STAT:QUE:DIS (-113)', BAD);
    expect(rig.error()).toBe(0);
    expect(rig.ask(':STAT:QUE:ENAB?')).toBe('(-222:-114,-112:-110)');
  });
});

describe('the standard events', () => {
  it.each([
    [BAD, 32],
    [':SENS:VOLT:NPLC 99', 16],
    [':READ?', 16],
    [':FORM:DATA SRE', 8],
    ['*OPC', 1],
  ])('%s sets bit weight %i', (message, weight) => {
    const rig = new Rig();
    expect(rig.ask('*ESR?')).toBe('128');
    rig.send(message);
    expect(rig.ask('*ESR?')).toBe(String(weight));
    expect(rig.ask('*ESR?')).toBe('0');
  });

  it('reach the status byte through *ESE and *SRE', () => {
    const rig = new Rig();
    rig.send('*CLS;*ESE 32;*SRE 32', BAD);
    expect(rig.ask('*STB?')).toBe(String(32 + 64 + 4));
    expect(rig.ask('*ESE?;*SRE?')).toBe('32;32');
    expect(rig.errorOf('*SRE 256')).toBe(-222);
  });
});

describe('the status byte', () => {
  it('answers 65 once the buffer is full', () => {
    const rig = new Rig();
    rig.send(GALVANOSTAT, '*CLS;*SRE 1;:STAT:MEAS:ENAB 512');
    rig.send(':TRAC:POIN 3;FEED SENS;FEED:CONT NEXT;:TRIG:COUN 3;:OUTP ON');
    expect(rig.ask('*STB?')).toBe('0');
    rig.send(':INIT');
    expect(rig.ask('*STB?')).toBe('65');
    expect(rig.ask(':STAT:MEAS:COND?')).toBe(String(512 + 256 + 2048));
    rig.send(':TRAC:CLE', '*CLS');
    expect(rig.ask('*STB?')).toBe('0');
  });

  it('tells of a reply that waits in the same message', () => {
    expect(new Rig().ask('*ESE?;*STB?')).toBe('0;16');
  });
});

describe('register sets', () => {
  it('latch an event until it is read and keep the condition', () => {
    const rig = new Rig();
    rig.send(GALVANOSTAT, ':SENS:VOLT:PROT 0.5;:SOUR:CURR 0.01;:OUTP ON');
    rig.ask(':READ?');
    expect(Number(rig.ask(':STAT:MEAS?')) & 16_384).toBe(16_384);
    expect(rig.ask(':STAT:MEAS?')).toBe('0');
    expect(Number(rig.ask(':STAT:MEAS:COND?')) & 16_384).toBe(16_384);
  });

  it('know idle, and are told of what takes place while a sweep runs', () => {
    const rig = new Rig();
    expect(rig.ask(':STAT:OPER:COND?')).toBe('1024');
    rig.ask(':STAT:OPER?');
    rig.send(':OUTP ON;:SOUR:VOLT:MODE SWE;:SOUR:SWE:POIN 3;:TRIG:COUN 3;:INIT');
    expect(rig.ask(':STAT:OPER?')).toBe(String(1024 + 32 + 8));
  });

  it('write numbers as :FORM:SREG has it', () => {
    const rig = new Rig();
    rig.send(':STAT:MEAS:ENAB 55');
    expect(rig.ask(':STAT:MEAS:ENAB?')).toBe('55');
    rig.send(':FORM:SREG HEX');
    expect(rig.ask(':STAT:MEAS:ENAB?')).toBe('#H37');
    rig.send(':FORM:SREG OCT');
    expect(rig.ask(':STAT:MEAS:ENAB?')).toBe('#Q67');
    rig.send(':FORM:SREG BIN');
    expect(rig.ask(':STAT:MEAS:ENAB?')).toBe('#B110111');
  });

  it('lose their enables by :STAT:PRES and not by *RST', () => {
    const rig = new Rig();
    rig.send(':STAT:QUES:ENAB 256;:STAT:OPER:ENAB 8;*ESE 4', '*RST');
    expect(rig.ask(':STAT:QUES:ENAB?;:STAT:OPER:ENAB?;*ESE?')).toBe('256;8;4');
    rig.send(':STAT:PRES');
    expect(rig.ask(':STAT:QUES:ENAB?;:STAT:OPER:ENAB?;*ESE?')).toBe('0;0;4');
  });
});

describe('setups', () => {
  it('are saved, recalled, and kept without power', () => {
    const rig = new Rig();
    rig.send(':SENS:VOLT:NPLC 5;*SAV 2;:SENS:VOLT:NPLC 7;*SAV 4;:SYST:POS SAV4', '*RST');
    expect(rig.ask(':SENS:VOLT:NPLC?')).toBe('1.000000E+00');
    rig.send('*RCL 2');
    expect(rig.ask(':SENS:VOLT:NPLC?')).toBe('5.000000E+00');
    rig.instrument.restart();
    expect(rig.ask(':SENS:VOLT:NPLC?')).toBe('7.000000E+00');
  });

  it('are those of the factory where none was saved', () => {
    const rig = new Rig();
    rig.send('*RCL 3');
    expect(rig.ask(':FORM:BORD?')).toBe('SWAP');
    rig.send('*RST');
    expect(rig.ask(':FORM:BORD?')).toBe('NORM');
  });
});
