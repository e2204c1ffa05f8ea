// The most charge that a cell can fail to give back: the bound of net counters that have no other.

/** 3.4 mm of zinc, 2000 mAh/cm2: more than a counter electrode holds, and still a bound. */
const LOSS_MAX_NC_PER_CM2 = 7.2e12;

/** On this area, in nC. */
export function mostLostNc(areaUcm2: number): number {
  return (LOSS_MAX_NC_PER_CM2 * areaUcm2) / 1e6;
}
