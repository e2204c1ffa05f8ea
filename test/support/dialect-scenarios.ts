// One cell and one protocol for every dialect, and the ends that a run may come to: what is compared between
// instruments, in tests and on the page of the emulators.
import { coulombicEfficiency } from '../../protocols/coulombic-efficiency.ts';
import { type DialectRig, dialectRig, type DialectRigOptions } from './dialect-rig.ts';

/** Half-cycles of 6 min at 1.13 mA. */
export const SHORT = {
  current_density: '1 mA/cm2',
  areal_capacity: '0.1 mAh/cm2',
  wetting: '0 s',
  conditioning_cycles: 0,
  cycles: 3,
  record_interval: '1 s',
} as const;
export const CURRENT_PA = 1_130_000_000;
export const CHARGE_NC = 406_800_000;
/** nC of pA us. */
const NC_PER_PA_US = 1e-9;
/** The contact check is in the cell's account and in no half-cycle: 2 s at a tenth of the current. */
export const CONTACT_NC = 0.1 * CURRENT_PA * 2e6 * NC_PER_PA_US;

export interface Scenario {
  readonly name: string;
  readonly options: Partial<DialectRigOptions>;
  readonly verdict: string;
}

/** Areas of 1.13 cm2; faults of the cell at 20 min, in the middle of the second cycle. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a cell that shorts',
    options: { faults: [{ name: 'cell-short', value: 10, atS: 1200 }], parameters: { ...SHORT, cycles: 8 } },
    verdict: 'hard-short',
  },
  {
    name: 'a lead that falls off',
    options: { faults: [{ name: 'cell-open', value: null, atS: 1200 }], parameters: { ...SHORT, cycles: 8 } },
    verdict: 'voltage-limit',
  },
  {
    name: 'open leads from the start, which pre-flight refuses',
    options: { cell: 'open-leads' },
    verdict: 'open-circuit',
  },
  {
    name: 'an efficiency test on copper',
    options: {
      protocol: coulombicEfficiency,
      cell: 'zn-cu',
      parameters: { cycles: 4, current_density: '2 mA/cm2', areal_capacity: '0.2 mAh/cm2' },
    },
    verdict: 'completed',
  },
];

/** Runs to its end in virtual time. Throws where it is refused or does not end. */
export function finishedRun(
  options: Omit<DialectRigOptions, 'parameters'> & Partial<DialectRigOptions>,
): DialectRig {
  const run = dialectRig({ parameters: SHORT, manner: 'simulate', ...options });
  if (run.refusal !== null) throw new Error(run.refusal.message);
  run.runToEnd();
  return run;
}

/** What an end of this instrument may be off by: the current times the grid of its ends. */
export function resolutionNc({ link }: DialectRig): number {
  return CURRENT_PA * link.capabilities.tickUs * NC_PER_PA_US;
}
