// Cells that are cold or hot. 2 M ZnSO4 freezes near -10 °C, so the cold ones hold a eutectic electrolyte;
// the model itself knows no freezing point. Units stand in the keys; sources as in zinc-cells.ts.
import type { LibraryCell } from './cell-file.ts';

const ZINC = { kind: 'zinc', protocol: 'symmetric-cycling' } as const;

export const TEMPERATURE_CELLS = {
  'eutectic-25-C': {
    ...ZINC,
    basedOn: 'bare-zn',
    about: 'eutectic electrolyte at 25 °C, the reference of the cold and hot ones',
    values: {
      kinetics: { exchange_current_density_mA_cm2: 2, activation_energy_kJ_mol: 20 },
      electrolyte: { conductivity_S_m: 2, salt_diffusivity_m2_s: 1.5e-10 },
      film: { initial_ohm_cm2: 10, conditioned_ohm_cm2: 2 },
      losses: { corrosion_uA_cm2: 1, hydrogen_exchange_nA_cm2: 0.02 },
    },
    sources: {
      'kinetics.exchange_current_density_mA_cm2': 'estimate',
      'kinetics.activation_energy_kJ_mol': 'estimate between c013 and c014',
      'electrolyte.conductivity_S_m': 'estimate',
      'electrolyte.salt_diffusivity_m2_s': 'estimate: as the conductivity against 2 M ZnSO4',
      'film.initial_ohm_cm2': 'estimate',
      'film.conditioned_ohm_cm2': 'estimate',
      'losses.corrosion_uA_cm2': 'estimate: little free water',
      'losses.hydrogen_exchange_nA_cm2': 'estimate: little free water',
    },
  },
  'eutectic-minus-50-C': {
    ...ZINC,
    basedOn: 'eutectic-25-C',
    about: 'eutectic electrolyte at -50 °C',
    values: { temperature_C: -50 },
    sources: { temperature_C: '800 h at -50 °C: c046' },
  },
  'eutectic-minus-20-C': {
    ...ZINC,
    basedOn: 'eutectic-25-C',
    about: 'eutectic electrolyte at -20 °C',
    values: { temperature_C: -20 },
    sources: { temperature_C: 'choice: between c046 and room temperature' },
  },
  'eutectic-50-C': {
    ...ZINC,
    basedOn: 'eutectic-25-C',
    about: 'eutectic electrolyte at 50 °C',
    values: { temperature_C: 50 },
    sources: { temperature_C: '2500 h at 50 °C: c045' },
  },
  'hydrogel-60-C': {
    ...ZINC,
    basedOn: 'gel-pazpm',
    about: 'hydrogel at 60 °C: corrodes, and dries when it has gassed enough',
    values: {
      temperature_C: 60,
      losses: { corrosion_uA_cm2: 20, hydrogen_exchange_nA_cm2: 1, dry_out_mAh_cm2: 30 },
    },
    sources: {
      temperature_C: '3000 h at 60 °C: c092',
      'losses.corrosion_uA_cm2': 'estimate: upper end of the range',
      'losses.hydrogen_exchange_nA_cm2': 'estimate: ten times that of 25 °C',
      'losses.dry_out_mAh_cm2': 'estimate',
    },
  },
} as const satisfies Readonly<Record<string, LibraryCell>>;
