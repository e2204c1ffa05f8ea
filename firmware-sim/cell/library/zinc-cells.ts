// Zinc against zinc or a bare metal, in 2 M ZnSO4 unless said otherwise. Units stand in the keys. Sources: M
// textbook or common knowledge; c… a claim of the review in src/analysis/literature; "estimate": nobody
// measured it; "choice": it is what this cell is for. No cell here is evidence about a material.
import type { LibraryCell } from './cell-file.ts';

export const ZINC_CELLS = {
  'bare-zn': {
    kind: 'zinc',
    about: 'two 100 um Zn foils, glass fibre, 12 mm disc; never shorts and never wears out',
    protocol: 'symmetric-cycling',
    values: {},
    sources: {},
  },
  'bare-zn-ageing': {
    kind: 'zinc',
    about:
      'the same, ageing as bare zinc: characteristic life 340 h at 1 mA/cm2, 1 mAh/cm2, soft shorts first',
    protocol: 'symmetric-cycling',
    basedOn: 'bare-zn',
    values: { shorts: 'bare-zinc-law' },
    sources: { shorts: '340 h at 1/1: c021; shape and soft shorts: estimate' },
  },
  'thin-foil-10um': {
    kind: 'zinc',
    about: 'two 10 um Zn foils (5.855 mAh/cm2 each): dead zinc uses them up; for high depth of discharge',
    protocol: 'symmetric-cycling',
    basedOn: 'bare-zn',
    values: { working: { zinc_mAh_cm2: 5.855 }, counter: { zinc_mAh_cm2: 5.855 } },
    sources: {
      'working.zinc_mAh_cm2': '5855 mAh/cm3 (c001) x 10 um',
      'counter.zinc_mAh_cm2': '5855 mAh/cm3 (c001) x 10 um',
    },
  },
  'zn-cu': {
    kind: 'zinc',
    about: 'Zn||Cu: bare copper against Zn foil, for Coulombic efficiency; Cu alloys, so its tail is long',
    protocol: 'coulombic-efficiency',
    basedOn: 'bare-zn',
    values: { working: { zinc_mAh_cm2: 0, tail_mF_cm2: 10, bare_V: 0.8, nucleation_mV: 40 } },
    sources: {
      'working.zinc_mAh_cm2': 'choice',
      'working.tail_mF_cm2': 'estimate',
      'working.bare_V': 'M: fresh Zn||Cu rests at 0.2 … 1.2 V',
      'working.nucleation_mV': 'M',
    },
  },
  'zn-ti': {
    kind: 'zinc',
    about: 'Zn||Ti: bare titanium against Zn foil, for Coulombic efficiency; hardly any tail',
    protocol: 'coulombic-efficiency',
    basedOn: 'zn-cu',
    values: { working: { tail_mF_cm2: 1, nucleation_mV: 50 } },
    sources: {
      'working.tail_mF_cm2': 'estimate',
      'working.nucleation_mV': 'estimate: Ti is less zincophilic',
    },
  },
  'zn-powder': {
    kind: 'zinc',
    about:
      'Zn powder electrodes: large area, much corrosion, passive after about 33 h at 1 mA/cm2, 1 mAh/cm2',
    protocol: 'symmetric-cycling',
    basedOn: 'bare-zn',
    values: {
      kinetics: { exchange_current_density_mA_cm2: 3 },
      film: {
        initial_ohm_cm2: 30,
        conditioned_ohm_cm2: 10,
        conditioning_cycles: 3,
        wear_ohm_cm2: 230,
        wear_Ah_cm2: 0.0165,
        wear_exponent: 5,
      },
      losses: { corrosion_uA_cm2: 20 },
    },
    sources: {
      'kinetics.exchange_current_density_mA_cm2': 'estimate: three times the area of a foil',
      'film.initial_ohm_cm2': 'estimate',
      'film.conditioned_ohm_cm2': 'estimate',
      'film.conditioning_cycles': 'estimate',
      'film.wear_ohm_cm2': 'choice: near 0.5 V at 1 mA/cm2',
      'film.wear_Ah_cm2': '33 h at 1/1, polarisation: c063',
      'film.wear_exponent': 'estimate',
      'losses.corrosion_uA_cm2': 'estimate: upper end of the range',
    },
  },
  'zn-host-3d': {
    kind: 'zinc',
    about: '3D host with 10 mAh/cm2 of Zn on both sides: about 65 mV at 20 mA/cm2',
    protocol: 'symmetric-cycling',
    basedOn: 'bare-zn',
    values: {
      kinetics: { exchange_current_density_mA_cm2: 23 },
      electrolyte: { resistance_ohm_cm2: 1 },
      film: { initial_ohm_cm2: 0.5, conditioned_ohm_cm2: 0.1 },
      working: { zinc_mAh_cm2: 10, nucleation_mV: 10 },
      counter: { zinc_mAh_cm2: 10, nucleation_mV: 10 },
      deposit: { aged_nucleation_mV: 3, initial_coverage: 0.5, fresh_activity: 1.2 },
    },
    sources: {
      'kinetics.exchange_current_density_mA_cm2': '65 mV at 20 mA/cm2: c073',
      'electrolyte.resistance_ohm_cm2': '65 mV at 20 mA/cm2: c073',
      'film.initial_ohm_cm2': 'estimate',
      'film.conditioned_ohm_cm2': 'estimate',
      'working.zinc_mAh_cm2': 'choice',
      'working.nucleation_mV': 'M: lower end',
      'counter.zinc_mAh_cm2': 'choice',
      'counter.nucleation_mV': 'M: lower end',
      'deposit.aged_nucleation_mV': 'estimate',
      'deposit.initial_coverage': 'estimate',
      'deposit.fresh_activity': 'estimate',
    },
  },
  'zn-fibre-host': {
    kind: 'zinc',
    about: 'Zn in a fibre host: about 154 mV at 1 mA/cm2',
    protocol: 'symmetric-cycling',
    basedOn: 'bare-zn',
    values: {
      kinetics: { exchange_current_density_mA_cm2: 0.25 },
      film: { initial_ohm_cm2: 36, conditioned_ohm_cm2: 31 },
      working: { zinc_mAh_cm2: 10 },
      counter: { zinc_mAh_cm2: 10 },
    },
    sources: {
      'kinetics.exchange_current_density_mA_cm2':
        '154 mV: c070 (no current density printed: 1 mA/cm2 is our choice)',
      'film.initial_ohm_cm2': 'estimate',
      'film.conditioned_ohm_cm2': 'estimate',
      'working.zinc_mAh_cm2': 'choice',
      'counter.zinc_mAh_cm2': 'choice',
    },
  },
  seawater: {
    kind: 'zinc',
    about:
      'Zn in natural seawater, thin gradient separator: characteristic life 2900 h at 1 mA/cm2, 1 mAh/cm2',
    protocol: 'symmetric-cycling',
    basedOn: 'bare-zn',
    values: {
      electrolyte: {
        concentration_mol_L: 1,
        cation_transference: 0.25,
        separator_um: 18,
        porosity: 0.6,
        tortuosity: 1.5,
        conductivity_S_m: 5,
      },
      losses: { corrosion_uA_cm2: 15, pH: 5.5 },
      shorts: { scale_Ah_cm2: 1.45 },
    },
    sources: {
      'electrolyte.concentration_mol_L': 'estimate: zinc salt added to seawater',
      'electrolyte.cation_transference': 'estimate: sodium and chloride carry most',
      'electrolyte.separator_um': 'c086',
      'electrolyte.porosity': 'estimate',
      'electrolyte.tortuosity': 'estimate',
      'electrolyte.conductivity_S_m': 'M: seawater at 25 °C',
      'losses.corrosion_uA_cm2': 'estimate: chloride',
      'losses.pH': 'estimate',
      'shorts.scale_Ah_cm2': '2900 h at 1/1: c084',
    },
  },
} as const satisfies Readonly<Record<string, LibraryCell>>;
