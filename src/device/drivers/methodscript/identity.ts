// What the answers of the greeting say: who the instrument is and what it can do, or why it is none of ours.
// Pure. An instrument that lacks what a bounded galvanostatic step needs is refused, in one line.
import { HOSTED_CAPABILITIES } from '../../hosted/hosted-capabilities.ts';
import { crc32OfText } from '../../../frames/crc32.ts';
import {
  ABORT_BIT,
  hasBit,
  parseFirmware,
  SCRIPT_COMMAND_BITS,
  type ScriptCommand,
} from '../../../frames/dialects/methodscript/replies.ts';
import type { StepModeKind } from '../../../steps/step.ts';
import type { Capabilities, Identity } from '../../cycler.ts';
import { INTERVAL_MIN_US } from './techniques.ts';
import { PROFILES, UNFIT, type Profile } from './profiles.ts';

export const DIALECT = 'methodscript';

/** Payloads of the answers, as they came. */
export interface Answers {
  /** `t`. */
  readonly firmware: string;
  /** `i`. */
  readonly serial: string;
  /** `v`. */
  readonly language: string;
  /** `CC`. */
  readonly commands: string;
  /** `CM`. */
  readonly scriptCommands: string;
}

export type Introduction =
  | {
      readonly ok: true;
      readonly identity: Identity;
      readonly capabilities: Capabilities;
      readonly profile: Profile;
      /** Averages over whole periods of the mains. */
      readonly hasMainsFilter: boolean;
    }
  | { readonly ok: false; readonly detail: string };

const NEEDED = ['meas_loop_cp', 'meas_loop_ocp', 'set_i', 'set_range', 'timer_get'] as const;

export function introductionFrom(answers: Answers): Introduction {
  const firmware = parseFirmware(answers.firmware);
  if (firmware === null) return refused(`its answer to t makes no sense: "${answers.firmware}"`);
  const unfit =
    UNFIT.get(firmware.device) ?? (firmware.device.startsWith('espbl') ? UNFIT.get('espbl') : null);
  if (unfit !== null && unfit !== undefined) return refused(unfit);
  const missing: string[] = NEEDED.filter(
    (name) => !hasBit(answers.scriptCommands, SCRIPT_COMMAND_BITS[name]),
  );
  if (!hasBit(answers.commands, ABORT_BIT)) missing.push('Z');
  if (missing.length > 0)
    return refused(`its firmware or licence lacks ${missing.join(', ')}; update it, or ask the vendor`);
  const profile = PROFILES.get(firmware.device);
  if (profile === undefined)
    return refused(`its model ${firmware.device} is not known here, nor its ranges; update galvanode`);
  const { serial, language, scriptCommands } = answers;
  const mainsBit = SCRIPT_COMMAND_BITS.set_acquisition_frac_autoadjust;
  return {
    ok: true,
    identity: {
      dialect: DIALECT,
      deviceId: serial,
      model: serial.includes('SIM') ? `${profile.model}-sim` : profile.model,
      firmware: `${firmware.version} (${firmware.date}), MethodSCRIPT ${language}`,
      // The language knows no count of power-ups: the same for ever. Every connection ends with the cell off.
      bootId: crc32OfText(serial),
    },
    capabilities: capabilitiesFrom(profile, scriptCommands),
    profile,
    hasMainsFilter: hasBit(scriptCommands, mainsBit),
  };
}

function capabilitiesFrom(profile: Profile, scriptCommands: string): Capabilities {
  const has = (...names: readonly ScriptCommand[]): boolean =>
    names.every((name) => hasBit(scriptCommands, SCRIPT_COMMAND_BITS[name]));
  const techniques: readonly (readonly [StepModeKind, boolean])[] = [
    ['cv', has('meas_loop_ca')],
    ['sweep', has('meas_loop_lsv', 'meas_loop_cv')],
    ['eis', has('meas_loop_eis', 'meas_loop_geis')],
  ];
  return {
    ...HOSTED_CAPABILITIES,
    channels: 1,
    modes: ['rest', 'cc', ...techniques.filter(([, isThere]) => isThere).map(([kind]) => kind)],
    // Charge by the time it takes: the host computes it, the device keeps it.
    limits: { voltage: 'device', charge: 'device', shortFloor: 'device' },
    recordBursts: { by: 'host', everyMinUs: INTERVAL_MIN_US },
    deadMan: 'step-bound',
    currentRangesPa: profile.currentRangesPa,
    voltageSpanNv: profile.voltageSpanNv,
    accuracy: profile.accuracy,
    // What a time is told to, later than 134 s after a step began.
    tickUs: 1000,
  };
}

function refused(detail: string): Introduction {
  return { ok: false, detail };
}
