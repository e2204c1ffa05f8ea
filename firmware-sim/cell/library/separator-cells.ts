// Separators and gels between two zinc foils. Units stand in the keys; sources as in zinc-cells.ts. The ohmic
// resistance follows from conductivity, thickness, porosity and tortuosity, plus 1.4 ohm cm2 of contacts.
import type { LibraryCell } from './cell-file.ts';

const ZINC = { kind: 'zinc', protocol: 'symmetric-cycling', basedOn: 'bare-zn' } as const;

export const SEPARATOR_CELLS = {
  'glass-fibre-700um': {
    ...ZINC,
    about: 'thick glass fibre, 700 um',
    values: { electrolyte: { separator_um: 700, conductivity_S_m: 5.5 } },
    sources: { 'electrolyte.separator_um': 'M', 'electrolyte.conductivity_S_m': 'M: 2 M ZnSO4' },
  },
  'cellulose-18um': {
    ...ZINC,
    about: 'thin cellulose, 18 um',
    values: {
      electrolyte: { separator_um: 18, porosity: 0.6, tortuosity: 1.5, conductivity_S_m: 5.5 },
    },
    sources: {
      'electrolyte.separator_um': 'c086',
      'electrolyte.porosity': 'estimate',
      'electrolyte.tortuosity': 'estimate',
      'electrolyte.conductivity_S_m': 'M: 2 M ZnSO4',
    },
  },
  'janus-separator': {
    ...ZINC,
    about: 'Janus-type separator: easy desolvation, characteristic life 2100 h at 1 mA/cm2, 1 mAh/cm2',
    values: {
      kinetics: { activation_energy_kJ_mol: 7.66 },
      electrolyte: { cation_transference: 0.6, conductivity_S_m: 5.5 },
      shorts: { scale_Ah_cm2: 1.05 },
    },
    sources: {
      'kinetics.activation_energy_kJ_mol': 'a Janus layer on Zn: c013',
      'electrolyte.cation_transference': 'estimate',
      'electrolyte.conductivity_S_m': 'M: 2 M ZnSO4',
      'shorts.scale_Ah_cm2': 'median of Table 2 of the review, 2100 h, at its commonest condition 1/1',
    },
  },
  'gel-bpvhf': {
    ...ZINC,
    about: 'polymer gradient electrolyte: 0.139 S/m, transference number 0.69',
    values: {
      electrolyte: {
        separator_um: 300,
        porosity: 0.9,
        tortuosity: 1.5,
        conductivity_S_m: 0.139,
        cation_transference: 0.69,
        salt_diffusivity_m2_s: 2e-11,
      },
    },
    sources: {
      'electrolyte.separator_um': 'estimate',
      'electrolyte.porosity': 'estimate',
      'electrolyte.tortuosity': 'estimate',
      'electrolyte.conductivity_S_m': '1.39 mS/cm: c100',
      'electrolyte.cation_transference': 'c101',
      'electrolyte.salt_diffusivity_m2_s': 'estimate: as the conductivity against 2 M ZnSO4',
    },
  },
  'gel-pazpm': {
    ...ZINC,
    about: 'hydrophilic side of a Janus hydrogel: 1.70 S/m',
    values: {
      electrolyte: {
        separator_um: 300,
        porosity: 0.9,
        tortuosity: 1.5,
        conductivity_S_m: 1.7,
        salt_diffusivity_m2_s: 1.5e-10,
      },
    },
    sources: {
      'electrolyte.separator_um': 'estimate',
      'electrolyte.porosity': 'estimate',
      'electrolyte.tortuosity': 'estimate',
      'electrolyte.conductivity_S_m': '17.0 mS/cm: c104',
      'electrolyte.salt_diffusivity_m2_s': 'estimate: as the conductivity against 2 M ZnSO4',
    },
  },
  'gel-hydrophilic': {
    ...ZINC,
    basedOn: 'gel-pazpm',
    about: 'symmetric hydrophilic gel: 2.06 S/m',
    values: { electrolyte: { conductivity_S_m: 2.06 } },
    sources: { 'electrolyte.conductivity_S_m': '20.6 mS/cm: c105' },
  },
  'gel-pam': {
    ...ZINC,
    basedOn: 'gel-pazpm',
    about: 'polyacrylamide hydrogel: 8.48 S/m',
    values: { electrolyte: { conductivity_S_m: 8.479, salt_diffusivity_m2_s: 4e-10 } },
    sources: {
      'electrolyte.conductivity_S_m': '84.79 mS/cm: c089',
      'electrolyte.salt_diffusivity_m2_s': 'estimate: water in a wide network',
    },
  },
} as const satisfies Readonly<Record<string, LibraryCell>>;
