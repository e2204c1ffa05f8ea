// A spectrum as lines of MethodSCRIPT, and its packages back to points: EIS under a held voltage, GEIS under
// a current. The cell is open before and after. Signatures: MSLoopExample012-EIS, 013-GEIS (MethodSCRIPT
// v1.8).
import {
  countLiteral,
  currentLiteral,
  EXPONENT,
  frequencyLiteral,
  voltageLiteral,
} from '../../../frames/dialects/methodscript/literal.ts';
import { integerOf, type PackageVariable } from '../../../frames/dialects/methodscript/package.ts';
import type { ImpedanceMode } from '../../../steps/step.ts';

/** One frequency. Z'' has its mathematical sign: capacitive is negative. */
export interface ImpedancePoint {
  /** Since the spectrum began. */
  readonly sinceUs: number;
  readonly frequencyMilliHz: number;
  readonly realMicroOhm: number;
  readonly imaginaryMicroOhm: number;
}

const MICRO = -6;
/** The instrument decides how many periods it averages; no frequency is expected to take longer than this. */
const PERIODS_MAX = 20;
const SETTLING_MAX_US = 5_000_000;

/** What a spectrum needs besides the variables of every script. */
export const SPECTRUM_VARIABLES = ['f', 'x', 'y'];

/** From a resting cell to a resting cell. A frequency lasts as long as it takes. */
export function spectrumLines({ bias, fromMilliHz, toMilliHz, points }: ImpedanceMode): string[] {
  const isHeld = bias.kind === 'voltage';
  const span = `${frequencyLiteral(fromMilliHz)} ${frequencyLiteral(toMilliHz)} ${countLiteral(points)}`;
  const [level, amplitude] = isHeld
    ? [voltageLiteral(bias.voltageNv), voltageLiteral(bias.amplitudeNv)]
    : [currentLiteral(bias.currentPa), currentLiteral(bias.amplitudePa)];
  return [
    isHeld ? `set_e ${level}` : 'set_i 0',
    'cell_on',
    `${isHeld ? 'meas_loop_eis' : 'meas_loop_geis'} f x y ${amplitude} ${span} ${level}`,
    'timer_get t',
    'pck_start',
    ...['t', ...SPECTRUM_VARIABLES].map((name) => `pck_add ${name}`),
    'pck_end',
    'endloop',
    'cell_off',
  ];
}

/** Longest time between two points, us: `Z` acts at the end of a frequency. */
export function frequencyMaxUs({ fromMilliHz, toMilliHz }: ImpedanceMode): number {
  return Math.ceil((PERIODS_MAX * 1e9) / Math.min(fromMilliHz, toMilliHz)) + SETTLING_MAX_US;
}

/** Null: no package of a spectrum. */
export function impedancePointFrom(variables: readonly PackageVariable[]): ImpedancePoint | null {
  const types = variables.map(({ type }) => type).join(' ');
  const [time, frequency, real, imaginary] = variables;
  const isComplete = time !== undefined && frequency !== undefined && real !== undefined;
  if (types !== 'eb dc cc cd' || !isComplete || imaginary === undefined) return null;
  const sinceUs = integerOf(time, EXPONENT.timeUs);
  const frequencyMilliHz = integerOf(frequency, EXPONENT.frequencyMilliHz);
  const realMicroOhm = integerOf(real, MICRO);
  const imaginaryMicroOhm = integerOf(imaginary, MICRO);
  if (sinceUs === null || frequencyMilliHz === null) return null;
  if (realMicroOhm === null || imaginaryMicroOhm === null) return null;
  return { sinceUs, frequencyMilliHz, realMicroOhm, imaginaryMicroOhm };
}
