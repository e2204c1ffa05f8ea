// The electronic bridge of a short: its conductance as a function of time, in closed form. It grows towards a
// target, or dissolves while the current runs against the direction it grew in. Must never draw anything.

export interface BridgeState {
  /** S/cm2 at this instant; 0: there is none. */
  readonly conductanceS: number;
  readonly targetS: number;
  readonly onsetS: number;
  /** Polarity in which it grew: -1 or 1. */
  readonly grewBy: number;
  readonly kind: 'none' | 'soft' | 'scripted' | 'hard';
  /** Which soft short of this cell it is, from 1; 0 where that does not matter. */
  readonly number: number;
}

export const NO_BRIDGE: BridgeState = {
  conductanceS: 0,
  targetS: 0,
  onsetS: 1,
  grewBy: 1,
  kind: 'none',
  number: 0,
};

/** What the bridge does under an ionic current of this density: dG/dt by dissolution, in S per second. */
export function dissolutionPerS(bridge: BridgeState, density: number, dissolutionSPerC: number): number {
  const isReversed = bridge.kind === 'soft' && density * bridge.grewBy < 0;
  return isReversed ? dissolutionSPerC * Math.abs(density) : 0;
}

/** Conductance `elapsedS` later; monotone in time. */
export function conductanceS(bridge: BridgeState, elapsedS: number, lossPerS: number): number {
  if (bridge.kind === 'none') return 0;
  if (lossPerS > 0) return Math.max(0, bridge.conductanceS - lossPerS * elapsedS);
  const missingS = bridge.targetS - bridge.conductanceS;
  return bridge.targetS - missingS * Math.exp(-elapsedS / bridge.onsetS);
}
