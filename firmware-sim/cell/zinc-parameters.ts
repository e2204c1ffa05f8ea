// What a zinc cell is made of: every number of the model, in internal units (A, C, F, ohm per cm2 of
// geometric area; m, mol, K, V, s). Defaults: two zinc foils, 2 M ZnSO4, glass fibre, 12 mm disc, and nothing
// that ever goes wrong. Sources stand in README.md beside this file; data of named cells in library/.

export interface KineticsParameters {
  /** Of one electrode, per geometric area, at 298.15 K and the bulk concentration. */
  readonly exchangeCurrentAPerCm2: number;
  readonly activationEnergyJPerMol: number;
  /** j0 ~ (c/c0)^gamma. */
  readonly concentrationExponent: number;
  readonly doubleLayerFPerCm2: number;
}

export interface ElectrolyteParameters {
  readonly concentrationMolPerM3: number;
  /** Of the salt, at 298.15 K. */
  readonly diffusivityM2PerS: number;
  readonly cationTransference: number;
  readonly chargeNumber: number;
  /** chi: 1 for ZnSO4, 1.5 for ZnX2. */
  readonly thermodynamicFactor: number;
  readonly separatorM: number;
  readonly porosity: number;
  readonly tortuosity: number;
  /** Ohmic part of the whole cell at 298.15 K: electrolyte, separator, contacts. */
  readonly resistanceOhmCm2: number;
  /** Of diffusivity and conductivity. */
  readonly activationEnergyJPerMol: number;
}

/** R_f(n, Q) of one electrode: conditioning, parabolic growth, late wear-out. */
export interface FilmParameters {
  readonly initialOhmCm2: number;
  readonly conditionedOhmCm2: number;
  readonly conditioningCycles: number;
  /** k_p of k_p sqrt(Q), Q the charge plated so far in Ah/cm2. */
  readonly growthOhmCm2: number;
  /** R_w of R_w (Q/Q_w)^m: what the film has reached when `wearCPerCm2` is plated; 0: never wears out. */
  readonly wearOhmCm2: number;
  readonly wearCPerCm2: number;
  readonly wearExponent: number;
}

export interface ElectrodeParameters {
  /** Zinc that can be stripped, at the start. */
  readonly zincCPerCm2: number;
  /** What charges once the zinc is gone: the bare substrate and what alloys with it. */
  readonly tailFPerCm2: number;
  /** Potential of the bare substrate against zinc, at the start. */
  readonly bareV: number;
  /** Nucleation overpotential on the bare substrate at the reference current density. */
  readonly nucleationV: number;
}

export interface DepositParameters {
  /** Nucleation overpotential on aged zinc after a reversal. */
  readonly agedNucleationV: number;
  readonly nucleationPerDecade: number;
  readonly nucleationReferenceAPerCm2: number;
  /** q_n of exp(-q/q_n). */
  readonly nucleationCPerCm2: number;
  /** Share of a foreign substrate that is active at first, and the charge q_theta that covers it. */
  readonly initialCoverage: number;
  readonly coverageCPerCm2: number;
  /** rho: how much more active fresh zinc is than the bulk. */
  readonly freshActivity: number;
  /** Width of the change from fresh to bulk, as a share of what was plated. */
  readonly freshWidth: number;
  /** The last islands of zinc on a substrate: below this charge the active area falls as (q/q_i)^(2/3). */
  readonly islandCPerCm2: number;
}

export interface LossParameters {
  /** phi_0: mean share of each plating that becomes dead zinc, and sigma of its logarithm. */
  readonly deadFraction: number;
  readonly deadSpread: number;
  /** The draws of the first so many platings of an electrode have exactly the mean; 0: no such bond. */
  readonly deadExactOver: number;
  readonly hydrogenExchangeAPerCm2: number;
  readonly hydrogenSlopeVPerDecade: number;
  readonly pH: number;
  /** Zinc lost at rest, and share of the rest's zinc that loses contact in a day. */
  readonly corrosionAPerCm2: number;
  readonly restDeadPerDay: number;
  /** k_g: R_ohm x (1 + k_g x hydrogen charge), and the hydrogen charge at which the cell is dry. */
  readonly gasPerCPerCm2: number;
  readonly dryOutCPerCm2: number;
  /** Potential of an electrode without zinc at which water and metal give way. */
  readonly sideReactionV: number;
}

/** Electronic bridges of dendrites; null in a cell that never shorts. */
export interface ShortParameters {
  /** Weibull scale Q_ref, in plated charge of one electrode, at the reference conditions, and shape beta. */
  readonly scaleCPerCm2: number;
  readonly shape: number;
  readonly referenceAPerCm2: number;
  readonly referenceCPerCm2: number;
  /** Q_c = Q_ref (j/j_ref)^-p (q/q_ref)^-r. */
  readonly currentExponent: number;
  readonly chargeExponent: number;
  /** Soft shorts begin at a drawn share of the way to the hard one, between these. */
  readonly softFrom: readonly [number, number];
  /** Mean number of soft shorts before the hard one. */
  readonly softEvents: number;
  readonly softConductanceSPerCm2: number;
  readonly softSpread: number;
  /** Rise times of a bridge, drawn between these. */
  readonly softOnsetS: readonly [number, number];
  readonly fusePerHalfCycle: number;
  readonly fuseWPerCm2: number;
  /** kappa of dG/dt = -kappa j on reversal, S per C. */
  readonly dissolutionSPerC: number;
  /** Drawn between these, log-uniform. */
  readonly hardConductanceSPerCm2: readonly [number, number];
}

/** Something that is made to happen when so much charge has been plated on one electrode (throughput / 2). */
export type ScriptedEvent = { readonly atPlatedCPerCm2: number } & (
  | { readonly kind: 'hard-short'; readonly conductanceSPerCm2: number; readonly onsetS: number }
  | {
      readonly kind: 'soft-short';
      readonly conductanceSPerCm2: number;
      readonly onsetS: number;
      /** It ends when so much more is plated; Infinity: never. */
      readonly lastsPlatedCPerCm2: number;
    }
  | {
      readonly kind: 'gas';
      /** Share of the area that a bubble covers: current density and resistance rise by 1/(1 - share). */
      readonly coveredShare: number;
      readonly lastsPlatedCPerCm2: number;
    }
  | { readonly kind: 'contact'; readonly changeOhmCm2: number }
  | { readonly kind: 'open-circuit' }
  | { readonly kind: 'dry-out'; readonly factor: number }
);

export interface ZincCellParameters {
  readonly areaCm2: number;
  readonly temperatureK: number;
  readonly kinetics: KineticsParameters;
  readonly electrolyte: ElectrolyteParameters;
  readonly film: FilmParameters;
  readonly working: ElectrodeParameters;
  readonly counter: ElectrodeParameters;
  readonly deposit: DepositParameters;
  readonly losses: LossParameters;
  readonly shorts: ShortParameters | null;
  readonly script: readonly ScriptedEvent[];
}

const C_PER_MAH = 3.6;
/** 100 um of zinc: 58.55 mAh/cm2. */
const FOIL: ElectrodeParameters = {
  zincCPerCm2: 58.55 * C_PER_MAH,
  tailFPerCm2: 10e-3,
  bareV: 0.8,
  nucleationV: 0.04,
};

export const ZINC_DEFAULTS: ZincCellParameters = {
  areaCm2: 1.13,
  temperatureK: 298.15,
  kinetics: {
    exchangeCurrentAPerCm2: 1e-3,
    activationEnergyJPerMol: 38_300,
    concentrationExponent: 0.5,
    doubleLayerFPerCm2: 40e-6,
  },
  electrolyte: {
    concentrationMolPerM3: 2000,
    diffusivityM2PerS: 4.5e-10,
    cationTransference: 0.35,
    chargeNumber: 2,
    thermodynamicFactor: 1,
    separatorM: 250e-6,
    porosity: 0.9,
    tortuosity: 1.2,
    resistanceOhmCm2: 2,
    activationEnergyJPerMol: 18_000,
  },
  film: {
    initialOhmCm2: 10,
    conditionedOhmCm2: 2.5,
    conditioningCycles: 10,
    growthOhmCm2: 0,
    wearOhmCm2: 0,
    wearCPerCm2: 3600,
    wearExponent: 6,
  },
  working: FOIL,
  counter: FOIL,
  deposit: {
    agedNucleationV: 0.015,
    nucleationPerDecade: 0.3,
    nucleationReferenceAPerCm2: 1e-3,
    nucleationCPerCm2: 0.01 * C_PER_MAH,
    initialCoverage: 0.1,
    coverageCPerCm2: 0.03 * C_PER_MAH,
    freshActivity: 2,
    freshWidth: 0.05,
    islandCPerCm2: 0.02 * C_PER_MAH,
  },
  losses: {
    deadFraction: 0.003,
    deadSpread: 0.3,
    deadExactOver: 0,
    hydrogenExchangeAPerCm2: 1e-10,
    hydrogenSlopeVPerDecade: 0.12,
    pH: 4.2,
    corrosionAPerCm2: 5e-6,
    restDeadPerDay: 0.1,
    gasPerCPerCm2: 0.002,
    dryOutCPerCm2: Number.POSITIVE_INFINITY,
    sideReactionV: 1.8,
  },
  shorts: null,
  script: [],
};

/** The law of bare zinc: 340 h at 1 mA/cm2, 1 mAh/cm2 is 0.17 Ah/cm2 plated. */
export const BARE_ZINC_SHORTS: ShortParameters = {
  scaleCPerCm2: 0.17 * 3600,
  shape: 4,
  referenceAPerCm2: 1e-3,
  referenceCPerCm2: C_PER_MAH,
  currentExponent: 1,
  chargeExponent: 0.5,
  softFrom: [0.5, 0.9],
  softEvents: 6,
  softConductanceSPerCm2: 5e-3,
  softSpread: 1,
  softOnsetS: [0.3, 3],
  fusePerHalfCycle: 0.5,
  fuseWPerCm2: 1e-3,
  dissolutionSPerC: 1e-3,
  hardConductanceSPerCm2: [0.5, 5],
};
