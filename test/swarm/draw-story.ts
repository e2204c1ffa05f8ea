// What a seed makes: a bench of one or two instruments, a run on each channel, and one to five faults. Runs
// take about a minute, so that every fault can meet every phase of one. Pure.
import { DIALECT_NAMES, type DialectName } from '../../src/config/dialect-names.ts';
import { Dice } from './dice.ts';
import { drawFault, FAULT_WEIGHTS } from './draw-fault.ts';
import type { FaultStory, InstrumentStory, RunStory, Story, StoryConfig } from './story.ts';

/** The own dialect has the most to go wrong: lease, ring, numbers, look-ahead on the device. */
const DIALECT_WEIGHTS: Readonly<Record<DialectName, number>> = {
  gvn1: 12,
  methodscript: 2,
  keithley2400: 2,
  zahner: 2,
};
/** Half-cycles from 0.7 s to 15 s at 11.3 mA, a run of about a minute. */
const BRISK = { current_density: '10 mA/cm2', wetting: '0 s', conditioning_cycles: 0 } as const;
const SYMMETRIC: readonly RunStory['parameters'][] = [
  { ...BRISK, areal_capacity: '0.01 mAh/cm2', cycles: 6, record_interval: '100 ms' },
  { ...BRISK, areal_capacity: '0.002 mAh/cm2', cycles: 25, record_interval: '50 ms' },
  { ...BRISK, areal_capacity: '0.04 mAh/cm2', cycles: 2, record_interval: '200 ms' },
  { ...BRISK, areal_capacity: '0.01 mAh/cm2', cycles: 5, record_interval: '20 ms', first_half: 'strip' },
  {
    ...BRISK,
    ...{ areal_capacity: '0.008 mAh/cm2', cycles: 4, record_interval: '100 ms', wetting: '5 s' },
    ...{ conditioning_cycles: 1, conditioning_capacity: '0.003 mAh/cm2' },
    conditioning_current_density: '5 mA/cm2',
  },
];
/** At 1.13 mA, and less often recorded: what a line at 9600 baud and a host that keeps the steps can do. */
const HOSTED: readonly RunStory['parameters'][] = [
  {
    ...{ current_density: '1 mA/cm2', areal_capacity: '0.00278 mAh/cm2', wetting: '0 s' },
    ...{ conditioning_cycles: 0, cycles: 3, record_interval: '1 s' },
  },
  {
    ...{ current_density: '2 mA/cm2', areal_capacity: '0.0111 mAh/cm2', wetting: '3 s' },
    ...{ conditioning_cycles: 0, cycles: 2, record_interval: '500 ms' },
  },
];
const EFFICIENCY = {
  ...{ current_density: '5 mA/cm2', areal_capacity: '0.01 mAh/cm2', cycles: 4, wetting: '0 s' },
  ...{ record_interval: '200 ms', low_ce_stops: 'continue' },
} as const;
const CELL_FAULTS = [
  { name: 'cell-short', value: 10 },
  { name: 'cell-open', value: null },
  { name: 'cell-soft-short', value: 50 },
] as const;
/** GVN1 4.1 allows no shorter one. */
const WRAP_S = 60;
const ON_OUTAGE = [
  ...['hold', 'hold', 'stop', 'restart_step'],
  { continue_within: '10 min' },
  { continue_within: '10 min' },
  { continue_within: '10 min' },
  { continue_within: '6 s' },
] as readonly StoryConfig['on_outage'][];

/** Everything of one seed. */
export function drawStory(seed: number): Story {
  const dice = new Dice(seed, 'story');
  const faultsUntilMs = 20_000 + 1000 * dice.below(50);
  const instruments = Array.from({ length: dice.chance(0.15) ? 2 : 1 }, (_, index) =>
    drawInstrument(dice, `cycler-${index + 1}`),
  );
  return {
    seed,
    ageMs: dice.chance(0.3) ? 0 : 1000 * dice.below(58),
    faultsUntilMs,
    config: {
      lease: dice.pick(['2 s', '5 s', '5 s', '10 s']),
      on_outage: dice.pick(ON_OUTAGE),
      on_host_loss: dice.weighted({ off: 8, 'finish-step': 1, 'finish-cycle': 1 }),
    },
    whenHeld: dice.pick(['stop', 'resume'] as const),
    store: {
      answerMs: dice.pick([0, 0, 3, 30, 250]),
      stores: dice.pick(['when-asked', 'when-answered'] as const),
    },
    latencyMs: dice.pick([0, 1, 1, 8]),
    instruments,
    faults: drawFaults(seed, faultsUntilMs, instruments),
    orders: [],
  };
}

function drawFaults(seed: number, untilMs: number, instruments: readonly InstrumentStory[]): FaultStory[] {
  const dice = new Dice(seed, 'faults');
  const count = dice.weighted({ 1: 3, 2: 4, 3: 2, 5: 1 });
  const faults = Array.from({ length: Number(count) }, () =>
    drawFault(dice, { what: dice.weighted(FAULT_WEIGHTS), untilMs, instruments }),
  );
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function drawInstrument(dice: Dice, name: string): InstrumentStory {
  const dialect = DIALECT_NAMES.find((known) => known === dice.weighted(DIALECT_WEIGHTS)) ?? 'gvn1';
  const isOwn = dialect === 'gvn1';
  const channels = isOwn && dice.chance(0.25) ? 2 : 1;
  const isEfficiency = dice.chance(0.15);
  const cellFault = dice.chance(0.08) ? dice.pick(CELL_FAULTS) : null;
  return {
    name,
    dialect,
    clockWrapS: isOwn && dice.chance(0.4) ? WRAP_S : null,
    clockDriftPpm: dice.chance(0.2) ? dice.pick([-5000, -200, 200, 5000]) : 0,
    ringSamples: isOwn && dice.chance(0.3) ? 60 : 65_536,
    cell: isEfficiency ? 'zn-cu' : dice.pick(['bare-zn', 'bare-zn', 'dummy-10-ohm']),
    cellFault: cellFault === null ? null : { ...cellFault, atS: 10 + dice.below(30) },
    runs: Array.from({ length: channels }, (_, index) => ({
      channel: index + 1,
      protocol: isEfficiency ? 'coulombic-efficiency' : 'symmetric-cycling',
      parameters: isEfficiency ? EFFICIENCY : dice.pick(isOwn ? SYMMETRIC : HOSTED),
    })),
  };
}
