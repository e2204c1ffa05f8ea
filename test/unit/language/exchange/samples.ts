// Trees for the tests of the exchange of protocols: the one test that the notes on formats have in every
// language, and random trees for laws.

import fc from 'fast-check';
import {
  bareStep,
  type ExchangeItem,
  type ExchangeStep,
  type ExchangeTree,
} from '../../../../src/language/exchange/exchange-tree.ts';

const HOUR_US = 3_600_000_000;

function half(name: string, currentPa: number): ExchangeStep {
  return {
    ...bareStep({ name, mode: { kind: 'cc', currentPa }, everyUs: 10_000_000 }),
    timeUs: HOUR_US,
    voltageAboveNv: currentPa > 0 ? 500_000_000 : null,
    voltageBelowNv: currentPa > 0 ? null : -500_000_000,
  };
}

/** 1.131 mA for 1 h each way, logged every 10 s, 1000 cycles, stop at ±0.5 V. */
export const WORKED: ExchangeTree = {
  items: [
    { kind: 'group', count: 1000, items: [half('charge', 1_131_000_000), half('discharge', -1_131_000_000)] },
  ],
  safety: { voltageAboveNv: 500_000_000, voltageBelowNv: -500_000_000, currentPa: null },
};

/** What a tree does, whatever its steps are called. */
export function withoutNames({ items, safety }: ExchangeTree): ExchangeTree {
  const unnamed = (item: ExchangeItem): ExchangeItem =>
    item.kind === 'step' ? { ...item, name: '' } : { ...item, items: item.items.map(unnamed) };
  return { items: items.map(unnamed), safety };
}

const timesUs = fc.oneof(
  fc.integer({ min: 1, max: 20_000 }).map((s) => s * 1_000_000),
  fc.integer({ min: 1000, max: 86_400_000_000 }),
);
const currentsPa = fc
  .tuple(fc.boolean(), fc.integer({ min: 1000, max: 100_000_000_000 }))
  .map(([isUp, pa]) => (isUp ? pa : -pa));
const chargesNc = fc.oneof(
  fc.integer({ min: 1, max: 100 }).map((mAh) => mAh * 3_600_000_000),
  fc.integer({ min: 1_000_000, max: 1_000_000_000_000 }),
);
const upNv = fc.integer({ min: 100_000_000, max: 4_000_000_000 });
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null });

/** What nothing ends gets an end in time, what only time does not bound a bound. */
function bounded(step: ExchangeStep): fc.Arbitrary<ExchangeStep> {
  const { mode, timeUs, chargeNc, voltageAboveNv, voltageBelowNv, currentBelowPa } = step;
  const isBounded = timeUs !== null || (mode.kind === 'cc' && chargeNc !== null);
  if (isBounded) return fc.constant(step);
  const isEnded = [chargeNc, voltageAboveNv, voltageBelowNv, currentBelowPa].some((end) => end !== null);
  return timesUs.map((us) => (isEnded ? { ...step, atMostUs: us } : { ...step, timeUs: us }));
}

const rests: fc.Arbitrary<ExchangeStep> = fc
  .record({ timeUs: timesUs, everyUs: timesUs, voltageAboveNv: maybe(upNv) })
  .map(({ everyUs, ...ends }) => ({
    ...bareStep({ name: 'rest', mode: { kind: 'rest' }, everyUs }),
    ...ends,
  }));

const currents: fc.Arbitrary<ExchangeStep> = fc
  .record({
    currentPa: currentsPa,
    everyUs: timesUs,
    timeUs: maybe(timesUs),
    chargeUs: maybe(timesUs),
    voltageAboveNv: maybe(upNv),
    voltageBelowNv: maybe(upNv.map((nv) => -nv)),
  })
  .map(({ currentPa, everyUs, chargeUs, ...ends }) => ({
    ...bareStep({ name: 'cc', mode: { kind: 'cc', currentPa }, everyUs }),
    ...ends,
    // pA us is 1e-9 nC.
    chargeNc: chargeUs === null ? null : Math.ceil((Math.abs(currentPa) * chargeUs) / 1e9),
  }))
  .chain(bounded);

const held: fc.Arbitrary<ExchangeStep> = fc
  .record({
    voltageNv: upNv,
    everyUs: timesUs,
    timeUs: maybe(timesUs),
    chargeNc: maybe(chargesNc),
    currentBelowPa: maybe(currentsPa.map(Math.abs)),
  })
  .map(({ voltageNv, everyUs, ...ends }) => ({
    ...bareStep({ name: 'cv', mode: { kind: 'cv', voltageNv }, everyUs }),
    ...ends,
  }))
  .chain(bounded);

const itemsOf = (steps: fc.Arbitrary<ExchangeStep>): fc.Arbitrary<ExchangeItem> =>
  fc.letrec<{ item: ExchangeItem }>((tie) => ({
    item: fc.oneof(
      { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: steps },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('group' as const),
          count: fc.integer({ min: 2, max: 1000 }),
          items: fc.array(tie('item'), { minLength: 1, maxLength: 4 }),
        }),
      },
    ),
  })).item;

const treesOf = (steps: fc.Arbitrary<ExchangeStep>): fc.Arbitrary<ExchangeTree> =>
  fc.record({
    items: fc.array(itemsOf(steps), { minLength: 1, maxLength: 5 }),
    safety: fc.record({
      voltageAboveNv: fc.integer({ min: 4_500_000_000, max: 10_000_000_000 }),
      voltageBelowNv: fc.integer({ min: -10_000_000_000, max: -4_500_000_000 }),
      currentPa: fc.integer({ min: 150_000_000_000, max: 1_000_000_000_000 }),
    }),
  });

/** Whole protocols, with everything that the common subset has. Their hard limits lie beyond every step. */
export const trees = treesOf(fc.oneof(rests, currents, held));

/** What every language can say of a step, whatever else it cannot. */
function plain({ mode, timeUs, atMostUs, currentBelowPa, ...step }: ExchangeStep): ExchangeStep {
  const isUp = mode.kind === 'cc' && mode.currentPa > 0;
  const isDown = mode.kind === 'cc' && mode.currentPa < 0;
  const bare = bareStep({ name: step.name, mode, everyUs: 10_000_000 });
  return {
    ...bare,
    timeUs: timeUs ?? atMostUs ?? HOUR_US,
    voltageAboveNv: isUp ? step.voltageAboveNv : null,
    voltageBelowNv: isDown ? step.voltageBelowNv : null,
    currentBelowPa,
  };
}

/** Half of them of plain steps only. */
export const someTrees = fc.oneof(trees, treesOf(fc.oneof(rests, currents, held).map(plain)));
