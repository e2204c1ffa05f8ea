// Commands of MethodSCRIPT instruments that the emulator knows, with the proof. Data.
import type { CoverageRow, Try } from './coverage.ts';

/** A script that runs to its end without an error. */
function runs(...lines: readonly string[]): Try {
  return { sent: `e\n${lines.join('\n')}\n\n`, answer: /^e\n[^!]*$/ };
}

/** One that is refused when it is read, or that fails when it runs. */
function fails(code: string, ...lines: readonly string[]): Try {
  return { sent: `e\n${lines.join('\n')}\n\n`, answer: new RegExp(`!${code}`) };
}

const GALVANOSTAT = [
  ...['var p', 'var i', 'var f', 'var r', 'var z', 'set_pgstat_chan 0', 'set_pgstat_mode 6'],
  ...['set_max_bandwidth 40', 'set_range ab 1', 'set_range db 1m', 'set_i 0', 'cell_on'],
];
const POTENTIOSTAT = [
  ...['var p', 'var i', 'var f', 'var r', 'var z', 'var g', 'var b', 'set_pgstat_chan 0'],
  ...['set_pgstat_mode 2', 'set_max_bandwidth 40', 'set_range ba 10m', 'set_e 0', 'cell_on'],
];
const PACKAGE = ['pck_start', 'pck_add p', 'pck_end', 'endloop'];
const RUNNING = 'e\nwait 20\n\n';

export const METHODSCRIPT_LINE: readonly CoverageRow[] = [
  { commands: 'empty line', state: 'emulated', tries: [{ sent: '\n', answer: /^\n$/ }] },
  { commands: '`t`', state: 'emulated', tries: [{ sent: 't\n', answer: /^tes4_lr.*\nR\*\n$/ }] },
  { commands: '`i`', state: 'emulated', tries: [{ sent: 'i\n', answer: /^i\w*SIM\w*\n$/ }] },
  { commands: '`v`', state: 'emulated', tries: [{ sent: 'v\n', answer: /^v01\.09\.00\n$/ }] },
  {
    commands: '`CC`, `CM`',
    state: 'emulated',
    note: 'a bit for what works here',
    tries: [
      { sent: 'CC\n', answer: /^CC[0-9A-F]{64}\n$/ },
      { sent: 'CM\n', answer: /^CM[0-9A-F]{64}\n$/ },
    ],
  },
  {
    commands: '`G`, `S`',
    state: 'emulated',
    note: 'registers 01 and 06 (inferred), others 0004',
    tries: [
      { sent: 'G01\n', answer: /^G[0-9A-F]+\n$/ },
      { sent: 'S010000000f\nG01\n', answer: /^S\nG0000000F\n$/ },
      { sent: 'G42\n', answer: /^G!0004\n$/ },
    ],
  },
  {
    commands: '`l`, `r`, `e`',
    state: 'emulated',
    note: 'errors while reading: line and column',
    tries: [
      { sent: 'l\nsend_string "a"\n\nr\n', answer: /^l\nr\nTa\n\n$/ },
      { sent: 'r\n', answer: /^r!000C\n$/ },
      { sent: 'e\ninvalid_command\n\n', answer: /^e!4001: Line 1, Col 16\n$/ },
    ],
  },
  {
    commands: '`Fmscr`, `Lmscr`',
    state: 'emulated',
    tries: [{ sent: 'l\nwait 1\n\nFmscr\nLmscr\n', answer: /^l\nF\nL\n$/ }],
  },
  {
    commands: '`Z`, `Y`, `h`, `H`',
    state: 'emulated',
    tries: [
      { sent: `${RUNNING}Z\n`, answer: /^e\nZ\n\n$/ },
      { sent: `${RUNNING}h\nH\nZ\n`, answer: /^e\nh\nH\nZ\n\n$/ },
      { sent: `${RUNNING}Y\n`, answer: /^e\nY\n/ },
      { sent: 'Z\n', answer: /^Z!0006\n$/ },
    ],
  },
  {
    commands: '`R`',
    state: 'emulated',
    note: 'in a cyclic sweep; 0006 elsewhere',
    tries: [
      {
        sent: `e\n${[...POTENTIOSTAT, 'meas_loop_cv p i 0 10m -10m 1m 10m', ...PACKAGE].join('\n')}\n\nR\n`,
        answer: /^e\nM0005\nR\nP/,
      },
      { sent: 'R\n', answer: /^R!0006\n$/ },
    ],
  },
  { commands: '`m`', state: 'refused', note: '0048', tries: [{ sent: 'm\n', answer: /^m!0048\n$/ }] },
  {
    commands: '`fs_dir`, `fs_get`, `fs_put`, `fs_del`, `fs_info` …',
    state: 'refused',
    note: '0083: no storage',
    tries: ['fs_dir', 'fs_get', 'fs_put', 'fs_del', 'fs_info'].map((word) => ({
      sent: `${word} /a\n`,
      answer: /^f!0083\n$/,
    })),
  },
  {
    commands: '`dlfw`',
    state: 'refused',
    note: '0003: nobody may start the boot loader',
    tries: [{ sent: 'dlfw\n', answer: /^d!0003\n$/ }],
  },
  {
    commands: 'CRC16 extension',
    state: 'out of scope',
    note: 'its framing is not public',
    tries: [],
  },
];

export const METHODSCRIPT_SCRIPT: readonly CoverageRow[] = [
  {
    commands: '`var`, `array`, `store_var`, `copy_var`, `add_var`, `sub_var`, `mul_var`, `div_var`',
    state: 'emulated',
    tries: [
      runs('var a', 'var b', 'array c 3', 'store_var a 2 ja', 'copy_var a b', 'add_var a 1', 'sub_var a 1'),
      runs('var a', 'store_var a 2 ja', 'mul_var a 3', 'div_var a 2'),
      fails('4026', 'var p', 'var p'),
    ],
  },
  {
    commands: '`alter_vartype`, `float_to_int`, `mean`',
    state: 'emulated',
    tries: [
      runs('var a', 'array c 2', 'store_var a 2 ja', 'alter_vartype a as', 'float_to_int a', 'mean c a'),
    ],
  },
  {
    commands: '`if` … `endif`, `loop` … `endloop`, `breakloop`, `abort`, `on_finished:`',
    state: 'emulated',
    tries: [
      {
        sent: [
          ...['e', 'var a', 'store_var a 0i ja', 'loop a < 3i', 'add_var a 1i', 'if a > 1i', 'breakloop'],
          ...['elseif a < 0i', 'abort', 'else', 'endif', 'endloop', 'abort', 'on_finished:'],
          ...['send_string "end"', '', ''],
        ].join('\n'),
        answer: /^e\nL\n\+\nTend\n\n$/,
      },
    ],
  },
  {
    commands: '`timer_start`, `timer_get`, `wait`',
    state: 'emulated',
    tries: [runs('var t', 'timer_start', 'wait 5', 'timer_get t')],
  },
  {
    commands: '`pck_start`, `pck_add`, `pck_end`, `send_string`, `set_script_output` 0, 1',
    state: 'emulated',
    tries: [
      {
        sent: 'e\nvar a\nstore_var a 0 ja\npck_start\npck_add a\npck_end\nsend_string f"{a}"\n\n',
        answer: /^e\nPja8000000 \nT0\S*\n\n$/,
      },
      runs('set_script_output 0', 'set_script_output 1'),
    ],
  },
  {
    commands: '`set_script_output` 2, 3, `file_open`',
    state: 'refused',
    note: '403B, 0083: no storage',
    tries: [fails('403B', 'set_script_output 3'), fails('0083', 'file_open "/a/run-&i.dmeas" 2')],
  },
  {
    commands:
      '`set_pgstat_chan`, `set_pgstat_mode`, `set_range`, `set_range_minmax`, `set_autoranging`, `set_i`, ' +
      '`cell_on`, `cell_off`',
    state: 'emulated',
    tries: [
      runs(...GALVANOSTAT, 'set_autoranging ab 100m 2', 'set_range_minmax db 100u 1m', 'cell_off'),
      { ...fails('0021', 'set_pgstat_mode 6'), profile: 'espico' },
    ],
  },
  {
    commands: '`cell_on ocp(x)`',
    state: 'emulated',
    note: 'Nexus only; the others answer 001B when it runs',
    tries: [
      fails('001B', 'var x', 'set_pgstat_mode 2', 'cell_on ocp(x)'),
      { ...runs('var x', 'set_pgstat_mode 2', 'set_e 0', 'cell_on ocp(x)'), profile: 'nexus1' },
    ],
  },
  {
    commands: '`set_max_bandwidth`, `set_acquisition_frac_autoadjust`',
    state: 'taken, no effect',
    note: 'filters and their settling are not modelled',
    tries: [runs('set_pgstat_mode 6', 'set_max_bandwidth 40', 'set_acquisition_frac_autoadjust 50')],
  },
  {
    commands: '`meas_loop_cp`, `meas_loop_lsp`',
    state: 'emulated',
    tries: [
      {
        sent: `e\n${[...GALVANOSTAT, 'meas_loop_cp p i -1m 1 3', ...PACKAGE].join('\n')}\n\n`,
        answer: /^e\nM000A\n(?:P.*\n){3}\*\n\n$/,
      },
      runs(...GALVANOSTAT, 'meas_loop_lsp p i 0 1m 100u 1m', ...PACKAGE),
      fails('4027', 'var p', 'var i', 'set_pgstat_mode 6', 'meas_loop_cp p i -1m 1 3', ...PACKAGE),
      fails(
        '400B',
        ...GALVANOSTAT,
        'meas_loop_cp p i 1m 1 3',
        'meas_loop_cp p i 1m 1 3',
        'endloop',
        'endloop',
      ),
    ],
  },
  {
    commands: '`meas_loop_ocp`',
    state: 'emulated',
    note: '0014 with the cell on',
    tries: [
      runs('var p', 'set_pgstat_mode 2', 'meas_loop_ocp p 1 3', ...PACKAGE),
      fails('0014', ...GALVANOSTAT, 'meas_loop_ocp p 1 3', ...PACKAGE),
    ],
  },
  {
    commands: '`meas_loop_ca`, `meas_loop_cv` (`nscans`), `meas_loop_lsv`',
    state: 'emulated',
    tries: [
      runs(...POTENTIOSTAT, 'meas_loop_ca p i 5m 1 3', ...PACKAGE),
      runs(...POTENTIOSTAT, 'meas_loop_cv p i 0 10m -10m 1m 10m nscans(2)', ...PACKAGE),
      runs(...POTENTIOSTAT, 'meas_loop_lsv p i 0 10m 1m 10m', ...PACKAGE),
    ],
  },
  {
    commands: '`meas_loop_dpv`, `swv`, `npv`, `acv`, `pad`',
    state: 'emulated',
    note: 'pulses are made on the cell',
    tries: [
      runs(...POTENTIOSTAT, 'meas_loop_dpv p i 0 20m 10m 50m 20m 100m', ...PACKAGE),
      runs(...POTENTIOSTAT, 'meas_loop_swv p i f r 0 20m 10m 15m 10', ...PACKAGE),
      runs(...POTENTIOSTAT, 'meas_loop_npv p i 0 20m 10m 20m 100m', ...PACKAGE),
      runs(...POTENTIOSTAT, 'meas_loop_acv p i f r z g 0 20m 10m 100m 10m 15', ...PACKAGE),
      runs(...POTENTIOSTAT, 'meas_loop_pad p i 100m 300m 10m 50m 200m 1', ...PACKAGE),
    ],
  },
  {
    commands: '`meas_loop_eis`, `meas_loop_geis`',
    state: 'emulated',
    tries: [
      runs(
        'var p',
        'var r',
        'var z',
        'set_pgstat_mode 3',
        'set_e 0',
        'cell_on',
        'meas_loop_eis p r z 5m 1k 10 5i 0',
        ...PACKAGE,
      ),
      runs(...GALVANOSTAT, 'meas_loop_geis p r z 100u 1k 10 5i 0', ...PACKAGE),
    ],
  },
  {
    commands: '`meas_fast_cv`',
    state: 'emulated',
    tries: [runs('array u 10i', 'array w 10i', ...POTENTIOSTAT, 'meas_fast_cv u w g 0 20m -10m 10m 10')],
  },
  {
    commands: '`meas_fast_ca`, `meas_loop_eis_dual`',
    state: 'refused',
    note: '001B: arguments are not public',
    tries: [fails('001B', 'meas_fast_ca p'), fails('001B', 'meas_loop_eis_dual p', 'endloop')],
  },
  {
    commands: '`meas_loop_ca_alt_mux`, `cp_alt_mux`, `ocp_alt_mux`',
    state: 'refused',
    note: '0046: no multiplexer',
    tries: ['ca', 'cp', 'ocp'].map((word) => fails('0046', `meas_loop_${word}_alt_mux`, 'endloop')),
  },
];
