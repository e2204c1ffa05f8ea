// Which level a source action puts out: fixed, staircase (linear or logarithmic), list (manual section 10).
// Pure: the settings and the number of the point give the level.
import { isCurrentSource } from './output-stage.ts';
import type { Settings } from './settings.ts';

/** Level of point `point` (from 0) of the selected source, A or V; null where the level is the fixed one. */
export function sweptLevel(settings: Settings, point: number): number | null {
  const mode = isCurrentSource(settings) ? settings.words.currentMode : settings.words.voltageMode;
  if (mode === 'SWE') return staircaseLevel(settings, point);
  return mode === 'LIST' ? listLevel(settings, point) : null;
}

function staircaseLevel(settings: Settings, point: number): number {
  const { numbers, words } = settings;
  const isCurrent = isCurrentSource(settings);
  const from = isCurrent ? numbers.currentStartA : numbers.voltageStartV;
  const to = isCurrent ? numbers.currentStopA : numbers.voltageStopV;
  const last = Math.max(1, numbers.sweepPoints - 1);
  const step = point % numbers.sweepPoints;
  const share = (words.sweepDirection === 'DOWN' ? last - step : step) / last;
  // A logarithmic staircase cannot pass through zero.
  if (words.sweepSpacing === 'LIN' || from * to <= 0) return from + share * (to - from);
  return from * (to / from) ** share;
}

function listLevel(settings: Settings, point: number): number {
  const { lists, numbers } = settings;
  const levels = isCurrentSource(settings) ? lists.currentListA : lists.voltageListV;
  return levels[(point + numbers.listStart - 1) % levels.length] ?? 0;
}
