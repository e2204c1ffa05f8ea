// Commands that set up the potentiostat and switch the cell. None takes any time.
import type { InstantCommand } from './data-commands.ts';
import { ERRORS, type ErrorCode } from './error-codes.ts';
import type { ScriptContext } from './script-context.ts';
import type { Value } from './value.ts';

const PIN_MASK: Value = { value: 0, isInteger: true, type: 'ec', metadata: null };
const nothing: InstantCommand = () => null;

export const CELL_COMMANDS: Readonly<Record<string, InstantCommand>> = {
  // One channel: the second of a bipotentiostat may be named only to be switched off (PSTrace does).
  set_pgstat_chan: (_context, args) => (args.number(0) <= 1 ? null : ERRORS.channelNotAvailable),
  set_pgstat_mode: ({ pgstat, nowUs, measuring }, args) =>
    measuring === null ? pgstat.setMode(nowUs, args.number(0)) : ERRORS.notInThisSituation,
  // Filters shape noise, which the instrument's class has; the cell itself is not filtered.
  set_max_bandwidth: nothing,
  set_acquisition_frac: nothing,
  set_acquisition_frac_autoadjust: nothing,
  set_range: ({ pgstat, nowUs, measuring }, args) =>
    heldBy(measuring, args.type(0)) ?? pgstat.selectRange(nowUs, args.type(0), args.number(1)),
  set_range_minmax: ({ pgstat, nowUs, measuring }, args) => {
    const largest = Math.max(Math.abs(args.number(1)), Math.abs(args.number(2)));
    return heldBy(measuring, args.type(0)) ?? pgstat.selectRange(nowUs, args.type(0), largest);
  },
  set_autoranging: ({ pgstat, nowUs }, args) =>
    pgstat.autorange(nowUs, args.type(0), args.number(1), args.number(2)),
  set_cr: ({ pgstat, nowUs }, args) => pgstat.selectRange(nowUs, 'ba', args.number(0)),
  set_pot_range: ({ measuring }) => heldBy(measuring, 'da'),
  set_e: ({ pgstat, nowUs, measuring }, args) =>
    heldBy(measuring, 'da') ?? pgstat.setPotential(nowUs, args.number(0)),
  set_i: ({ pgstat, nowUs, measuring }, args) =>
    heldBy(measuring, 'db') ?? pgstat.setCurrent(nowUs, args.number(0)),
  cell_on: ({ pgstat, nowUs, memory, hasCellOnAtOcp }, _args, { options: [option] }) => {
    if (option === undefined) return pgstat.cellOn(nowUs);
    if (!hasCellOnAtOcp) return ERRORS.notSupported;
    const [argument] = option.values;
    const potential = argument === undefined ? null : memory.read(argument);
    if (potential?.ok === false) return potential.code;
    // The galvanostat begins without current; the potentiostat where the cell rests.
    const set = pgstat.isGalvanostat
      ? pgstat.setCurrent(nowUs, 0)
      : pgstat.setPotential(nowUs, potential?.value.value ?? 0);
    return set ?? pgstat.cellOn(nowUs);
  },
  cell_off: ({ pgstat, nowUs }) => {
    pgstat.cellOff(nowUs);
    return null;
  },

  set_gpio_cfg: nothing,
  set_gpio_pullup: nothing,
  set_gpio: nothing,
  set_gpio_msk: nothing,
  get_gpio: (_context, args) => {
    args.place(0).set(PIN_MASK);
    return null;
  },
  get_gpio_msk: (_context, args) => {
    args.place(1).set(PIN_MASK);
    return null;
  },
  notify_led: nothing,
};

/** What the measurement loop that runs holds by itself must be left alone. */
function heldBy(measuring: ScriptContext['measuring'], type: string): ErrorCode | null {
  const holds = measuring?.holds;
  if (holds === 'potential' && type === 'da') return ERRORS.potentialHeldByLoop;
  return holds === 'current' && type === 'db' ? ERRORS.currentHeldByLoop : null;
}
