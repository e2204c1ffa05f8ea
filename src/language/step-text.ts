// One step in plain words, for people who read a protocol before any current flows. Pure.
import { formatQuantity } from '../base/quantity.ts';
import { activityOf } from '../steps/half-cycle.ts';
import type { ImpedanceMode, RecordRule, Step } from '../steps/step.ts';
import { timeText } from './end-text.ts';

/** What the step does to the cell: `plating at 1.13 mA`. */
export function modeText({ mode, half }: Step): string {
  switch (mode.kind) {
    case 'rest':
      return 'rest at open circuit';
    case 'cc': {
      const size = formatQuantity(Math.abs(mode.currentPa), 'current');
      if (half !== null) return `${activityOf(half)} at ${size}`;
      return `constant current ${mode.currentPa < 0 ? '-' : '+'}${size}`;
    }
    case 'cv':
      return `hold ${formatQuantity(mode.voltageNv, 'voltage')}`;
    case 'sweep': {
      const way = [mode.fromNv, ...mode.verticesNv].map((nv) => formatQuantity(nv, 'voltage')).join(' to ');
      const scans = mode.scans === 1 ? '' : `, ${mode.scans} scans`;
      return `sweep ${way} at ${formatQuantity(mode.rateNvPerS, 'voltage')}/s${scans}`;
    }
    case 'eis': {
      const span = `${hertz(mode.fromMilliHz)} to ${hertz(mode.toMilliHz)}`;
      return `impedance ${span}, ${mode.points} points, at ${biasText(mode.bias)}`;
    }
  }
}

function biasText(bias: ImpedanceMode['bias']): string {
  const [middle, amplitude] =
    bias.kind === 'voltage'
      ? [formatQuantity(bias.voltageNv, 'voltage'), formatQuantity(bias.amplitudeNv, 'voltage')]
      : [formatQuantity(bias.currentPa, 'current'), formatQuantity(bias.amplitudePa, 'current')];
  return `${middle} ± ${amplitude}`;
}

/** When samples are stored: `every 10 s and each 2 mV`. */
export function recordText({ burst, currentDeltaPa, everyUs, voltageDeltaNv }: RecordRule): string {
  const often =
    burst === undefined ? '' : `every ${timeText(burst.everyUs)} for ${timeText(burst.forUs)}, then `;
  const voltage = voltageDeltaNv === null ? '' : ` and each ${formatQuantity(voltageDeltaNv, 'voltage')}`;
  const current = currentDeltaPa === null ? '' : ` and each ${formatQuantity(currentDeltaPa, 'current')}`;
  return `${often}every ${timeText(everyUs)}${voltage}${current}`;
}

function hertz(milliHz: number): string {
  if (milliHz >= 1e6) return `${Number((milliHz / 1e6).toFixed(3))} kHz`;
  return milliHz >= 1000 ? `${Number((milliHz / 1000).toFixed(3))} Hz` : `${milliHz} mHz`;
}
