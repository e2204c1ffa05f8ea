// Goal: whatever goes wrong, in whatever order, a run on any dialect ends in a named state with its cell open
// and its record whole, and nothing that an instrument says fails an assertion. Method: seeds draw faults of
// the menu and orders of an operator, at random times; a failure prints both. In virtual time.

import { describe, expect, it } from 'vitest';
import { FAULT_MENU, type FaultEntry } from '../../../firmware-sim/faults/fault-menu.ts';
import type { Fault } from '../../../firmware-sim/faults/fault.ts';
import { messageOf } from '../../../src/base/errors.ts';
import { randomKey } from '../../../src/base/prng.ts';
import { DIALECT_NAMES, type DialectName } from '../../../src/config/dialect-names.ts';
import { type DialectRig, dialectRig } from '../../support/dialect-rig.ts';
import { expectContiguous, isCellOpen } from '../../support/run-checks.ts';

/** Half-cycles of 10 s at 1.13 mA; the whole run takes about 50 s. */
const SHORT = {
  current_density: '1 mA/cm2',
  areal_capacity: '0.00278 mAh/cm2',
  wetting: '0 s',
  conditioning_cycles: 0,
  cycles: 2,
  record_interval: '1 s',
} as const;
const RUN_MS = 60_000;
const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);

/** What each fault is drawn from, by its own unit; the rest of the menu is drawn without a value. */
const VALUES: Readonly<Record<string, readonly number[]>> = {
  silent: [1, 3, 20],
  'tx-blocked': [1, 3, 20],
  'byte-flips': [0.0001, 0.001, 0.003],
  'drop-lines': [0.005, 0.02, 0.05],
  'double-lines': [0.005, 0.02, 0.05],
  'slow-replies': [50, 200, 1000],
  'xoff-storm': [1, 3, 10],
  compliance: [0.001, 0.05],
  'late-z': [200, 1500, 4000],
  'abor-order': [0, 1],
  'drop-live': [0.1, 0.5],
};
const ORDERS = ['cut', 'stop', 'leave', 'restart', 'emergency-stop'] as const;

interface Order {
  readonly what: (typeof ORDERS)[number];
  readonly atMs: number;
  /** Of a cable: until it is plugged in again. */
  readonly forMs: number;
}

interface Story {
  readonly faults: readonly Fault[];
  readonly orders: readonly Order[];
  readonly onOutage: 'hold' | 'stop';
}

/** Drawn from the seed alone, dialect by dialect. */
function storyOf(dialect: DialectName, seed: number): Story {
  let draws = 0;
  const below = (limit: number): number => {
    draws += 1;
    return randomKey(seed, `story ${dialect}`, draws) % limit;
  };
  const pick = <T>(from: readonly T[], fallback: T): T => from[below(from.length)] ?? fallback;
  const menu = FAULT_MENU.filter(({ dialects, when }) => dialects.includes(dialect) && when !== 'never');
  const faultFrom = ({ name }: FaultEntry): Fault => {
    const values = VALUES[name];
    return { name, value: values === undefined ? null : pick(values, 0), atS: 1 + below(RUN_MS) / 1000 };
  };
  const found = menu.length === 0 ? [] : [...new Set([menu[below(menu.length)], menu[below(menu.length)]])];
  const faults = found.flatMap((entry) => (entry === undefined ? [] : [faultFrom(entry)]));
  const orders = Array.from({ length: below(3) }, () => ({
    what: pick(ORDERS, 'stop'),
    atMs: below(RUN_MS),
    forMs: pick([20, 300, 4000, 30_000], 20),
  }));
  return { faults, orders, onOutage: pick(['hold', 'stop'] as const, 'hold') };
}

function carryOut(run: DialectRig, { what, forMs }: Order): void {
  switch (what) {
    case 'cut':
      run.cut();
      run.clock.after(forMs, () => run.plugIn());
      return;
    case 'stop':
      return run.channel.stop('by the operator');
    case 'leave':
      return run.channel.leave('hold', () => undefined);
    case 'restart':
      return run.device.restart();
    case 'emergency-stop':
      run.cycler.emergencyStop();
      return;
  }
}

/** Runs to its end or to a hold, which is then stopped; throws where neither comes. */
function told(dialect: DialectName, seed: number, { faults, orders, onOutage }: Story): DialectRig {
  const run = dialectRig({ dialect, seed, faults, onOutage, parameters: SHORT });
  const daemon = { hasLeft: false };
  for (const order of orders) {
    // A daemon that has left gives no more orders to its run.
    run.clock.after(order.atMs, () => {
      if (!daemon.hasLeft || order.what === 'cut' || order.what === 'restart') carryOut(run, order);
      daemon.hasLeft ||= order.what === 'leave';
    });
  }
  const isCalm = (): boolean =>
    run.told.closed !== null || run.told.states.at(-1)?.state === 'holding' || daemon.hasLeft;
  run.runUntil('an end or a hold', isCalm, 600_000);
  run.clock.advance(RUN_MS);
  if (run.told.closed !== null || daemon.hasLeft) return run;
  run.channel.stop('it was held');
  run.runUntil('the end of what was held', () => run.told.closed !== null, 60_000);
  run.clock.advance(RUN_MS);
  return run;
}

/** What fails says what was drawn. */
function telling(story: Story, act: () => void): void {
  try {
    act();
  } catch (thrown) {
    throw new Error(`${JSON.stringify(story)}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

describe.each(DIALECT_NAMES)('a story of faults and orders on %s', (dialect) => {
  it.each(SEEDS)('of seed %i ends in a named state, cell open, record whole', (seed) => {
    const story = storyOf(dialect, seed);
    telling(story, () => {
      const run = told(dialect, seed, story);
      expect(isCellOpen(run.cellLog)).toBe(true);
      const { state, reason } = run.told.states.at(-1) ?? { state: '', reason: '' };
      const ends = ['done', 'stopped', 'failed'];
      expect(run.told.closed === null ? ['holding', ...ends] : ends).toContain(state);
      expect(reason).not.toMatch(/internal error|^$|\n/);
      expectContiguous(run.reader());
    });
  });
});
