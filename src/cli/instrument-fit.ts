// Whether a protocol fits an instrument, and what the instrument makes of it: asked of the emulator of its
// family, for `protocol explain` and `protocol check`. Sends nothing anywhere.
import type { Command } from 'commander';
import { efficiencyUncertainty } from '../analysis/coulombic-efficiency.ts';
import type { ErrorDetail } from '../base/errors.ts';
import { formatQuantity } from '../base/quantity.ts';
import { DIALECT_NAMES, type DialectName } from '../config/dialect-names.ts';
import { chooseRange } from '../daemon/start-run.ts';
import type { Capabilities } from '../device/cycler.ts';
import { checkProgram } from '../steps/check-program.ts';
import type { PreparedProtocol } from '../steps/protocol.ts';
import { knownName } from './run-options.ts';
import { errorsFrom, errorsText, profileFrom } from './sim-instrument.ts';
import { simulatedCapabilities } from './simulated-link.ts';

export interface InstrumentOptions {
  readonly dialect?: string;
  readonly profile?: string;
  readonly instrument?: string;
}

export function addInstrumentOptions(command: Command): Command {
  return command
    .option('--dialect <name>', `instrument family: ${DIALECT_NAMES.join(', ')}; default: gvn1`)
    .option('--profile <name>', 'model of the family')
    .option('--instrument <class>', `errors of the instrument: ${errorsText()}`);
}

export interface InstrumentFit {
  readonly dialect: string;
  readonly fits: boolean;
  readonly problem: ErrorDetail | null;
  readonly rangeFullScalePa: number | null;
  /** One standard uncertainty of the efficiency of one cycle, absolute; null: no efficiency is measured. */
  readonly efficiencyUncertainty: number | null;
  readonly lines: readonly string[];
}

/** Throws USAGE for an instrument that nobody knows; one that does not fit is told in the result. */
export function instrumentFit(
  { dialect: asked = 'gvn1', instrument, profile }: InstrumentOptions,
  prepared: PreparedProtocol,
  areaUcm2: number,
): InstrumentFit {
  const dialect: DialectName = knownName('--dialect', asked, DIALECT_NAMES);
  const model = profileFrom(profile, dialect);
  const capabilities = simulatedCapabilities({
    dialect,
    instrument: errorsFrom(instrument, dialect),
    ...(model === undefined ? {} : { profile: model }),
  });
  const { currentRangesPa } = capabilities;
  const currentMaxPa = Math.max(...currentRangesPa);
  const [problem] = checkProgram(prepared, { ...capabilities, currentMaxPa });
  const range = chooseRange(prepared.currentMaxPa, capabilities, dialect);
  if (problem !== undefined || !range.ok) {
    const { code, message } = problem ?? (range.ok ? NOTHING_WRONG : range);
    const lines = [`instrument    does not fit: ${message}`];
    return {
      dialect,
      fits: false,
      problem: { code, message },
      rangeFullScalePa: null,
      efficiencyUncertainty: null,
      lines,
    };
  }
  const { fullScalePa } = range;
  const uncertainty = uncertaintyOf(prepared, { capabilities, fullScalePa, areaUcm2 });
  const share = `${((100 * prepared.currentMaxPa) / fullScalePa).toPrecision(2)} % of it`;
  const lines = [`range         ${formatQuantity(fullScalePa, 'current')}; the largest current is ${share}`];
  const known = `of one cycle known to ± ${(100 * (uncertainty ?? 0)).toPrecision(1)} %`;
  if (uncertainty !== null) lines.push(`efficiency    ${known} (one standard uncertainty)`);
  return {
    dialect,
    fits: true,
    problem: null,
    rangeFullScalePa: fullScalePa,
    efficiencyUncertainty: uncertainty,
    lines,
  };
}

/** Stands where the other of two conditions must have failed. */
const NOTHING_WRONG: ErrorDetail = { code: 'PARAMS_INVALID', message: '' };

/** Of a cycle that is plated by charge and stripped to a cut-off; others measure no efficiency. */
function uncertaintyOf(
  prepared: PreparedProtocol,
  given: { readonly capabilities: Capabilities; readonly fullScalePa: number; readonly areaUcm2: number },
): number | null {
  const { accuracy, tickUs } = given.capabilities;
  const { cycles, durationUs, platedChargeNc } = prepared.plan;
  if (prepared.preflight.contact !== 'plating-only' || cycles === 0 || platedChargeNc === 0) return null;
  const halfUs = durationUs / cycles / 2;
  const plateNc = platedChargeNc / cycles;
  const whole = { plateNc, stripNc: plateNc, plateUs: halfUs, stripUs: halfUs };
  const cycle = { cycle: 2, ...whole, restUs: 0, cutOffNv: 0, ratio: 1 };
  const area = { areaCm2: given.areaUcm2 / 1e6 };
  const measurement = { ...accuracy, ...area, tickUs, rangeFullScalePa: given.fullScalePa };
  return efficiencyUncertainty([cycle], measurement);
}
