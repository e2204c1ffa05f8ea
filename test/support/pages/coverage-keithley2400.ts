// Commands of the Keithley 2400 that the emulator knows, with the proof. Data.
import type { CoverageRow, Try } from './coverage.ts';

/** Taken without an error; what is between semicolons is one message. */
function takes(...messages: readonly string[]): Try {
  return { sent: [...messages, ':SYST:ERR?', ''].join('\n'), answer: /^0,"No error"\n$/ };
}

/** Refused with this number. */
function refuses(code: number, message: string): Try {
  return { sent: `${message}\n:SYST:ERR?\n`, answer: new RegExp(`^\\+?${code},`) };
}

/** A query with this answer, and no error. */
function answers(pattern: string, ...messages: readonly string[]): Try {
  const sent = [...messages, ':SYST:ERR?', ''].join('\n');
  return { sent, answer: new RegExp(`^${pattern}\n0,"No error"\n$`) };
}

const GALVANOSTAT = [
  ...[':SYST:RSEN 1', ':SOUR:FUNC CURR', ':SOUR:CURR:RANG 0.01', ':SOUR:CURR:LEV -1e-3'],
  ...[":SENS:FUNC 'VOLT'", ':SENS:VOLT:PROT 1.0', ':SENS:VOLT:RANG 2', ':SENS:VOLT:NPLC 1'],
  ...[':FORM:ELEM VOLT,CURR,TIME,STAT', ':OUTP:SMOD HIMP', ':OUTP ON'],
];
const NUMBER = '[+-]?\\d\\.\\d+E[+-]\\d\\d';

export const KEITHLEY2400: readonly CoverageRow[] = [
  {
    commands: '`*IDN?`, `*RST`, `*CLS`, `*OPC?`, `*OPC`',
    state: 'emulated',
    tries: [
      answers('KEITHLEY INSTRUMENTS INC\\.,MODEL 2400,\\w*SIM\\w*,[^\n]*', '*IDN?'),
      answers('1', '*RST', '*CLS', '*OPC', '*OPC?'),
    ],
  },
  {
    commands: '`*SRE`, `*ESR?`, `*STB?`',
    state: 'emulated',
    note: '65 when the buffer is full, as in the manual',
    tries: [
      answers('\\d+', '*ESR?'),
      answers(
        '65',
        ...GALVANOSTAT,
        '*SRE 1;:STAT:MEAS:ENAB 512',
        ':TRAC:POIN 3;:TRAC:FEED SENS;:TRAC:FEED:CONT NEXT',
        ':TRIG:COUN 3;:INIT',
        '*STB?',
      ),
    ],
  },
  {
    commands: '`:SYST:ERR?`, `:SYST:TIME?`, `:SYST:TIME:RES`',
    state: 'emulated',
    note: 'wraps after 99,999.999 s',
    tries: [refuses(-113, ':NONE'), answers(NUMBER, ':SYST:TIME:RES', ':SYST:TIME?')],
  },
  {
    commands: '`:SYST:LOC`, `:SYST:RWL`',
    state: 'taken, no effect',
    note: 'there is no front panel',
    tries: [takes(':SYST:LOC', ':SYST:RWL ON')],
  },
  {
    commands: '`:SYST:RSEN`',
    state: 'emulated',
    note: 'two-wire: 0.1 ohm of leads (inferred)',
    tries: [answers('1', ':SYST:RSEN 1', ':SYST:RSEN?')],
  },
  {
    commands:
      '`:SOUR:FUNC`, `:SOUR:CURR:RANG`, `:SOUR:CURR:LEV`, `:SENS:FUNC`, `:SENS:VOLT:PROT`, `:RANG`, ' +
      '`:NPLC`, `:FORM:ELEM`',
    state: 'emulated',
    tries: [takes(...GALVANOSTAT), refuses(-222, ':SOUR:CURR:LEV 2')],
  },
  {
    commands: '`:OUTP`, `:OUTP:SMOD` NORM, ZERO, GUAR, HIMP',
    state: 'emulated',
    note: 'with their real effect on the cell; only HIMP opens it',
    tries: ['NORM', 'ZERO', 'GUAR', 'HIMP'].map((mode) => answers(mode, `:OUTP:SMOD ${mode}`, ':OUTP:SMOD?')),
  },
  {
    commands: '`:READ?`, `:FETC?`, `:INIT`, `:ABOR`',
    state: 'emulated',
    tries: [
      answers(`${NUMBER},${NUMBER},${NUMBER},${NUMBER}`, ...GALVANOSTAT, ':READ?'),
      answers(`${NUMBER},${NUMBER},${NUMBER},${NUMBER}`, ...GALVANOSTAT, ':INIT', ':FETC?'),
      takes(':ABOR'),
    ],
  },
  {
    commands: '`:SOUR:CLE`, `:SOUR:CLE:AUTO`',
    state: 'emulated',
    tries: [answers('1;0', ':SOUR:CLE:AUTO 1', ':SOUR:CLE', ':SOUR:CLE:AUTO?;:OUTP?')],
  },
  {
    commands: '`:TRAC:POIN`, `:FEED`, `:FEED:CONT`, `:DATA?`, `:TST:FORM`; `:TRIG:COUN`',
    state: 'emulated',
    note: '2500 readings; survives `*RST` and the loss of power',
    tries: [
      answers(
        `${NUMBER}(?:,${NUMBER}){7}`,
        ...GALVANOSTAT,
        ':TRAC:POIN 2;:TRAC:FEED SENS;:TRAC:TST:FORM DELT;:TRAC:FEED:CONT NEXT',
        ':TRIG:COUN 2;:INIT',
        ':TRAC:DATA?',
      ),
      refuses(-222, ':TRAC:POIN 2501'),
    ],
  },
  {
    commands: '`:STAT:MEAS` (event, condition, enable)',
    state: 'emulated',
    note: 'bits 3 and 4 of the status word from memory of the manual',
    tries: [answers('\\d+;\\d+;512', ':STAT:MEAS:ENAB 512', ':STAT:MEAS?;:STAT:MEAS:COND?;:STAT:MEAS:ENAB?')],
  },
  {
    commands: 'several queries in one message',
    state: 'emulated',
    note: 'joined by `;`; what stands behind an error is lost',
    tries: [answers('0;0', ':OUTP?;:SYST:RSEN?')],
  },
  {
    commands: '`^C`, `^X`, XON, XOFF, terminators CR, LF, CR LF, LF CR',
    state: 'emulated',
    tries: [
      { sent: ':OUTP?\u0018*OPC?\r', answer: /^1\n$/ },
      { sent: '*OPC?\u0003:OUTP?\n', answer: /^0\n$/ },
    ],
  },
  {
    commands: '`:FORM:DATA REAL`',
    state: 'refused',
    note: '+701: ASCII only with RS-232',
    tries: [refuses(701, ':FORM:DATA REAL,32')],
  },
];
