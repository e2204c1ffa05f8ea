// Every command of the language as data: its bit in the `CM` field, its arguments, what it may take besides,
// and what it answers where this board lacks the part. Bits: palmsens-sdk, comm_registry.py. Arguments:
// PalmSens's example scripts (MethodSCRIPT_Examples); those without an example are taken as they come.
import { ERRORS, type ErrorCode } from './error-codes.ts';

export type ArgumentKind =
  /** A number, a variable or an element. */
  | 'value'
  /** A variable or an element that the command writes. */
  | 'out'
  | 'array'
  /** A variable type, two letters. */
  | 'type'
  | 'operator'
  | 'text'
  /** A name that is declared here. */
  | 'declared-variable'
  | 'declared-array';

export interface ArgumentSpec {
  readonly kind: ArgumentKind;
  /** What a number must be; checked at loading for literals, when it runs for variables. */
  readonly bound?: 'not-negative' | 'not-zero' | 'positive';
}

export interface CommandSpec {
  /** Place in the `CM` bit field; null for what is no command of its own there. */
  readonly bit: number | null;
  readonly args: readonly ArgumentSpec[];
  /** Further arguments of the last kind are taken, any number. */
  readonly isOpenEnded?: true;
  /** Optional arguments in brackets, by name. */
  readonly options?: readonly string[];
  /** Technique id behind `M`; the command begins a measurement loop. */
  readonly technique?: string;
  /** What it answers when it runs: the part it needs is not on this board. */
  readonly absent?: ErrorCode;
}

const VALUE: ArgumentSpec = { kind: 'value' };
const POSITIVE: ArgumentSpec = { kind: 'value', bound: 'positive' };
const NOT_NEGATIVE: ArgumentSpec = { kind: 'value', bound: 'not-negative' };
const NOT_ZERO: ArgumentSpec = { kind: 'value', bound: 'not-zero' };
const OUT: ArgumentSpec = { kind: 'out' };
const ARRAY: ArgumentSpec = { kind: 'array' };
const TYPE: ArgumentSpec = { kind: 'type' };
const TEXT: ArgumentSpec = { kind: 'text' };
const OPERATOR: ArgumentSpec = { kind: 'operator' };
const CONDITION = [VALUE, OPERATOR, VALUE];
const IN_PLACE = [OUT, VALUE];

/** Known to the language, not on this board: arguments are not looked at. */
function absent(bit: number, code: ErrorCode = ERRORS.notSupported): CommandSpec {
  return { bit, args: [], isOpenEnded: true, absent: code };
}

/** The same for what begins a measurement loop. */
function absentLoop(bit: number, technique: string, code: ErrorCode): CommandSpec {
  return { ...absent(bit, code), technique };
}

export const SCRIPT_COMMANDS: Readonly<Record<string, CommandSpec>> = {
  var: { bit: 1, args: [{ kind: 'declared-variable' }] },
  array: { bit: 2, args: [{ kind: 'declared-array' }, POSITIVE] },
  store_var: { bit: 3, args: [OUT, VALUE, TYPE] },
  copy_var: { bit: 4, args: [VALUE, OUT] },
  add_var: { bit: 5, args: IN_PLACE },
  sub_var: { bit: 6, args: IN_PLACE },
  mul_var: { bit: 7, args: IN_PLACE },
  div_var: { bit: 8, args: IN_PLACE },
  mod_var: { bit: 96, args: IN_PLACE },
  pow_var: { bit: 112, args: IN_PLACE },
  log_var: { bit: 114, args: [OUT] },
  bit_and_var: { bit: 73, args: IN_PLACE },
  bit_or_var: { bit: 74, args: IN_PLACE },
  bit_xor_var: { bit: 75, args: IN_PLACE },
  bit_lsl_var: { bit: 76, args: IN_PLACE },
  bit_lsr_var: { bit: 77, args: IN_PLACE },
  bit_inv_var: { bit: 78, args: [OUT] },
  int_to_float: { bit: 71, args: [OUT] },
  float_to_int: { bit: 72, args: [OUT] },
  float_to_int_round: { bit: 138, args: [OUT] },
  alter_vartype: { bit: 92, args: [OUT, TYPE] },
  array_get: { bit: 53, args: [ARRAY, VALUE, OUT] },
  array_set: { bit: 54, args: [ARRAY, VALUE, VALUE] },
  mean: { bit: 116, args: [ARRAY, OUT] },
  linear_fit: { bit: 115, args: [ARRAY, ARRAY, OUT, OUT] },

  loop: { bit: 13, args: CONDITION },
  endloop: { bit: 14, args: [] },
  breakloop: { bit: 15, args: [] },
  if: { bit: 16, args: CONDITION },
  else: { bit: 17, args: [] },
  elseif: { bit: 18, args: CONDITION },
  endif: { bit: 19, args: [] },
  abort: { bit: 62, args: [] },
  'on_finished:': { bit: null, args: [] },

  wait: { bit: 12, args: [NOT_NEGATIVE] },
  set_int: { bit: 10, args: [POSITIVE] },
  await_int: { bit: 11, args: [] },
  timer_start: { bit: 63, args: [] },
  timer_get: { bit: 64, args: [OUT] },

  pck_start: { bit: 33, args: [] },
  pck_add: { bit: 34, args: [VALUE] },
  pck_end: { bit: 35, args: [] },
  send_string: { bit: 41, args: [TEXT] },
  set_script_output: { bit: 52, args: [NOT_NEGATIVE] },

  set_pgstat_chan: { bit: 42, args: [NOT_NEGATIVE] },
  set_pgstat_mode: { bit: 40, args: [NOT_NEGATIVE] },
  set_max_bandwidth: { bit: 36, args: [NOT_NEGATIVE] },
  set_acquisition_frac: { bit: 80, args: [NOT_NEGATIVE] },
  set_acquisition_frac_autoadjust: { bit: 91, args: [NOT_NEGATIVE] },
  set_range: { bit: 65, args: [TYPE, VALUE] },
  set_range_minmax: { bit: 66, args: [TYPE, VALUE, VALUE] },
  set_autoranging: { bit: 32, args: [TYPE, VALUE, VALUE] },
  set_cr: { bit: 37, args: [VALUE] },
  set_pot_range: { bit: 47, args: [VALUE, VALUE] },
  set_e: { bit: 9, args: [VALUE] },
  set_i: { bit: 68, args: [VALUE] },
  cell_on: { bit: 38, args: [], options: ['ocp'] },
  cell_off: { bit: 39, args: [] },
  meas: { bit: 21, args: [POSITIVE, OUT, TYPE] },

  meas_loop_lsv: { bit: 23, technique: '0000', args: [OUT, OUT, VALUE, VALUE, NOT_ZERO, POSITIVE] },
  meas_loop_dpv: {
    bit: 25,
    technique: '0001',
    args: [OUT, OUT, VALUE, VALUE, NOT_ZERO, VALUE, POSITIVE, POSITIVE],
  },
  meas_loop_swv: {
    bit: 26,
    technique: '0002',
    args: [OUT, OUT, OUT, OUT, VALUE, VALUE, NOT_ZERO, VALUE, POSITIVE],
  },
  meas_loop_npv: { bit: 27, technique: '0003', args: [OUT, OUT, VALUE, VALUE, NOT_ZERO, POSITIVE, POSITIVE] },
  meas_loop_acv: {
    bit: 93,
    technique: '0004',
    args: [OUT, OUT, OUT, OUT, OUT, OUT, VALUE, VALUE, NOT_ZERO, POSITIVE, POSITIVE, POSITIVE],
  },
  meas_loop_cv: {
    bit: 24,
    technique: '0005',
    args: [OUT, OUT, VALUE, VALUE, VALUE, NOT_ZERO, POSITIVE],
    options: ['nscans'],
  },
  meas_loop_ca: { bit: 28, technique: '0007', args: [OUT, OUT, VALUE, POSITIVE, POSITIVE] },
  meas_loop_pad: {
    bit: 29,
    technique: '0008',
    args: [OUT, OUT, VALUE, VALUE, POSITIVE, POSITIVE, POSITIVE, VALUE],
  },
  meas_loop_cp: { bit: 67, technique: '000A', args: [OUT, OUT, VALUE, POSITIVE, POSITIVE] },
  meas_loop_ocp: { bit: 30, technique: '000B', args: [OUT, POSITIVE, POSITIVE] },
  meas_loop_eis: {
    bit: 31,
    technique: '000D',
    args: [OUT, OUT, OUT, POSITIVE, POSITIVE, POSITIVE, POSITIVE, VALUE],
  },
  meas_loop_geis: {
    bit: 70,
    technique: '000E',
    args: [OUT, OUT, OUT, POSITIVE, POSITIVE, POSITIVE, POSITIVE, VALUE],
  },
  meas_loop_lsp: { bit: 69, technique: '000F', args: [OUT, OUT, VALUE, VALUE, NOT_ZERO, POSITIVE] },
  meas_fast_cv: { bit: 90, args: [ARRAY, ARRAY, OUT, VALUE, VALUE, VALUE, NOT_ZERO, POSITIVE] },

  // Pins that nothing is wired to: they can be set, and read as 0.
  set_gpio_cfg: { bit: 43, args: [VALUE, VALUE] },
  set_gpio_pullup: { bit: 44, args: [VALUE, VALUE] },
  set_gpio: { bit: 45, args: [VALUE] },
  get_gpio: { bit: 46, args: [OUT] },
  set_gpio_msk: { bit: 84, args: [VALUE, VALUE] },
  get_gpio_msk: { bit: 85, args: [VALUE, OUT] },
  notify_led: { bit: 97, args: [VALUE], isOpenEnded: true },

  get_time: absent(20),
  set_poly_we_mode: absent(49),
  file_open: absent(50, ERRORS.noFileSystem),
  file_close: absent(51, ERRORS.noFileSystem),
  i2c_config: absent(55),
  i2c_read_byte: absent(56, ERRORS.i2cNotConfigured),
  i2c_write_byte: absent(57, ERRORS.i2cNotConfigured),
  i2c_read: absent(58, ERRORS.i2cNotConfigured),
  i2c_write: absent(59, ERRORS.i2cNotConfigured),
  i2c_write_read: absent(60, ERRORS.i2cNotConfigured),
  hibernate: absent(61),
  set_channel_sync: absent(79, ERRORS.multiDeviceOnly),
  mux_config: absent(81, ERRORS.noMultiplexer),
  mux_get_channel_count: absent(82, ERRORS.noMultiplexer),
  mux_set_channel: absent(83, ERRORS.noMultiplexer),
  set_e_aux: absent(86),
  set_ir_comp: absent(88),
  meas_ms_eis: absent(94),
  meas_fast_ca: absent(95),
  set_scan_dir: absent(98),
  meas_loop_ca_alt_mux: absentLoop(99, '0011', ERRORS.noMultiplexer),
  meas_loop_cp_alt_mux: absentLoop(100, '0012', ERRORS.noMultiplexer),
  meas_loop_ocp_alt_mux: absentLoop(101, '0013', ERRORS.noMultiplexer),
  smooth: absent(102),
  peak_detect: absent(103),
  set_bipot_mode: absent(104),
  set_bipot_potential: absent(105),
  meas_loop_eis_dual: absentLoop(106, '0014', ERRORS.notSupported),
  rtc_get: absent(107),
  beep: absent(109),
  battery_perc: absent(110),
  get_progress: absent(111),
  subarray: absent(113),
  trim_enable: absent(117),
  meas_scp: absent(118),
  display_text: absent(119),
  display_btns: absent(120),
  display_clear: absent(121),
  display_progress: absent(122),
  display_icon: absent(123),
  display_draw: absent(124),
  display_inp_num: absent(125),
  display_scroll_add: absent(126),
  display_scroll_get: absent(127),
  display_keyboard: absent(128),
  qr_scan: absent(129),
  str: absent(130),
  store_str: absent(131),
  load_saved_start: absent(132, ERRORS.noFileSystem),
  load_saved_end: absent(133, ERRORS.noFileSystem),
  load_saved_var: absent(134, ERRORS.noFileSystem),
  load_saved_str: absent(135, ERRORS.noFileSystem),
  save_var: absent(136, ERRORS.noFileSystem),
  save_str: absent(137, ERRORS.noFileSystem),
  display_filebrowse: absent(139),
  droplet_detect_loop: absent(140),
  str_find: absent(141),
  str_length: absent(142),
  str_parse_float: absent(143),
  str_parse_int: absent(144),
};

/** Letters of the variable types: MethodSCRIPT_Examples, palmsens/mscript.py. */
export const VARIABLE_TYPES: ReadonlySet<string> = new Set(
  [
    'aa ab ac ad ae af ag ah ai as at au av aw ax ay az',
    'ba bb',
    'ca cb cc cd ce cf cg ch ci cj ck cl cm cn co cp cq cr cs ct cu cv cw cx cy cz',
    'da db dc dd',
    'ea eb ec ed ee ef eg',
    'ha hb hc hd ia ib ic id ja jb jc jd',
  ].flatMap((row) => row.split(' ')),
);
