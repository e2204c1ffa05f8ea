// From a row of the data port to one measurement in base units. Which value is what, the tracks packet says.
import type { Row, Track } from './packets.ts';

/** Ids of tracks (vendor's datareceiver.py). */
const TRACK_IDS = { voltage: 11, current: 12, time: 13 } as const;

export interface Measurement {
  /** Device time, from 0 at the start of each primitive. */
  readonly timeUs: number;
  readonly voltageNv: number;
  /** Positive: as the instrument counts, which is charging; 0 where there is no such track. */
  readonly currentPa: number;
}

/** Reads a row; null when it holds what is no measurement. */
export type RowReader = (row: Row) => Measurement | null;

/** Null when the tracks lack time or voltage. */
export function rowReaderFor(tracks: readonly Track[]): RowReader | null {
  const columnOf = (id: number): number => tracks.findIndex((track) => track.id === id);
  const [time, voltage] = [columnOf(TRACK_IDS.time), columnOf(TRACK_IDS.voltage)];
  const current = columnOf(TRACK_IDS.current);
  if (time === -1 || voltage === -1) return null;
  return (row) => {
    const timeUs = baseUnits(row[time], 1e6);
    const voltageNv = baseUnits(row[voltage], 1e9);
    const currentPa = current === -1 ? 0 : baseUnits(row[current], 1e12);
    if (timeUs === null || voltageNv === null || currentPa === null) return null;
    return timeUs < 0 ? null : { timeUs, voltageNv, currentPa };
  };
}

function baseUnits(value: number | undefined, perUnit: number): number | null {
  const scaled = value === undefined ? Number.NaN : Math.round(value * perUnit);
  // Adding 0 makes a negative zero a zero.
  return Number.isSafeInteger(scaled) ? scaled + 0 : null;
}
