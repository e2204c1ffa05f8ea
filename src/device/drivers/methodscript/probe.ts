// Finds out whether a MethodSCRIPT instrument listens, without disturbing whatever else may.
import { parseFirmware } from '../../../frames/dialects/methodscript/replies.ts';
import type { Probe, ProbedInstrument } from '../../dialect.ts';
import { PROFILES } from './profiles.ts';

/**
 * Who, and which serial number. No empty line before it: where a host has died while it sent a script, that
 * would start what had arrived of it; a line that is no script command ends such a script instead.
 */
export const METHODSCRIPT_PROBE: Probe = { ask: 't\ni\n', waitMs: 1000, parse };

function parse(heard: string): ProbedInstrument | null {
  const lines = heard.split('\n').slice(0, -1);
  const [firmware] = lines.flatMap((line) =>
    line.startsWith('t') ? (parseFirmware(line.slice(1)) ?? []) : [],
  );
  const serial = lines.find((line) => /^i[A-Za-z0-9-]+$/.test(line));
  if (firmware === undefined || serial === undefined) return null;
  const model = PROFILES.get(firmware.device)?.model ?? firmware.device;
  return { model, serial: serial.slice(1), firmware: firmware.version };
}
