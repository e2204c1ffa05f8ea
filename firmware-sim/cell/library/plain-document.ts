// Cells whose file is one flat section: an inert electrode that evolves hydrogen, resistors, open leads.
// Fields and defaults; a kind with more to say has a document of its own.
import { HYDROGEN_EVOLUTION_DEFAULTS, type HydrogenEvolutionParameters } from '../hydrogen-evolution-cell.ts';
import type { ResistiveCellParameters } from '../resistive-cell.ts';
import type { FieldsOf } from './cell-fields.ts';

const HYDROGEN_FIELDS: FieldsOf<HydrogenEvolutionParameters> = {
  areaCm2: {
    key: 'area_cm2',
    symbol: 'A',
    unit: { name: 'cm2' },
    within: [0.01, 1000],
    usual: '0.79–2',
    source: '12 mm disc',
    about: 'geometric area of the working electrode',
  },
  exchangeAPerCm2: {
    key: 'exchange_current_density_nA_cm2',
    symbol: 'j_0H',
    unit: { name: 'nA/cm2', over: 1e9 },
    within: [1e-4, 1e7],
    usual: '0.01–1000',
    source: 'estimate',
    about: 'exchange current density of hydrogen evolution on this metal',
  },
  slopeVPerDecade: {
    key: 'slope_mV_decade',
    symbol: 'b_H',
    unit: { name: 'mV', over: 1000 },
    within: [20, 500],
    usual: '30–140',
    source: 'M',
    about: 'its Tafel slope',
  },
  pH: {
    key: 'pH',
    symbol: 'pH',
    unit: { name: '1' },
    within: [-1, 15],
    usual: '3.5–7',
    source: 'M',
    about: 'of the electrolyte',
  },
  zincPotentialV: {
    key: 'zinc_V_she',
    symbol: 'E_Zn',
    unit: { name: 'V' },
    within: [-1.5, 0],
    usual: '−0.76',
    source: 'c003',
    about: 'potential of the zinc counter electrode against the standard hydrogen electrode',
  },
  doubleLayerFPerCm2: {
    key: 'double_layer_uF_cm2',
    symbol: 'C_dl',
    unit: { name: 'uF/cm2', over: 1e6 },
    within: [1, 10_000],
    usual: '10–100',
    source: 'M',
    about: 'double layer of the working electrode',
  },
  resistanceOhmCm2: {
    key: 'resistance_ohm_cm2',
    symbol: 'R_Ω',
    unit: { name: 'ohm cm2' },
    within: [0.01, 10_000],
    usual: '0.6–5',
    source: 'M',
    about: 'ohmic part of the whole cell',
  },
};

const RESISTIVE_FIELDS: FieldsOf<ResistiveCellParameters> = {
  openCircuitV: {
    key: 'open_circuit_V',
    symbol: 'V₀',
    unit: { name: 'V' },
    within: [-10, 10],
    usual: '',
    source: 'choice',
    about: 'voltage behind the resistor',
  },
  resistanceOhm: {
    key: 'resistance_ohm',
    symbol: 'R',
    unit: { name: 'ohm' },
    within: [1e-3, 1e12],
    usual: '',
    source: 'choice',
    about: 'of the whole holder',
  },
};

export const PLAIN_FIELDS = { hydrogen: HYDROGEN_FIELDS, resistive: RESISTIVE_FIELDS };

const RESISTIVE_DEFAULTS: ResistiveCellParameters = { openCircuitV: 0, resistanceOhm: 10 };
export const PLAIN_DEFAULTS = { hydrogen: HYDROGEN_EVOLUTION_DEFAULTS, resistive: RESISTIVE_DEFAULTS };
