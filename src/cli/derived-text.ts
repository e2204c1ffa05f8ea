// Derived figures as `simulate` and `run show` print them: rounded for JSON, and as lines with no digit
// beyond the uncertainty. Never computes one.
import type { Derivation } from '../analysis/methods/derive.ts';
import type { Figure } from '../analysis/methods/figure.ts';
import { roundToUncertainty } from '../analysis/uncertainty.ts';

/** As JSON shows it. */
export type ShownDerivation = Derivation;

/** More are in the JSON; a series fills no screen. */
const LINES_MAX = 24;

/** Nine digits of a value, two of an uncertainty. */
export function derivedFigures({ kind, figures }: Derivation): ShownDerivation {
  return {
    kind,
    figures: figures.map((figure) => ({
      ...figure,
      value: figure.value === null ? null : Number(figure.value.toPrecision(9)),
      uncertainty: figure.uncertainty === null ? null : Number(figure.uncertainty.toPrecision(2)),
    })),
  };
}

export function derivedLines({ figures }: ShownDerivation): readonly string[] {
  const lines = figures.slice(0, LINES_MAX).map(lineOf);
  const more = figures.length - lines.length;
  return more > 0 ? [...lines, `… and ${more} more with --json`] : lines;
}

function lineOf({ name, at, value, uncertainty, unit, note }: Figure): string {
  const places = Object.entries(at).map(([key, place]) => placeText(key, place));
  const where = places.length === 0 ? '' : ` (${places.join(', ')})`;
  const title = `${wordsOf(name)}${where}`;
  if (value === null) return `${title}: none, ${note ?? 'it is not defined'}`;
  const text = valueText(value, uncertainty);
  return `${title} ${text}${unit === '1' ? '' : ` ${unit}`}${note === null ? '' : `; ${note}`}`;
}

function valueText(value: number, uncertainty: number | null): string {
  if (uncertainty === null || uncertainty <= 0) return String(Number(value.toPrecision(4)));
  const rounded = roundToUncertainty(value, uncertainty);
  return `${rounded.valueText} +- ${rounded.uncertaintyText}`;
}

/** Units at the end of a name, as a person writes them. */
const UNITS: readonly (readonly [RegExp, string])[] = [
  [/MAPerCm2$/, ' mA/cm2'],
  [/MAhPerCm2$/, ' mAh/cm2'],
  [/MA$/, ' mA'],
  [/(?<=[a-z])K$/, ' K'],
  [/(?<=[a-z])S$/, ' s'],
  [/(?<=[a-z])V$/, ' V'],
];

/** `current 0.5 mA/cm2` of `currentMAPerCm2`. */
function placeText(key: string, place: number | string): string {
  const found = UNITS.find(([pattern]) => pattern.test(key));
  if (found === undefined) return `${wordsOf(key)} ${place}`;
  const [pattern, unit] = found;
  return `${wordsOf(key.replace(pattern, ''))} ${place}${unit}`;
}

/** `meanEfficiency` reads `mean efficiency`; capitals in a row are a symbol and stay. */
function wordsOf(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`);
}
