// Commands of Zahner potentiostats that the emulator knows, with the proof. Data.
import type { CoverageRow, Try } from './coverage.ts';

/** Each line is answered by `ok`. */
function takes(...lines: readonly string[]): Try {
  return { sent: `${lines.join('\n')}\n`, answer: new RegExp(`^(?:ok\n){${lines.length}}$`) };
}

function refuses(code: number, line: string): Try {
  return { sent: `${line}\n`, answer: new RegExp(`^[^\n]*error ${code}\\b[^\n]*\n$`) };
}

/** The last of these lines is answered so, those before by `ok`. */
function answers(pattern: string, ...lines: readonly string[]): Try {
  const before = `(?:ok\n){${lines.length - 1}}`;
  return { sent: `${lines.join('\n')}\n`, answer: new RegExp(`^${before}${pattern}\n$`) };
}

/** A packet of this type comes on the data port. */
function sends(typeHex: string, ...lines: readonly string[]): Try {
  const bytes = (typeHex.match(/../g) ?? []).reverse().map((byte) => `\\x${byte}`);
  return { sent: `${lines.join('\n')}\n`, answer: new RegExp(bytes.join('')), heardOn: 'second line' };
}

const GALVANOSTAT = [':SESO:COUP gal', ':SESO:SFRQ 10', ':PARA:IVAL 0.01', ':PARA:TMAX 2'];
const RAMP = [':SESO:COUP pot', ':SESO:SFRQ 10', ':PARA:SCRA 0.01', ':PARA:UVAL 0.05', ':PARA:TMAX 1'];
/** 10 mA make 0.1 V on 10 ohm. */
const HARD_LIMIT = [':SESO:ULIM:MAX 0.05', ':SESO:ULIM:MIN -1', ':SESO:ULIM:STAT ON'];
const NUMBER = '[-+.\\de]+';

export const ZAHNER: readonly CoverageRow[] = [
  {
    commands: '`*IDN?`, `*CLS`',
    state: 'emulated',
    tries: [answers('ZAHNER-ELEKTRIK,PP212,\\w*SIM\\w*,1\\.1\\.0', '*CLS', '*IDN?')],
  },
  {
    commands: '`ABOR`, `*RST`',
    state: 'emulated',
    note: 'out of band; `*RST` ends both lines',
    tries: [
      { sent: 'ABOR\n', answer: /^ok\n$/ },
      { sent: `${GALVANOSTAT.join('\n')}\n:MEAS:POGA?\nABOR\n`, answer: /error 1005/ },
    ],
  },
  {
    commands: '`:SESO:COUP`, `STAT`, `IVAL`, `UVAL`, `SFRQ`',
    state: 'emulated',
    tries: [takes(':SESO:COUP gal', ':SESO:IVAL 0', ':SESO:UVAL 0', ':SESO:SFRQ 50', ':SESO:STAT ON')],
  },
  {
    commands: '`:SESO:CRNG`, `CRNG:IDX`, `CRNG:AUTO`',
    state: 'emulated',
    tries: [takes(':SESO:CRNG:AUTO 0', ':SESO:CRNG 0.2', ':SESO:CRNG:IDX 0')],
  },
  {
    commands: '`:SESO:VRNG`',
    state: 'taken, no effect',
    note: 'one voltage range',
    tries: [takes(':SESO:VRNG 1')],
  },
  {
    commands: '`:SESO:CALO`',
    state: 'emulated',
    note: '3 s; offsets stay as they are',
    tries: [takes(':SESO:CALO')],
  },
  {
    commands: '`:SESO:ULIM:MAX/MIN/STAT`, `:SESO:ILIM:…`, `:SESO:UILT`',
    state: 'emulated',
    note: 'hard: potentiostat off, 1003, then 1006 until `*CLS`',
    tries: [
      takes(':SESO:ULIM:MAX 1', ':SESO:ULIM:MIN -1', ':SESO:ULIM:STAT ON', ':SESO:UILT 0.1'),
      {
        sent: `${[...GALVANOSTAT, ...HARD_LIMIT, ':MEAS:POGA?', ':MEAS:VOLT?', '*CLS'].join('\n')}\n`,
        answer: /^(?:ok\n){7}error 1003\nerror 1006\nok\n$/,
      },
      takes(':SESO:ILIM:MAX 1', ':SESO:ILIM:MIN -1', ':SESO:ILIM:STAT ON'),
    ],
  },
  {
    commands: '`:PARA:IVAL`, `UVAL`, `TMAX`, `TMIN`, `TIME`, `SCRA`',
    state: 'emulated',
    tries: [
      takes(
        ':PARA:IVAL 0.1',
        ':PARA:UVAL 0.1',
        ':PARA:TMAX 10',
        ':PARA:TMIN 1',
        ':PARA:TIME 1',
        ':PARA:SCRA 0.1',
      ),
      refuses(100, ':PARA:IVAL 1000'),
    ],
  },
  {
    commands: '`:PARA:ULIM`, `ILIM`, `UILT`, `CHAR:MAX/MIN/STAT`, `TOL:ABS/REL/STAT`',
    state: 'emulated',
    note: 'soft: the primitive ends, `ok`',
    tries: [
      takes(':PARA:ULIM:MAX 1', ':PARA:ULIM:MIN -1', ':PARA:ULIM:STAT ON', ':PARA:UILT 0'),
      takes(':PARA:ILIM:MAX 1', ':PARA:ILIM:MIN -1', ':PARA:ILIM:STAT ON'),
      takes(
        ':PARA:CHAR:MAX 0.01',
        ':PARA:CHAR:MIN -0.01',
        ':PARA:CHAR:STAT ON',
        ...GALVANOSTAT,
        ':MEAS:POGA?',
      ),
      takes(':PARA:TOL:ABS 0.001', ':PARA:TOL:REL 0.01', ':PARA:TOL:STAT ON'),
    ],
  },
  {
    commands: '`:MEAS:POGA?`, `OCVS?`, `OCV?`',
    state: 'emulated',
    tries: [
      takes(...GALVANOSTAT, ':MEAS:POGA?'),
      takes(':PARA:TMAX 1', ':MEAS:OCVS?'),
      answers(NUMBER, ':MEAS:OCV?'),
    ],
  },
  {
    commands: '`:MEAS:RMPT?`, `RMPS?`, `RMPV?`, `IESC?`',
    state: 'emulated',
    tries: [
      takes(...GALVANOSTAT, ':PARA:TIME 1', ':MEAS:RMPT?'),
      takes(...GALVANOSTAT, ':PARA:SCRA 0.01', ':MEAS:RMPS?'),
      takes(...RAMP, ':MEAS:RMPV?'),
      takes(...RAMP, ':PARA:STEP 0.01', ':MEAS:IESC?'),
    ],
  },
  {
    commands: '`:MEAS:VOLT?`, `CURR?`, `TEMP?`',
    state: 'emulated',
    note: 'one number; the thermocouple is at 25 °C always',
    tries: ['VOLT', 'CURR', 'TEMP'].map((word) => answers(NUMBER, `:MEAS:${word}?`)),
  },
  {
    commands: 'unknown commands',
    state: 'refused',
    note: '27, as the query form of a setting',
    tries: [refuses(27, ':NONE'), refuses(27, ':PARA:IVAL?')],
  },
  {
    commands: 'data port: tracks, live samples, header, bulk, appendix',
    state: 'emulated',
    note: 'live samples may be dropped, the bulk is complete; appendix after 262,144 rows (inferred)',
    tries: ['ADDDF00D11111111', 'FEEDDA7A22222222', 'B007F00D11111111', 'FEEDDA7A44444444'].map((type) =>
      sends(type, ...GALVANOSTAT, ':MEAS:POGA?'),
    ),
  },
  {
    commands: '`:SYST:SEPC`, `:SYST:HOTS`',
    state: 'refused',
    note: '1000: control by EPC is out of scope',
    tries: [refuses(1000, ':SYST:SEPC 1'), refuses(1000, ':SYST:HOTS')],
  },
];
