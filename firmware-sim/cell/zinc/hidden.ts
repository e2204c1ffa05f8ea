// What no instrument can know of a zinc cell, by name with unit: for the truth log and whoever scores by it.
// Must never be read by the board.
import type { CellState } from './cell-state.ts';

const COULOMBS_PER_MAH = 3.6;

/** Charges are per area. `ionicAPerCm2` flows through the electrolyte at that instant. */
export function hiddenOf(state: CellState, ionicAPerCm2: number): Readonly<Record<string, number>> {
  const { working, counter } = state;
  const mAh = (chargeC: number): number => chargeC / COULOMBS_PER_MAH;
  return {
    lifeS: state.lifeS,
    halfCycle: state.halfCycle,
    platedMAhPerCm2: mAh(state.throughputC / 2),
    ionicCurrentMAPerCm2: ionicAPerCm2 * 1000,
    shortConductanceMsPerCm2: state.bridge.conductanceS * 1000,
    shortedMAhPerCm2: mAh(state.shortedC),
    shortedNetMAhPerCm2: mAh(state.shortedNetC),
    workingZincMAhPerCm2: mAh(working.zincC),
    workingDeadMAhPerCm2: mAh(working.deadC),
    workingCorrodedMAhPerCm2: mAh(working.corrodedC),
    workingTailMAhPerCm2: mAh(working.tailC),
    counterZincMAhPerCm2: mAh(counter.zincC),
    counterDeadMAhPerCm2: mAh(counter.deadC),
    counterCorrodedMAhPerCm2: mAh(counter.corrodedC),
    counterTailMAhPerCm2: mAh(counter.tailC),
    workingHydrogenMAhPerCm2: mAh(working.hydrogenC),
    counterHydrogenMAhPerCm2: mAh(counter.hydrogenC),
    hydrogenMAhPerCm2: mAh(working.hydrogenC + counter.hydrogenC),
    workingSideMAhPerCm2: mAh(working.sideC),
    counterSideMAhPerCm2: mAh(counter.sideC),
    sideMAhPerCm2: mAh(working.sideC + counter.sideC),
    filmOhmCm2: state.filmOhmCm2,
  };
}
