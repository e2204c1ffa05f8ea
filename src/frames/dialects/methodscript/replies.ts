// Answers to the commands outside scripts: who the device is (`t`, `i`, `v`) and what it may do (`CC`, `CM`).
// Sources: palmsens-sdk comm_protocol.md and comm_registry.py. Null is nonsense.

export interface Firmware {
  /** Six characters that stand for the model: `es4_lr`, `nexus1`, `espico` … */
  readonly device: string;
  /** Two or four digits, as printed. */
  readonly version: string;
  readonly date: string;
}

const FIRMWARE = /^([a-z0-9_]{6})([0-9]{2,4})#(.+)$/;

/** Payload of `t`: `es4_hr1100#Jan 28 2022 11:04:43`. */
export function parseFirmware(payload: string): Firmware | null {
  const [, device, version, date] = FIRMWARE.exec(payload) ?? [];
  if (device === undefined || version === undefined || date === undefined) return null;
  return { device, version, date };
}

/** Bits of `CM` that this project needs, by script command. */
export const SCRIPT_COMMAND_BITS = {
  meas_loop_cv: 24,
  meas_loop_lsv: 23,
  meas_loop_ca: 28,
  meas_loop_ocp: 30,
  meas_loop_eis: 31,
  timer_get: 64,
  set_range: 65,
  meas_loop_cp: 67,
  set_i: 68,
  meas_loop_geis: 70,
  set_acquisition_frac_autoadjust: 91,
} as const;
export type ScriptCommand = keyof typeof SCRIPT_COMMAND_BITS;

/** Bits of `CC`: commands outside scripts. */
export const ABORT_BIT = 98;

/** A field of bits in hex, the lowest bit last. */
export function hasBit(hex: string, bit: number): boolean {
  const digit = hex.at(-1 - Math.floor(bit / 4));
  return digit !== undefined && ((Number.parseInt(digit, 16) >> (bit % 4)) & 1) === 1;
}
