// Numbers and times as the page shows them. Pure; the last digit shown is never finer than the instrument's
// error. Never rounds what is plotted or compared: for display only.

const MINUS = '\u2212';
/** Non-breaking, narrow: a value and its unit stay together. */
const THIN = '\u202f';

export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

interface Scale {
  readonly unit: string;
  /** Base units (nV, pA) per unit. */
  readonly size: number;
  readonly decimalsMax: number;
}

const VOLTAGE_SCALES: readonly Scale[] = [
  { unit: 'V', size: 1e9, decimalsMax: 4 },
  { unit: 'mV', size: 1e6, decimalsMax: 2 },
];
const CURRENT_SCALES: readonly Scale[] = [
  { unit: 'A', size: 1e12, decimalsMax: 4 },
  { unit: 'mA', size: 1e9, decimalsMax: 4 },
  { unit: 'µA', size: 1e6, decimalsMax: 2 },
  { unit: 'nA', size: 1e3, decimalsMax: 1 },
];
const DECIMALS_UNKNOWN = 2;

/** Millivolts below one volt, as the field reads them. */
export function formatVoltage(voltageNv: number, errorNv: number | null): Quantity {
  return format(voltageNv, errorNv, VOLTAGE_SCALES);
}

/** With its sign always: it says which way the cell is driven. Zero has none. */
export function formatCurrent(currentPa: number, errorPa: number | null): Quantity {
  const { value, unit } = format(currentPa, errorPa, CURRENT_SCALES);
  return { value: currentPa > 0 && Number(value) !== 0 ? `+${value}` : value, unit };
}

/**
 * What the current does to the working electrode; within the error of zero it does nothing that can be told.
 */
export function currentMeaning(
  currentPa: number,
  errorPa: number | null,
): 'plating' | 'stripping' | 'no current' {
  if (Math.abs(currentPa) <= (errorPa ?? 0)) return 'no current';
  return currentPa < 0 ? 'plating' : 'stripping';
}

/** `0.4 s`, `12 s`, `3 min`, `5 h`, `2 d`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, durationMs) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)}${THIN}s`;
  if (seconds < 99.5) return `${Math.round(seconds)}${THIN}s`;
  const minutes = seconds / 60;
  if (minutes < 99.5) return `${Math.round(minutes)}${THIN}min`;
  const hours = minutes / 60;
  if (hours < 47.5) return `${Math.round(hours)}${THIN}h`;
  return `${Math.round(hours / 24)}${THIN}d`;
}

/** Local time of day; with the date where it was not today. */
export function formatWall(wallMs: number, nowWallMs: number): string {
  const then = new Date(wallMs);
  const time = then.toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  const isToday = then.toDateString() === new Date(nowWallMs).toDateString();
  return isToday ? time : `${then.toLocaleDateString([], { day: 'numeric', month: 'short' })} ${time}`;
}

/** Plain number for an axis or a readout: a real minus sign, no negative zero. */
export function formatNumber(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `${MINUS}${text}` : text;
}

/** Decimals of a unit of `size` base units that an error still leaves a meaning to. */
export function decimalsFor(error: number | null, size: number, decimalsMax: number): number {
  if (error === null) return Math.min(DECIMALS_UNKNOWN, decimalsMax);
  if (error <= 0) return decimalsMax;
  return Math.min(decimalsMax, Math.max(0, -Math.floor(Math.log10(error / size) + 1e-9)));
}

/** Zero and noise around it keep the unit of their error, so that a rest does not jump between units. */
function format(value: number, error: number | null, scales: readonly Scale[]): Quantity {
  const magnitude = Math.max(Math.abs(value), error ?? 0);
  const scale = scales.find(({ size }) => magnitude >= size) ?? scales.at(-1);
  if (scale === undefined) return { value: String(value), unit: '' };
  const decimals = decimalsFor(error, scale.size, scale.decimalsMax);
  return { value: formatNumber(value / scale.size, decimals), unit: scale.unit };
}
