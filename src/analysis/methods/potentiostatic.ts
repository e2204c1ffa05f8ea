// What held voltages, sweeps and spectra say: transients, voltammograms, corrosion, transference, impedance.
// Steps are found by their labels. Pure over the record; a spectrum that does not reach the axis has no
// intercept, and none is extrapolated.
import { lineThrough, medianOf, sumOf } from './arithmetic.ts';
import { type Figure, figure, missing } from './figure.ts';
import { type EndedStep, isNamed, type RunRecord, type StepSample } from './run-record.ts';

const DENSITY = 'mA/cm2';

/** Steady current, the median of the last tenth of the samples of the hold, and the charge that it passed. */
export function transientFigures(record: RunRecord): readonly Figure[] {
  const step = record.steps().find((one) => isNamed(one, 'step'));
  const samples = step === undefined ? [] : record.samplesOf(step);
  const steady = steadyA(samples);
  if (!Number.isFinite(steady)) return [missing('steadyCurrent', DENSITY, 'no voltage was held')];
  const { areaCm2 } = record.measurement;
  const asDensity = (currentA: number): number => (currentA / areaCm2) * 1e3;
  return [
    figure('steadyCurrent', [asDensity(steady), DENSITY], {
      uncertainty: asDensity(currentUncertaintyA(steady, record)),
    }),
    figure('passedCharge', [(step?.chargeNc ?? Number.NaN) / 3.6e9 / areaCm2, 'mAh/cm2']),
  ];
}

function steadyA(samples: readonly StepSample[]): number {
  return medianOf(samples.slice(Math.floor(samples.length * 0.9)).map(({ currentA }) => currentA));
}

function currentUncertaintyA(currentA: number, { measurement }: RunRecord): number {
  const { currentGainPpm, currentOffsetPpmOfRange, rangeFullScalePa } = measurement;
  const offsetA = (currentOffsetPpmOfRange / 1e6) * (rangeFullScalePa / 1e12);
  return Math.hypot((currentGainPpm / 1e6) * currentA, offsetA);
}

/** The cathodic current density at which a hydrogen wave is read, A/cm2 (notes 1, method 8). */
const WAVE_A_PER_CM2 = 0.01;

/**
 * Charge stripped over charge plated of all scans (a cyclic sweep), and the voltage at which -10 mA/cm2 was
 * first passed, between two samples by a line.
 */
export function voltammetryFigures(record: RunRecord): readonly Figure[] {
  const step = record.steps().find((one) => isNamed(one, 'sweep'));
  const samples = step === undefined ? [] : record.samplesOf(step);
  if (samples.length < 2) return [missing('waveVoltage', 'V', 'there is no sweep')];
  const anodic = chargeC(samples, 1);
  const cathodic = chargeC(samples, -1);
  const ratio =
    anodic > 0 && cathodic > 0
      ? figure('chargeRatio', [(anodic / cathodic) * 100, '%'])
      : missing('chargeRatio', '%', 'the current flowed in one direction only');
  const waveA = -WAVE_A_PER_CM2 * record.measurement.areaCm2;
  const place = samples.findIndex(({ currentA }) => currentA <= waveA);
  const [before, reached] = [samples[place - 1], samples[place]];
  if (before === undefined || reached === undefined) {
    return [ratio, missing('waveVoltage', 'V', 'the current did not pass -10 mA/cm2')];
  }
  const share = (waveA - before.currentA) / (reached.currentA - before.currentA);
  const wave = before.voltageV + share * (reached.voltageV - before.voltageV);
  const uncertainty = record.voltage?.offsetV ?? null;
  return [ratio, figure('waveVoltage', [wave, 'V'], { uncertainty, at: { currentMAPerCm2: -10 } })];
}

/** Trapezoids of the current of one sign. */
function chargeC(samples: readonly StepSample[], sign: 1 | -1): number {
  const part = ({ currentA }: StepSample): number => Math.max(0, sign * currentA);
  return sumOf(
    samples.slice(1).map((sample, index) => {
      const before = samples[index] ?? sample;
      return ((part(sample) + part(before)) / 2) * (sample.elapsedS - before.elapsedS);
    }),
  );
}

/** Window of R_p around the resting voltage, and the branches of the Tafel lines, V from it. */
const [MIDDLE_V, BRANCH_FROM_V, BRANCH_UNTIL_V] = [0.015, 0.07, 0.2];

/**
 * E_corr where the current changes sign, R_p from the middle, b_a and b_c from the branches, and i_corr = b_a
 * b_c/(2.303 (b_a + b_c) R_p) (notes 1, method 9).
 */
export function tafelFigures(record: RunRecord): readonly Figure[] {
  const step = record.steps().find((one) => isNamed(one, 'sweep'));
  const samples = step === undefined ? [] : record.samplesOf(step);
  const { areaCm2 } = record.measurement;
  const place = samples.findIndex(({ currentA }) => currentA >= 0);
  const rest = samples[place]?.voltageV;
  if (rest === undefined || place === 0) return [missing('restVoltage', 'V', 'the current keeps its sign')];
  const within = (from: number, until: number): readonly StepSample[] =>
    samples.filter(({ voltageV }) => voltageV - rest >= from && voltageV - rest <= until);
  const middle = lineOf(within(-MIDDLE_V, MIDDLE_V), ({ currentA }) => currentA);
  const [anodic, cathodic] = [
    within(BRANCH_FROM_V, BRANCH_UNTIL_V),
    within(-BRANCH_UNTIL_V, -BRANCH_FROM_V),
  ].map((branch) => lineOf(branch, ({ currentA }) => Math.log10(Math.abs(currentA)))?.slope ?? Number.NaN);
  const resistance = areaCm2 / (middle?.slope ?? Number.NaN);
  const [ba, bc] = [Math.abs(1 / (anodic ?? Number.NaN)), Math.abs(1 / (cathodic ?? Number.NaN))];
  const corrosion = (ba * bc) / (Math.LN10 * (ba + bc) * resistance);
  return [
    figure('restVoltage', [rest, 'V'], { uncertainty: record.voltage?.offsetV ?? null }),
    figure('polarisationResistance', [resistance, 'ohm cm2']),
    figure('anodicSlope', [ba * 1e3, 'mV/decade']),
    figure('cathodicSlope', [bc * 1e3, 'mV/decade']),
    figure('corrosionCurrent', [corrosion * 1e6, 'uA/cm2']),
  ];
}

function lineOf(samples: readonly StepSample[], of: (sample: StepSample) => number) {
  return lineThrough(
    samples.map(({ voltageV }) => voltageV),
    samples.map(of),
  );
}

/** Ohmic part and width of the arc of a spectrum, ohm. */
interface Arc {
  readonly ohmicOhm: number;
  readonly arcOhm: number;
}

/**
 * R_ohm: the real part where the arc sets out, R_arc: from there to the real part where -Im is least again
 * behind its top. Charge transfer of both electrodes together, and films; diffusion is what lies beyond.
 */
function arcOf(record: RunRecord, step: EndedStep): Arc | null {
  const points = record
    .impedanceOf(step)
    .toSorted((a, b) => b.frequencyMilliHz - a.frequencyMilliHz)
    .map(({ realMicroOhm, imaginaryMicroOhm }) => [realMicroOhm / 1e6, -imaginaryMicroOhm / 1e6] as const);
  const [start] = points;
  const top = points.findIndex(([, height], index) => index > 0 && height > (points[index + 1]?.[1] ?? 0));
  if (start === undefined || top < 1) return null;
  const behind = points.slice(top);
  const rises = behind.findIndex(([, height], index) => height < (behind[index + 1]?.[1] ?? Infinity));
  const end = behind[rises < 0 ? behind.length - 1 : rises];
  return end === undefined ? null : { ohmicOhm: start[0], arcOhm: end[0] - start[0] };
}

/** Ohmic resistance and arc of each spectrum, times the area. */
export function impedanceFigures(record: RunRecord): readonly Figure[] {
  const spectra = record.steps().filter(({ mode }) => mode === 'eis');
  if (spectra.length === 0) return [missing('ohmicResistance', 'ohm cm2', 'there is no spectrum')];
  const { areaCm2 } = record.measurement;
  return spectra.flatMap((step, index) => {
    const at = { spectrum: index + 1 };
    const arc = arcOf(record, step);
    if (arc === null) return [missing('arcResistance', 'ohm cm2', 'the spectrum has no arc', at)];
    return [
      figure('ohmicResistance', [arc.ohmicOhm * areaCm2, 'ohm cm2'], { at }),
      figure('arcResistance', [arc.arcOhm * areaCm2, 'ohm cm2'], { at }),
    ];
  });
}

/** t+ = I_ss (dV - I_0 R_0)/(I_0 (dV - I_ss R_ss)), R the arc before and behind (notes 1, method 11). */
export function transferenceFigures(record: RunRecord): readonly Figure[] {
  const steps = record.steps();
  const named = (label: string): EndedStep | undefined => steps.find((step) => isNamed(step, label));
  const [before, hold, after] = [named('spectrum-before'), named('polarisation'), named('spectrum-after')];
  const arcs = [before, after].map((step) => (step === undefined ? null : arcOf(record, step)));
  const [first, last] = arcs;
  const name = 'transferenceNumber';
  if (hold === undefined || !first || !last) return [missing(name, '1', 'a spectrum or the hold is missing')];
  const samples = record.samplesOf(hold);
  const heldV = (hold.setpointNv ?? Number.NaN) / 1e9;
  // The first current is what the cell lets through before anything diffuses: behind its double layer.
  const startA = samples.find(({ elapsedS }) => elapsedS >= 0.01)?.currentA ?? Number.NaN;
  const steady = steadyA(samples);
  const value = (steady * (heldV - startA * first.arcOhm)) / (startA * (heldV - steady * last.arcOhm));
  const note = 'of the charge transfer alone: it means the cation only where the steady state was reached';
  return [
    figure(name, [value, '1'], { note }),
    figure('steadyCurrent', [(steady / record.measurement.areaCm2) * 1e3, DENSITY]),
  ];
}
