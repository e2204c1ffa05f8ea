// Lines that set the instrument up, with the cell open: mode, filters, ranges. The bandwidth falls back with
// every change of mode (PalmSens battery_cycling template, v1.9), so it is always set behind it.
// Ranges are fixed: a range that changes by itself is a step in the data.

/** Hz; what the vendor's examples take for intervals of 0.1 s. */
const BANDWIDTH_HZ = 60;
const SPECTRUM_BANDWIDTH_HZ = 1_000_000;

export interface Electrodes {
  /** Literal of the largest |voltage| to be read. */
  readonly voltage: string;
  /** Literal of the largest |current|. */
  readonly current: string;
  readonly mainsHz: number | null;
}

/** Mode 6: galvanostat. `ab` is the voltage that is read, `db` the current that is applied. */
export function galvanostatLines(electrodes: Electrodes): string[] {
  return [...modeLines('6', BANDWIDTH_HZ, electrodes.mainsHz), ...rangeLines(electrodes, 'db')];
}

/** Mode 3: potentiostat, high speed. `ba` is the current that is read. */
export function potentiostatLines(electrodes: Electrodes, bandwidthHz = BANDWIDTH_HZ): string[] {
  return [...modeLines('3', bandwidthHz, electrodes.mainsHz), ...rangeLines(electrodes, 'ba')];
}

/** Mode 3 or 6 with the bandwidth of the vendor's examples, above the highest frequency (200 kHz). */
export function spectrumSetUpLines(mode: '3' | '6', electrodes: Electrodes): string[] {
  const currentType = mode === '3' ? 'ba' : 'db';
  return [...modeLines(mode, SPECTRUM_BANDWIDTH_HZ, null), ...rangeLines(electrodes, currentType)];
}

function modeLines(mode: '3' | '6', bandwidthHz: number, mainsHz: number | null): string[] {
  return [
    'set_pgstat_chan 0',
    `set_pgstat_mode ${mode}`,
    `set_max_bandwidth ${bandwidthHz}`,
    ...(mainsHz === null ? [] : [`set_acquisition_frac_autoadjust ${mainsHz}`]),
  ];
}

function rangeLines({ voltage, current }: Electrodes, currentType: 'ba' | 'db'): string[] {
  return [
    `set_range ab ${voltage}`,
    `set_autoranging ab ${voltage} ${voltage}`,
    `set_range ${currentType} ${current}`,
    `set_autoranging ${currentType} ${current} ${current}`,
  ];
}
