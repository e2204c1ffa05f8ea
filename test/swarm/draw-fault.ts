// One fault drawn: of which kind the caller says; where, when and how bad the dice do. Pure.
import type { Dice } from './dice.ts';
import type { FaultName, FaultStory, InstrumentStory, NoiseShares } from './story.ts';

/** How often each kind is drawn. */
export const FAULT_WEIGHTS: Readonly<Record<FaultName, number>> = {
  cut: 3,
  silence: 2,
  stall: 2,
  noise: 3,
  babble: 1,
  reset: 3,
  store: 2,
  'slow-store': 1,
  wall: 1,
  pause: 3,
  kill: 5,
  'kill-at': 5,
  shutdown: 2,
  stop: 1,
};

export interface FaultPlace {
  readonly what: FaultName;
  readonly untilMs: number;
  readonly instruments: readonly InstrumentStory[];
}

const YEAR_MS = 31_536_000_000;
const RESTART_MS = [0, 50, 500, 2000, 4500, 8000, 20_000];

export function drawFault(dice: Dice, { what, untilMs, instruments }: FaultPlace): FaultStory {
  // Some strike while the run is being started.
  const atMs = dice.chance(0.15) ? dice.below(3000) : dice.below(untilMs);
  const leftMs = untilMs - atMs;
  const { dialect, name: instrument, runs } = dice.pick(instruments);
  const lasting = (lengths: readonly number[]) => ({ atMs, forMs: Math.min(leftMs, dice.pick(lengths)) });
  switch (what) {
    case 'cut':
      return { what, instrument, ...lasting([5, 300, 1500, 4000, 15_000]) };
    case 'silence':
    case 'stall':
      return { what, instrument, ...lasting([100, 600, 1500, 4000, 15_000]) };
    case 'noise':
      return {
        what,
        instrument,
        shares: bearable(drawShares(dice), dialect),
        ...lasting([500, 5000, 30_000]),
      };
    case 'babble':
      return { what, instrument, atMs, bytes: dice.pick([10, 2000, 60_000]) };
    case 'reset':
      return { what, instrument, atMs };
    case 'store':
      return {
        what,
        how: dice.pick(['full', 'failed', 'hang'] as const),
        ...lasting([500, 4000, 12_000, 40_000]),
      };
    case 'slow-store':
      return { what, answerMs: dice.pick([300, 1500, 4000]), ...lasting([5000, 20_000]) };
    case 'wall':
      return { what, atMs, byMs: dice.pick([-YEAR_MS, -3_600_000, -1000, 1000, 3_600_000, YEAR_MS]) };
    case 'pause':
      return {
        what,
        how: dice.pick(['stopped', 'suspended'] as const),
        ...lasting([200, 1200, 3000, 8000, 20_000]),
      };
    case 'kill':
      return { what, ...lasting(RESTART_MS) };
    case 'kill-at':
      return {
        what,
        act: dice.pick(['commit', 'answer', 'write'] as const),
        count: 1 + dice.below(20),
        when: dice.pick(['before', 'after'] as const),
        ...lasting(RESTART_MS),
      };
    case 'shutdown':
      return {
        what,
        policy: dice.pick(['hold', 'finish_step', 'keep', 'stop'] as const),
        ...lasting([9000, 12_000, 25_000]),
      };
    case 'stop':
      return { what, instrument, channel: dice.pick(runs).channel, atMs };
  }
}

/** Without a checksum a turned digit is another current, and nobody can tell: such lines are only torn. */
function bearable(shares: NoiseShares, dialect: InstrumentStory['dialect']): NoiseShares {
  if (dialect === 'gvn1') return shares;
  return { flip: 0, drop: 0, double: 0, insert: 0, split: 0.3, merge: 0.3 };
}

function drawShares(dice: Dice): NoiseShares {
  const none: NoiseShares = { flip: 0, drop: 0, double: 0, insert: 0, split: 0, merge: 0 };
  const ofBytes = [0.0002, 0.001, 0.004];
  switch (dice.pick(['flip', 'drop', 'double', 'insert', 'split', 'merge', 'all'] as const)) {
    case 'flip':
      return { ...none, flip: dice.pick(ofBytes) };
    case 'drop':
      return { ...none, drop: dice.pick(ofBytes) };
    case 'double':
      return { ...none, double: dice.pick(ofBytes) };
    case 'insert':
      return { ...none, insert: dice.pick(ofBytes) };
    case 'split':
      return { ...none, split: dice.pick([0.2, 1]) };
    case 'merge':
      return { ...none, merge: dice.pick([0.2, 0.9]) };
    case 'all':
      return { flip: 0.0003, drop: 0.0003, double: 0.0003, insert: 0.0003, split: 0.3, merge: 0.3 };
  }
}
