// Cells made to fail in one way, for detectors, verdicts and the pictures of README.md; and what is in a
// holder when there is no cell in it. Units stand in the keys; sources as in zinc-cells.ts.
import type { LibraryCell } from './cell-file.ts';

const ZINC = { kind: 'zinc', protocol: 'symmetric-cycling', basedOn: 'bare-zn' } as const;

export const FAILING_CELLS = {
  'soft-shorting': {
    ...ZINC,
    about: 'many soft shorts from about 100 h on at 1 mA/cm2, 1 mAh/cm2, then a hard one near 160 h',
    values: {
      shorts: {
        scale_Ah_cm2: 0.08,
        shape: 10,
        soft_events: 20,
        soft_conductance_mS_cm2: 10,
        soft_spread: 0.7,
      },
    },
    sources: {
      'shorts.scale_Ah_cm2': 'choice',
      'shorts.shape': 'choice: little scatter',
      'shorts.soft_events': 'choice',
      'shorts.soft_conductance_mS_cm2': 'choice: a third of the current at 1 mA/cm2',
      'shorts.soft_spread': 'choice',
    },
  },
  'hard-shorting': {
    ...ZINC,
    about: 'a hard short at 60 mAh/cm2 plated: 120 h at 1 mA/cm2',
    values: {
      script: [{ event: 'hard-short', at_plated_mAh_cm2: 60.3, conductance_S_cm2: 1.2, onset_s: 2 }],
    },
    sources: { script: 'choice; below 2 ohm cm2: M' },
  },
  polarising: {
    ...ZINC,
    about: 'films wear out: 0.5 V after about 200 h at 1 mA/cm2, 1 mAh/cm2',
    values: { film: { wear_ohm_cm2: 220, wear_Ah_cm2: 0.1, wear_exponent: 6 } },
    sources: {
      'film.wear_ohm_cm2': 'choice: near 0.5 V at 1 mA/cm2',
      'film.wear_Ah_cm2': 'choice',
      'film.wear_exponent': 'estimate',
    },
  },
  'hydrogen-only': {
    kind: 'hydrogen',
    about:
      'Ti against Zn in 2 M Na2SO4 without zinc salt: nothing but hydrogen evolution, for potential sweeps',
    protocol: null,
    values: {},
    sources: {},
  },
  'dummy-10-ohm': {
    kind: 'resistive',
    about: 'a 10 ohm resistor in the holder: looks like a good cell to a contact check',
    protocol: null,
    values: { open_circuit_V: 0, resistance_ohm: 10 },
    sources: { open_circuit_V: 'choice', resistance_ohm: 'choice' },
  },
  'open-leads': {
    kind: 'resistive',
    about: 'nothing in the holder: the source runs into its compliance',
    protocol: null,
    values: { open_circuit_V: 0, resistance_ohm: 1e9 },
    sources: { open_circuit_V: 'choice', resistance_ohm: 'choice' },
  },
  'battery-1v4': {
    kind: 'resistive',
    about: 'a Zn-MnO2 battery where a symmetric cell should be',
    protocol: null,
    values: { open_circuit_V: 1.4, resistance_ohm: 5 },
    sources: { open_circuit_V: 'M', resistance_ohm: 'choice' },
  },
} as const satisfies Readonly<Record<string, LibraryCell>>;
