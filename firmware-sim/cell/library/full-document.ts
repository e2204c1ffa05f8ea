// A full cell as it stands in a cell file: flat fields, and the open-circuit curve as pairs of charge share
// and volts.
import { z } from 'zod';
import { FULL_CELL_DEFAULTS, type FullCellParameters } from '../full-cell.ts';
import { type FieldsOf, givenFrom, type GivenValue, internalFrom } from './cell-fields.ts';
import { sectionShape, shown } from './field-schema.ts';

export const FULL_FIELDS: FieldsOf<Omit<FullCellParameters, 'curve'>> = {
  areaCm2: {
    key: 'area_cm2',
    symbol: 'A',
    unit: { name: 'cm2' },
    within: [0.01, 1000],
    usual: '0.79–2',
    source: '12 mm disc',
    about: 'geometric area',
  },
  capacityCPerCm2: {
    key: 'capacity_mAh_cm2',
    symbol: 'Q',
    unit: { name: 'mAh/cm2', times: 3.6 },
    within: [0.01, 1000],
    usual: '0.5–5',
    source: 'choice',
    about: 'between empty and full, at no current',
  },
  resistanceOhmCm2: {
    key: 'resistance_ohm_cm2',
    symbol: 'R_Ω',
    unit: { name: 'ohm cm2' },
    within: [0.01, 10_000],
    usual: '2–30',
    source: 'estimate',
    about: 'ohmic part of the whole cell',
  },
  exchangeAPerCm2: {
    key: 'exchange_current_density_mA_cm2',
    symbol: 'j₀',
    unit: { name: 'mA/cm2', over: 1000 },
    within: [1e-4, 1000],
    usual: '0.1–10',
    source: 'M',
    about: 'of each electrode, α 1/2',
  },
  diffusionS: {
    key: 'diffusion_s',
    symbol: 'τ_D',
    unit: { name: 's' },
    within: [0.1, 1e6],
    usual: '30–3000',
    source: 'estimate',
    about: 'time by which the surface of the cathode runs ahead of its mean',
  },
  coulombicEfficiency: {
    key: 'coulombic_efficiency',
    symbol: 'CE',
    unit: { name: '1' },
    within: [0.01, 1],
    usual: '0.98–1',
    source: 'estimate',
    about: 'share of the charging current that is stored',
  },
  temperatureK: {
    key: 'temperature_C',
    symbol: 'T',
    unit: { name: '°C', plus: 273.15 },
    within: [-60, 90],
    usual: '−50–60',
    source: 'choice',
    about: 'temperature, constant',
  },
  initialShare: {
    key: 'initial_share',
    symbol: 's₀',
    unit: { name: '1' },
    within: [0, 1],
    usual: '0–1',
    source: 'choice',
    about: 'share of charge when the cell is made',
  },
};

type Pair = readonly [share: number, voltageV: number];

const curveSchema = z.unknown().superRefine((given, context) => {
  const problem = curveProblem(given);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
});

/** Null where the curve goes from 0 to 1 and rises at every point, within the volts of the instrument. */
function curveProblem(given: unknown): string | null {
  if (!Array.isArray(given) || given.length < 2 || !given.every(isPair))
    return `${shown(given)} is no curve; write two points or more, as [[0, 0.8], …, [1, 1.65]]`;
  const points: readonly Pair[] = given;
  if (points[0]?.[0] !== 0 || points.at(-1)?.[0] !== 1) return 'must go from a share of 0 to a share of 1';
  for (const [index, [share, voltageV]] of points.entries()) {
    const before = points[index - 1];
    if (before !== undefined && (share <= before[0] || voltageV <= before[1]))
      return `does not rise at [${share}, ${voltageV}]; share and volts must both go up`;
    if (Math.abs(voltageV) > 5) return `${voltageV} V is outside -5 … 5 V`;
  }
  return null;
}

function isPair(value: unknown): value is Pair {
  return Array.isArray(value) && value.length === 2 && value.every((one) => Number.isFinite(one));
}

export const FULL_SHAPE: Readonly<Record<string, z.ZodType>> = {
  ...sectionShape(FULL_FIELDS),
  open_circuit_share_V: curveSchema.optional(),
};

/** Parameters of the model, from values that the schema has passed. */
export function fullParameters(values: Readonly<Record<string, unknown>>): FullCellParameters {
  const { open_circuit_share_V: curve, ...numbers } = { ...fullValues(FULL_CELL_DEFAULTS), ...values };
  return {
    ...internalFrom(FULL_FIELDS, numbers as Readonly<Record<string, GivenValue>>),
    curve: (curve as readonly Pair[]).map(([share, voltageV]) => ({ share, voltageV })),
  };
}

export function fullValues({ curve, ...numbers }: FullCellParameters): Readonly<Record<string, unknown>> {
  const open_circuit_share_V = curve.map(({ share, voltageV }) => [share, voltageV]);
  return { ...givenFrom(FULL_FIELDS, numbers), open_circuit_share_V };
}
