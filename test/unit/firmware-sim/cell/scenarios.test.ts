// Goal: a scenario's cell ends when and how it was told to, and has the efficiency it was given, before any
// instrument looks at it. Method: drive the cell model alone with an ideal source through whole half-cycles
// and look at voltage, efficiency and hidden events.
import { describe, expect, it } from 'vitest';
import { efficiencyScenario } from '../../../../firmware-sim/cell/scenarios/efficiency-scenario.ts';
import { type CyclingLoad, settledV } from '../../../../firmware-sim/cell/scenarios/sound-cell.ts';
import {
  type ScriptedEnd,
  symmetricScenario,
} from '../../../../firmware-sim/cell/scenarios/symmetric-scenario.ts';
import { ZincCell } from '../../../../firmware-sim/cell/zinc-cell.ts';
import type { ZincCellParameters } from '../../../../firmware-sim/cell/zinc-parameters.ts';

const load: CyclingLoad = { areaCm2: 1.13, currentAPerCm2: 1e-3, chargeCPerCm2: 3.6 };
const halfCycleS = 3600;
const currentA = 1.13e-3;

function cellOf(parameters: ZincCellParameters, seed = 1): ZincCell {
  return new ZincCell({ parameters, seed, cell: 0 });
}

/** |V| in the middle and at the end of so many half-cycles, plating first. */
function cycle(cell: ZincCell, count: number): { readonly middleV: number; readonly endV: number }[] {
  let elapsedS = 0;
  return Array.from({ length: count }, (_, index) => {
    const sign = index % 2 === 0 ? -1 : 1;
    cell.switchTo(elapsedS, { kind: 'current', currentA: sign * currentA });
    elapsedS = halfCycleS;
    return { middleV: sign * cell.voltageV(halfCycleS / 2), endV: sign * cell.voltageV(halfCycleS) };
  });
}

function endedBy(end: ScriptedEnd, count: number) {
  const cell = cellOf(symmetricScenario(load, end));
  const halfCycles = cycle(cell, count);
  return { halfCycles, events: cell.events(halfCycleS) };
}

describe('a symmetric scenario', () => {
  it('without an end looks the same after any time', () => {
    const { halfCycles, events } = endedBy({ kind: 'none', hours: 60 }, 60);
    const [, , third] = halfCycles;
    for (const { middleV } of halfCycles.slice(2)) expect(middleV).toBeCloseTo(third?.middleV ?? 0, 5);
    expect(events).toEqual([]);
  });

  it('settles where the steady voltage of the model is, as long as no film has grown', () => {
    const end = { kind: 'polarisation', hours: 1e5, voltageLimitV: 1 } as const;
    const parameters = symmetricScenario(load, end);
    const last = cycle(cellOf(parameters), 4).at(-1);
    expect(last?.endV).toBeCloseTo(settledV(parameters, load.currentAPerCm2), 5);
  });

  it('shorts at its hours: the next half-cycle is flat near zero', () => {
    const { halfCycles, events } = endedBy({ kind: 'hard-short', hours: 40 }, 42);
    expect(events.map(({ kind }) => kind)).toEqual(['hard-short']);
    expect(events[0]?.lifeS).toBeCloseTo(40 * 3600, 3);
    expect(halfCycles[39]?.middleV).toBeGreaterThan(0.03);
    for (const { middleV } of halfCycles.slice(40)) expect(middleV).toBeLessThan(0.001);
  });

  it('polarises: its voltage comes to the limit within a half-cycle of its hours', () => {
    const end = { kind: 'polarisation', hours: 200, voltageLimitV: 1 } as const;
    const { halfCycles } = endedBy(end, 204);
    const first = halfCycles.findIndex(({ endV }) => endV >= 1);
    expect(Math.abs(first - 200)).toBeLessThanOrEqual(1);
    // A late wear-out: at half of its life nothing shows yet.
    expect(halfCycles[100]?.endV).toBeLessThan(0.07);
  });

  it('breaks its circuit: nothing that a cycler can measure flows any more', () => {
    const { halfCycles, events } = endedBy({ kind: 'open-circuit', hours: 20 }, 21);
    expect(events.map(({ kind }) => kind)).toEqual(['open-circuit']);
    expect(halfCycles[19]?.middleV).toBeLessThan(0.1);
    expect(halfCycles[20]?.middleV).toBeGreaterThan(1000);
  });

  it('fluctuates: bridges come and go, each deep enough for the floor for some half-cycles', () => {
    const { halfCycles, events } = endedBy({ kind: 'fluctuating-shorts', hours: 30 }, 45);
    const kinds = events.map(({ kind }) => kind);
    const once = ['soft-short-began', 'soft-short-ended'];
    expect(kinds.slice(0, 4)).toEqual([...once, ...once]);
    const healthyV = halfCycles[29]?.middleV ?? 0;
    const isLow = halfCycles.slice(30).map(({ middleV }) => middleV < 0.15 * healthyV);
    expect(isLow.slice(0, 8)).toEqual([true, true, true, false, false, true, true, true]);
  });

  it('drawn from the Weibull law is shorted by its hours in half of all cells', () => {
    const parameters = symmetricScenario(load, { kind: 'weibull-short', hours: 20 });
    const shorted = Array.from({ length: 60 }, (_, seed) => {
      const cell = cellOf(parameters, seed);
      cycle(cell, 20);
      return cell.events(halfCycleS).some(({ kind }) => kind === 'hard-short');
    });
    const count = shorted.filter((isShorted) => isShorted).length;
    // 60 draws of 1/2: 18 to 42 with 99.8 %.
    expect(count).toBeGreaterThanOrEqual(18);
    expect(count).toBeLessThanOrEqual(42);
  });
});

describe('an efficiency scenario', () => {
  it.each([0.95, 0.996, 0.9995, 1])('reads %s on an ideal meter, as a mean over its cycles', (efficiency) => {
    const cycles = 100;
    const target = { efficiency, cycles, stripCutoffV: 0.5 };
    const ratios = stripRatios(cellOf(efficiencyScenario(load, target)), target);
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / cycles;
    // The first cycle begins on a substrate that no strip has left: 1e-4 of it.
    expect(Math.abs(mean - efficiency)).toBeLessThan(2e-6);
    const spread = Math.max(...ratios.slice(1)) - Math.min(...ratios.slice(1));
    if (efficiency < 1) expect(spread).toBeGreaterThan(0.5 * (1 - efficiency));
    else expect(spread).toBeLessThan(1e-6);
  });

  it('never runs out of zinc at the counter electrode', () => {
    const target = { efficiency: 0.9, cycles: 50, stripCutoffV: 0.5 };
    const cell = cellOf(efficiencyScenario(load, target));
    stripRatios(cell, target);
    const exhausted = cell.events(0).filter(({ detail }) => detail['electrode'] === 2);
    expect(exhausted).toEqual([]);
  });

  it('refuses a current whose polarisation leaves nothing of the cut-off', () => {
    const target = { efficiency: 0.99, cycles: 10, stripCutoffV: 0.1 };
    expect(() => efficiencyScenario({ ...load, currentAPerCm2: 0.02 }, target)).toThrow(/cut-off of 0.1 V/);
  });
});

/** Time of each strip to the cut-off over that of the plating: the current is the same. */
function stripRatios(
  cell: ZincCell,
  { cycles, stripCutoffV }: { readonly cycles: number; readonly stripCutoffV: number },
): number[] {
  let elapsedS = 0;
  return Array.from({ length: cycles }, () => {
    cell.switchTo(elapsedS, { kind: 'current', currentA: -currentA });
    cell.switchTo(halfCycleS, { kind: 'current', currentA });
    let lowS = 0.5 * halfCycleS;
    let highS = 1.01 * halfCycleS;
    while (highS - lowS > 1e-6) {
      const middleS = (lowS + highS) / 2;
      if (cell.voltageV(middleS) < stripCutoffV) lowS = middleS;
      else highS = middleS;
    }
    elapsedS = highS;
    return highS / halfCycleS;
  });
}
