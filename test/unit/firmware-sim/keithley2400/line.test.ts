// Goal: terminators, flow control, loss without it, and device clear, as on RS-232 (p. 14-13 to 14-15).
// Method: raw bytes.
import { describe, expect, it } from 'vitest';
import { INPUT_QUEUE_LENGTH } from '../../../../firmware-sim/dialects/keithley2400/serial-line.ts';
import { GALVANOSTAT, Rig } from './rig.ts';

const XON = '\x11';
const XOFF = '\x13';
/** Takes 8.4 s; what is sent meanwhile waits. */
const BUSY = ':TRIG:COUN 100;:INIT';

function busy(flowControl: 'none' | 'xon-xoff'): Rig {
  const rig = new Rig({ menu: { flowControl } });
  rig.send(GALVANOSTAT, ':OUTP ON');
  rig.clock.advance(20);
  rig.send(BUSY);
  return rig;
}

describe('terminators', () => {
  it.each([
    ['cr', '\r'],
    ['cr-lf', '\r\n'],
    ['lf', '\n'],
    ['lf-cr', '\n\r'],
  ] as const)('%s ends each reply', (terminator, text) => {
    const rig = new Rig({ menu: { terminator } });
    rig.raw('*OPC?\r');
    expect(rig.bytes).toBe(`1${text}`);
  });

  it('may come late: a message is what stands between two of them', () => {
    const rig = new Rig();
    for (const char of '*OPC?') rig.raw(char);
    expect(rig.bytes).toBe('');
    rig.raw('\r\n*OPC?;*OPC?\n');
    expect(rig.bytes).toBe('1\n1;1\n');
  });
});

describe('without flow control', () => {
  it('loses what comes into a full queue, and says so', () => {
    const rig = busy('none');
    const count = Math.ceil(INPUT_QUEUE_LENGTH / 6) + 100;
    for (let index = 0; index < count; index += 1) rig.send('*OPC?');
    rig.clock.advance(10_000);
    const answered = rig.bytes.split('\n').filter((line) => line === '1').length;
    expect(answered).toBe(Math.floor(INPUT_QUEUE_LENGTH / 6));
    // What the last one left behind would spoil the next message.
    rig.raw('\n');
    expect(rig.ask(':SYST:ERR:CODE:ALL?').split(',')).toContain('-363');
  });

  it('takes XON and XOFF for characters', () => {
    expect(new Rig().errorOf(`*OPC${XOFF}?`)).toBe(-101);
  });
});

describe('with flow control', () => {
  it('stops the host at three quarters and lets it go on below half', () => {
    const rig = busy('xon-xoff');
    let sent = 0;
    while (!rig.bytes.includes(XOFF)) {
      rig.send('*OPC?');
      sent += 1;
    }
    expect(sent).toBe(Math.floor((0.75 * INPUT_QUEUE_LENGTH) / 6) + 1);
    expect(rig.bytes).toBe(XOFF);
    rig.clock.advance(10_000);
    expect(rig.bytes.replace(/[1\n]/g, '')).toBe(XOFF + XON);
    expect(rig.bytes.split('1\n')).toHaveLength(sent + 1);
    expect(rig.error()).toBe(0);
  });

  it('is silent after XOFF until XON', () => {
    const rig = new Rig({ menu: { flowControl: 'xon-xoff' } });
    rig.raw(`${XOFF}*OPC?\n`);
    rig.clock.advance(1000);
    expect(rig.bytes).toBe('');
    rig.raw(XON);
    expect(rig.bytes).toBe('1\n');
  });

  it('drops a reply that was held when the next message comes: -410', () => {
    const rig = new Rig({ menu: { flowControl: 'xon-xoff' } });
    rig.raw(`${XOFF}*OPC?\n`);
    rig.raw(`*ESE?\n${XON}`);
    expect(rig.bytes).toBe('0\n');
    expect(rig.error()).toBe(-410);
  });
});

describe('device clear', () => {
  it.each(['\x03', '\x18'])('ends what runs and drops what waits', (char) => {
    const rig = busy('none');
    rig.send(':READ?', '*OPC?');
    rig.raw(`:SENS:VOL${char}`);
    expect(rig.ask('*OPC?')).toBe('1');
    expect(rig.bytes).toBe('1\n');
    expect(rig.error()).toBe(0);
  });

  it('leaves the output and the settings', () => {
    const rig = busy('none');
    rig.raw('\x18');
    expect(rig.ask(':OUTP?;:TRIG:COUN?;:TRAC:POIN?')).toBe('1;100;100');
  });
});
