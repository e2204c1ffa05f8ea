// Goal: a process that ends without order leaves no cell to nobody. Method: cyclers that only note whether
// they were told to open, with each kind of dead-man.

import { describe, expect, it } from 'vitest';
import { cutCells } from '../../../src/daemon/cut-cells.ts';
import type { Capabilities, Cycler, LinkReport } from '../../../src/device/cycler.ts';

type DeadMan = Capabilities['deadMan'];

function cyclers(deadMen: readonly (DeadMan | 'lost' | 'broken')[]) {
  const cut: string[] = [];
  const all = deadMen.map((deadMan) => {
    const emergencyStop = (): boolean => {
      cut.push(deadMan);
      if (deadMan === 'broken') throw new Error('planted');
      return deadMan !== 'lost';
    };
    const up = { type: 'up', identity: {}, capabilities: { deadMan } } as unknown as LinkReport;
    const link = deadMan === 'lost' ? null : up;
    return { cycler: { emergencyStop } as unknown as Cycler, link };
  });
  return { all, cut };
}

describe('cutting the cells', () => {
  it('opens all of them', () => {
    const { all, cut } = cyclers(['device', 'step-bound', 'nobody']);
    expect(cutCells(all, { leavesLeased: false })).toBe(true);
    expect(cut).toEqual(['device', 'step-bound', 'nobody']);
  });

  it('leaves those that open by a lease of their own, where it is asked to, and no others', () => {
    const { all, cut } = cyclers(['device', 'step-bound', 'nobody']);
    expect(cutCells(all, { leavesLeased: true })).toBe(true);
    expect(cut).toEqual(['step-bound', 'nobody']);
  });

  it('goes on to the next one where a driver throws', () => {
    const { all, cut } = cyclers(['broken', 'nobody']);
    expect(cutCells(all, { leavesLeased: true })).toBe(true);
    expect(cut).toEqual(['broken', 'nobody']);
  });

  it('says that nothing was sent where there is no link', () => {
    expect(cutCells(cyclers(['lost']).all, { leavesLeased: false })).toBe(false);
    expect(cutCells([], { leavesLeased: false })).toBe(false);
  });
});
