// Resistance by pulses and by interruption: change of voltage over change of current at a stated time. The
// time stands with each number, for it decides how much charge transfer is in it. Pure arithmetic.
import { meanOf } from './arithmetic.ts';
import { type Figure, figure, missing } from './figure.ts';
import { type EndedStep, isNamed, type RunRecord } from './run-record.ts';

const UNIT = 'ohm cm2';
const PULSE = /^pulse-(\d+)(us|ms|s|min|h)(?:-\d+)?$/;
const SECONDS: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600 };
/** Behind the start of an interruption, s; each is read from the sample nearest to it. */
const INTERRUPTED_S = [0.01, 0.1, 1, 10];

/** One change of current. */
interface Change {
  readonly afterS: number;
  readonly ohmCm2: number;
  /** Of the change of voltage, V. */
  readonly changeV: number;
}

/**
 * R(dt) = (V(dt) - V before)/(I - I before), times the area (notes 6): mean of all pulses of this length,
 * both directions. Not the ohmic resistance unless dt is far below R_ct C_dl, some ms in zinc.
 */
export function pulseFigures(record: RunRecord): readonly Figure[] {
  const steps = record.steps();
  const changes = steps.flatMap((step, index) => {
    const before = steps[index - 1];
    if (before === undefined) return [];
    return [...pulseOf(step, before, record), ...interruptionOf(step, before, record)];
  });
  const lengths = [...new Set(changes.map(({ afterS }) => afterS))].sort((a, b) => a - b);
  if (lengths.length === 0) return [missing('resistance', UNIT, 'no pulse and no interruption is whole')];
  return lengths.map((afterS) => {
    const own = changes.filter((change) => change.afterS === afterS);
    const value = meanOf(own.map(({ ohmCm2 }) => ohmCm2));
    const changeV = meanOf(own.map((change) => Math.abs(change.changeV)));
    return figure('resistance', [value, UNIT], {
      uncertainty: uncertaintyOf(value, changeV, record),
      at: { afterS, pulses: own.length },
    });
  });
}

function pulseOf(step: EndedStep, before: EndedStep, { measurement }: RunRecord): Change[] {
  const [, count, unit = ''] = PULSE.exec(step.programStep) ?? [];
  const afterS = Number(count) * (SECONDS[unit] ?? Number.NaN);
  const { endVoltageNv, endCurrentPa, reason, setpointPa } = step;
  if (!Number.isFinite(afterS) || reason !== 'duration' || setpointPa === null) return [];
  if (endVoltageNv === null || endCurrentPa === null || before.endVoltageNv === null) return [];
  const changeV = (endVoltageNv - before.endVoltageNv) / 1e9;
  const changeA = (endCurrentPa - (before.endCurrentPa ?? 0)) / 1e12;
  return [{ afterS, changeV, ohmCm2: (changeV / changeA) * measurement.areaCm2 }];
}

/** `step` rests behind current that flowed. */
function interruptionOf(step: EndedStep, before: EndedStep, record: RunRecord): Change[] {
  const isOne = isNamed(step, 'interrupted-plating') || isNamed(step, 'interrupted-stripping');
  const { endVoltageNv, endCurrentPa } = before;
  if (!isOne || endVoltageNv === null || endCurrentPa === null) return [];
  const samples = record.samplesOf(step);
  const lastedS = (step.endUs - step.startUs) / 1e6;
  return INTERRUPTED_S.flatMap((afterS) => {
    const near = samples.find(({ elapsedS }) => Math.abs(elapsedS - afterS) <= 0.05 * afterS);
    if (near === undefined || afterS > lastedS) return [];
    const changeV = near.voltageV - endVoltageNv / 1e9;
    const changeA = near.currentA - endCurrentPa / 1e12;
    return [{ afterS, changeV, ohmCm2: (changeV / changeA) * record.measurement.areaCm2 }];
  });
}

/** The offset of a meter cancels in a difference; its gain, and that of the current, do not. */
function uncertaintyOf(
  ohmCm2: number,
  changeV: number,
  { voltage, measurement }: Pick<RunRecord, 'voltage' | 'measurement'>,
): number | null {
  if (voltage === null) return null;
  const currentA = (changeV / Math.abs(ohmCm2)) * measurement.areaCm2;
  const { currentGainPpm, currentOffsetPpmOfRange, rangeFullScalePa } = measurement;
  const offsetA = (currentOffsetPpmOfRange / 1e6) * (rangeFullScalePa / 1e12);
  return Math.abs(ohmCm2) * Math.hypot(voltage.gain, currentGainPpm / 1e6, offsetA / currentA);
}
