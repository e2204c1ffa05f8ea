// What the error codes of MethodSCRIPT instruments mean, in our words, for the one line an operator reads.
// Source: palmsens-sdk comm_registry.py; MethodSCRIPT manual v1.8, appendix "Error codes".
import type { DeviceError } from './line.ts';

export const ERROR_CODE = { wrongMode: '0006', cellIsOn: '0014', overload: '0032' } as const;

export const ERROR_TEXTS: Readonly<Record<string, string>> = {
  '0003': 'unknown command',
  '0006': 'not in this mode: a script runs, or none does',
  '0007': 'bad argument',
  '0008': 'line too long',
  '000B': 'out of memory for variables',
  '000C': 'no script is loaded',
  '0014': 'open-circuit measurement with the cell on',
  '001B': 'not supported by this instrument',
  '0021': 'this instrument has no such mode',
  '0023': 'not possible in this mode',
  '0028': 'division by zero',
  '0032': 'critical overload of the cell',
  '005A': 'timing impossible',
  '4001': 'unknown script command',
  '4004': 'unexpected character',
  '4005': 'script too large',
  '4008': 'bad optional argument',
  '400B': 'measurement loops nested',
  '400C': 'command not allowed here',
  '400D': 'nested too deep',
  '400E': 'block not closed',
  '4018': 'unexpected end of the script',
  '401B': 'data package out of order',
  '401C': 'too many variables in a package',
  '4026': 'variable declared twice',
  '4027': 'cell is off and must be on',
  '4028': 'cell is on and must be off',
  '4029': 'step of a sweep is missing or 0',
  '402B': 'bad name of a variable',
  '4032': 'potential cannot be set in a loop',
  '4033': 'current cannot be set in a loop',
  '4039': 'bad number',
  '420A': 'one argument too many',
  '420B': 'variable not declared',
};

/** `!4001 unknown script command (Line 1, Col 16)`. */
export function errorText({ code, where }: DeviceError): string {
  const text = ERROR_TEXTS[code] ?? 'unknown to this version';
  return where === '' ? `!${code} ${text}` : `!${code} ${text} (${where})`;
}
