// Goal: a faulty script is refused with PalmSens's code and position, a failing one ends with code and line.
// Method: a table of scripts; codes from comm_registry.py, positions from comm_protocol.md (4001) and from a
// published table of a third party (4026, 4004, 420A, 4008).
import { describe, expect, it } from 'vitest';
import { Rig } from './rig.ts';

const CELL = 'set_pgstat_chan 0\nset_pgstat_mode 3\nset_e 0\ncell_on';
const GALVANOSTAT = 'set_pgstat_chan 0\nset_pgstat_mode 6\nset_i 0\ncell_on';
const LOOP = 'meas_loop_ca e i 0 100m 1\nendloop';
const DEEP = Array.from({ length: 17 }, () => 'if 1 < 2').join('\n');

describe('loading refuses', () => {
  it.each([
    ['an unknown command', 'invalid_command', '4001: Line 1, Col 16'],
    ['a name that objects know', 'constructor', '4001: Line 1, Col 12'],
    ['a decimal point', 'set_e 1.5', '4004: Line 1, Col 7'],
    ['what is not ASCII', 'var \u00e9', '4004: Line 1, Col 5'],
    ['a text without its end', 'send_string "a', '4004: Line 1, Col 13'],
    ['a missing argument', 'var p\nstore_var p 1', '4004: Line 2, Col 14'],
    [
      'a script beyond the memory',
      `var x\n${'store_var x 100000 ja\n'.repeat(800)}`,
      '4005: Line 746, Col 1',
    ],
    [
      'an optional argument where there is none',
      'var p\nmeas_loop_ocp p 1 10 nscans(2)',
      '4008: Line 2, Col 22',
    ],
    [
      'a measurement within a measurement',
      `var e\nvar i\n${'meas_loop_ca e i 0 1 10\n'.repeat(2)}`,
      '400B: Line 4, Col 13',
    ],
    ['a break outside of loops', 'breakloop', '400C: Line 1, Col 10'],
    ['scopes too deep', DEEP, '400D: Line 17, Col 3'],
    ['an end without a beginning', 'endif', '400E: Line 1, Col 6'],
    ['`on_finished:` within a loop', 'loop 1 < 2\non_finished:', '400E: Line 2, Col 13'],
    ['a second `else`', 'if 1 < 2\nelse\nelse', '400E: Line 3, Col 5'],
    ['a hexadecimal number with a prefix', 'var p\nstore_var p 0x10m ja', '4014: Line 2, Col 13'],
    ['an end within a loop', 'loop 1 < 2', '4018: Line 2, Col 1'],
    ['a name declared twice', 'var p\nvar p', '4026: Line 2, Col 5'],
    ['a bad name', 'var Potential', '402B: Line 1, Col 5'],
    ['a malformed element', 'array a 3\npck_add a[', '4004: Line 2, Col 11'],
    ['an element without an index', 'array a 3\npck_add a[]', '4038: Line 2, Col 9'],
    ['a malformed number', 'wait 12q', '4039: Line 1, Col 6'],
    ['a negative time', 'wait -1', '4200: Line 1, Col 6'],
    ['a step of nothing', 'var e\nvar i\nmeas_loop_lsv e i 0 1 0 1', '4202: Line 3, Col 23'],
    ['an interval of nothing', 'var e\nmeas_loop_ocp e 0 1', '4204: Line 2, Col 17'],
    ['a reference that is no name', 'pck_add P', '4208: Line 1, Col 9'],
    ['a variable type that is none', 'var p\nstore_var p 1 zz', '4209: Line 2, Col 15'],
    ['an extra argument', 'cell_on 1', '420A: Line 1, Col 9'],
    ['a name that is not declared', 'pck_add p', '420B: Line 1, Col 9'],
    ['a variable for an array', 'var p\nmean p p', '420C: Line 2, Col 6'],
    ['a number to write to', 'add_var 1 2', '420D: Line 1, Col 9'],
    ['an array for a variable', 'array a 3\npck_add a', '420E: Line 2, Col 9'],
    ['a brace without its end', 'var p\nsend_string f"{p"', '4210: Line 2, Col 13'],
    ['an undeclared name in a text', 'send_string f"{p}"', '420B: Line 1, Col 13'],
  ])('%s', (_what, script, refusal) => {
    expect(new Rig().run(script)).toEqual([`e!${refusal}`]);
  });

  it('counts comments and blank lines with spaces as lines', () => {
    expect(new Rig().raw('e\n# a comment\n  \nvar p # another\nfail\n')).toBe('e!4001: Line 4, Col 5\n');
  });
});

describe('running ends at', () => {
  const declared = (script: string): string => `var e\nvar i\nvar x\narray a 3i\n${script}`;
  it.each([
    ['an array beyond the memory', 'array b 1M', '000B'],
    ['a potential beyond the envelope', 'set_pgstat_mode 3\nset_e 4', '000F'],
    ['a result that is no number', 'store_var x -1 ja\nlog_var x', '0010'],
    ['an open-circuit loop with the cell on', `${CELL}\nmeas_loop_ocp e 1 10\nendloop`, '0014'],
    ['a part that this board lacks', 'beep 1 2 3', '001B'],
    ['a mode there is not', 'set_pgstat_mode 5', '0021'],
    ['a current from a potentiostat', 'set_pgstat_mode 3\nset_i 0', '0023'],
    ['a chronopotentiometry of a potentiostat', `${CELL}\nmeas_loop_cp e i 0 1 10\nendloop`, '0023'],
    ['a potential from a galvanostat', `${GALVANOSTAT}\nset_e 0`, '0023'],
    ['a pulse mode there is not', `${CELL}\nmeas_loop_pad e i 0 1 10m 100m 1 7\nendloop`, '0025'],
    ['a division by zero', 'store_var x 1 ja\ndiv_var x 0', '0028'],
    ['a channel there is not', 'set_pgstat_chan 2', '002F'],
    ['a multiplexer there is not', 'mux_config 1', '0046'],
    ['an interval too short to keep', `${CELL}\nmeas_loop_ca e i 0 10u 1\nendloop`, '005A'],
    ['a file without storage', 'file_open "/x" 1', '0083'],
    ['a type without ranges', 'set_range eb 1', '0084'],
    ['an index out of bounds', 'copy_var 1 a[3i]', '400F'],
    ['arrays of different sizes', 'array b 2i\nlinear_fit a b x i', '4017'],
    ['a package that was not begun', 'pck_add x', '401B'],
    ['a package begun twice', 'pck_start\npck_start', '401B'],
    ['a ninth variable in a package', `pck_start\n${'pck_add x\n'.repeat(9)}`, '401C'],
    ['a measurement with the cell off', `set_pgstat_mode 3\n${LOOP}`, '4027'],
    ['a sweep that goes nowhere', `${CELL}\nmeas_loop_lsv e i 0 0 10m 1\nendloop`, '4029'],
    ['a run shorter than its interval', `${CELL}\nmeas_loop_ca e i 0 2 1\nendloop`, '4029'],
    ['a potential set against its loop', `${CELL}\nmeas_loop_ca e i 0 100m 1\nset_e 1\nendloop`, '4032'],
    [
      'a current set against its loop',
      `${GALVANOSTAT}\nmeas_loop_cp e i 0 100m 1\nset_i 1m\nendloop`,
      '4033',
    ],
    ['an integer that overflows', 'store_var x 2000000000i ja\nmul_var x 2i', '4037'],
    ['storage without a file', 'set_script_output 3', '403B'],
    ['an output mode there is not', 'set_script_output 4', '403C'],
    ['a negative time in a variable', 'store_var x -1 ja\nwait x', '4200'],
    ['a current beyond the instrument', `${GALVANOSTAT}\nset_i 50m`, '4205'],
    ['bits of a float', 'bit_inv_var x', '4207'],
    ['an index that is a float', 'copy_var 1 a[x]', '4207'],
  ])('%s', (_what, script, code) => {
    const lines = new Rig().run(declared(`${script}\non_finished:\nsend_string "finished"`), 2000);
    expect(lines.find((line) => line.startsWith('!'))?.slice(0, 5)).toBe(`!${code}`);
    expect(lines.at(-1)).toBe('');
    // A runtime error does not run what stands behind `on_finished:`.
    expect(lines).not.toContain('Tfinished');
  });

  it('the line of the command, and leaves the cell as it was', () => {
    const rig = new Rig();
    expect(rig.run(`${CELL}\nset_script_output 9\non_finished:\ncell_off`)).toEqual([
      'e',
      '!403C: Line 5',
      '',
    ]);
    expect(rig.cell).toBe('on');
    rig.clock.advance(150);
    rig.run('cell_off');
    expect(rig.cell).toBe('off');
  });
});
