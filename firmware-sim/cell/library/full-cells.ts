// Zinc batteries, good enough to exercise protocols of constant current and voltage and of rates. The curves
// are drawn from the shapes that the field knows, within the usual windows; they are no measurements. Units
// stand in the keys; sources as in zinc-cells.ts. Positive current charges.
import type { LibraryCell } from './cell-file.ts';

const FULL = { kind: 'full', protocol: null } as const;

export const FULL_CELLS = {
  'zn-mno2': {
    ...FULL,
    about: 'Zn||MnO2, 1 mAh/cm2, two steps, window 0.8 … 1.8 V',
    values: {},
    sources: {},
  },
  'zn-voxide': {
    ...FULL,
    about: 'Zn||vanadium oxide, 1.5 mAh/cm2, sloping, window 0.2 … 1.6 V',
    values: {
      capacity_mAh_cm2: 1.5,
      diffusion_s: 120,
      coulombic_efficiency: 0.998,
      open_circuit_share_V: [
        [0, 0.2],
        [0.05, 0.42],
        [0.25, 0.55],
        [0.5, 0.66],
        [0.6, 0.8],
        [0.75, 0.92],
        [0.9, 1.1],
        [0.97, 1.3],
        [1, 1.55],
      ],
    },
    sources: {
      capacity_mAh_cm2: 'choice',
      diffusion_s: 'estimate: wide layers',
      coulombic_efficiency: 'estimate',
      open_circuit_share_V: 'M: window and two sloping steps; illustration',
    },
  },
  'zn-i2': {
    ...FULL,
    about: 'Zn||I2, 2.97 mAh/cm2, one flat step near 1.25 V, shuttle of iodide, window 0.6 … 1.6 V',
    values: {
      capacity_mAh_cm2: 2.97,
      exchange_current_density_mA_cm2: 5,
      diffusion_s: 60,
      coulombic_efficiency: 0.99,
      open_circuit_share_V: [
        [0, 0.6],
        [0.02, 1.12],
        [0.1, 1.2],
        [0.5, 1.24],
        [0.9, 1.28],
        [0.98, 1.35],
        [1, 1.58],
      ],
    },
    sources: {
      capacity_mAh_cm2: 'c081',
      exchange_current_density_mA_cm2: 'estimate: iodine is fast',
      diffusion_s: 'estimate',
      coulombic_efficiency: 'estimate: shuttle',
      open_circuit_share_V: 'M: window and one flat step; illustration',
    },
  },
  'zn-pani': {
    ...FULL,
    about: 'Zn||polyaniline, 0.5 mAh/cm2, a slope without steps, fast, window 0.5 … 1.6 V',
    values: {
      capacity_mAh_cm2: 0.5,
      resistance_ohm_cm2: 5,
      exchange_current_density_mA_cm2: 5,
      diffusion_s: 20,
      coulombic_efficiency: 0.997,
      open_circuit_share_V: [
        [0, 0.5],
        [0.1, 0.75],
        [0.3, 0.95],
        [0.6, 1.15],
        [0.85, 1.32],
        [1, 1.58],
      ],
    },
    sources: {
      capacity_mAh_cm2: 'choice',
      resistance_ohm_cm2: 'estimate',
      exchange_current_density_mA_cm2: 'estimate: a pseudocapacitor',
      diffusion_s: 'estimate',
      coulombic_efficiency: 'estimate',
      open_circuit_share_V: 'M: window and slope; illustration',
    },
  },
} as const satisfies Readonly<Record<string, LibraryCell>>;
