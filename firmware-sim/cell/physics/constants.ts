// Constants of nature and of zinc, and the conversions between charge, mass and thickness that follow from
// them. CODATA 2018 values. Must never hold a parameter of a cell.

export const GAS_CONSTANT_J_PER_MOL_K = 8.314462618;
export const FARADAY_C_PER_MOL = 96_485.33212;
export const ZINC_MOLAR_MASS_G_PER_MOL = 65.38;
export const ZINC_DENSITY_G_PER_CM3 = 7.14;

/** Zn2+ + 2 e- -> Zn. */
const ZINC_ELECTRONS = 2;
const COULOMBS_PER_MAH = 3.6;
const UM_PER_CM = 1e4;

/** b = 2RT/F in V: the scale of a symmetric electrode, whose Tafel slope is b ln 10. */
export function thermalSlopeV(temperatureK: number): number {
  return (2 * GAS_CONSTANT_J_PER_MOL_K * temperatureK) / FARADAY_C_PER_MOL;
}

/** Charge in a gram of zinc by Faraday's law, mAh/g. */
export function specificCapacityMAhPerG(): number {
  return (ZINC_ELECTRONS * FARADAY_C_PER_MOL) / (COULOMBS_PER_MAH * ZINC_MOLAR_MASS_G_PER_MOL);
}

/** Charge in a cubic centimetre of dense zinc, mAh/cm3. */
export function volumetricCapacityMAhPerCm3(): number {
  return specificCapacityMAhPerG() * ZINC_DENSITY_G_PER_CM3;
}

/** Thickness in um of a dense deposit that holds `chargeMAhPerCm2`. */
export function thicknessUmFromMAhPerCm2(chargeMAhPerCm2: number): number {
  return (chargeMAhPerCm2 / volumetricCapacityMAhPerCm3()) * UM_PER_CM;
}
