// What is the same of every instrument whose steps the host keeps: a driver spreads it into its own
// declaration and adds what its instrument has.
import type { Capabilities } from '../cycler.ts';
import { HOST_LEASE_MAX_MS } from './host-lease.ts';
import { RING_SAMPLES } from './report-ring.ts';

/** Slots of look-ahead: the host holds the tree itself, so this bounds its size and nothing else. */
const LOOK_AHEAD_SLOTS = 16;

export const HOSTED_CAPABILITIES = {
  recordRules: 'host',
  hasChargeCounter: false,
  hasStepEndLog: false,
  ringSamples: RING_SAMPLES,
  lookAheadSlots: LOOK_AHEAD_SLOTS,
  leaseMaxMs: HOST_LEASE_MAX_MS,
  timeScale: 1,
} as const satisfies Partial<Capabilities>;
