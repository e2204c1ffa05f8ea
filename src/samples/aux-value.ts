// What is recorded beside the samples: temperatures and markers. Temperatures are integers in microkelvin, so
// that no sign and no unit can be mistaken. Pure; sources and stores are elsewhere.

export type AuxValue =
  | { readonly kind: 'temperature'; readonly temperatureUk: number }
  | { readonly kind: 'marker'; readonly text: string };

export type TemperatureUnit = 'degC' | 'K' | 'degF';

/**
 * What a lab can be: -100 to 300 degC. A broken sensor is outside: an open DS18B20 line reads -127 degC, an
 * open Pt100 beyond 800.
 */
const TEMPERATURE_MIN_UK = 173_150_000;
const TEMPERATURE_MAX_UK = 573_150_000;

/** Microkelvin of a reading, or null where no thermometer of a lab can have meant it. */
export function parseTemperature(reading: number, unit: TemperatureUnit): number | null {
  const temperatureUk = Math.round(kelvinOf(reading, unit) * 1e6);
  const isPlausible = temperatureUk >= TEMPERATURE_MIN_UK && temperatureUk <= TEMPERATURE_MAX_UK;
  return isPlausible ? temperatureUk : null;
}

function kelvinOf(reading: number, unit: TemperatureUnit): number {
  switch (unit) {
    case 'K':
      return reading;
    case 'degC':
      return reading + 273.15;
    case 'degF':
      return ((reading - 32) * 5) / 9 + 273.15;
  }
}
