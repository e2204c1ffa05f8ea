// The two bit fields a client asks for what there is: commands of the line (`CC`) and of the language (`CM`).
// Bits: palmsens-sdk, comm_registry.py. A bit is set where the command works here: what is known but refused
// for want of a part has none, since clients decide by it.
import { SCRIPT_COMMANDS } from './command-table.ts';
import type { Profile } from './profiles.ts';

/** Bits of the line's commands; file system, boot loader and locks are not there. */
const LINE_COMMAND_BITS = [1, 32, 33, 34, 35, 36, 37, 38, 43, 44, 48, 49, 60, 96, 97, 98, 99, 101] as const;
const FIELD_DIGITS = 64;

export function lineCapabilities(): string {
  return bitField(LINE_COMMAND_BITS);
}

export function scriptCapabilities({ lacks }: Profile): string {
  const bits = Object.entries(SCRIPT_COMMANDS)
    .filter(([name, { absent }]) => absent === undefined && !lacks.includes(name))
    .flatMap(([, { bit }]) => (bit === null ? [] : [bit]));
  return bitField(bits);
}

function bitField(bits: readonly number[]): string {
  const field = bits.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n);
  return field.toString(16).toUpperCase().padStart(FIELD_DIGITS, '0');
}
