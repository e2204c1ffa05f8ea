// Goal: what is measured between cycles passes no net charge, has room in range, limits and plan, and is
// offered where it makes sense. Method: each kind worked out for symmetric cycling and for texts; how the
// runner runs them is tested in test/unit/steps/diagnostics.test.ts.
import { describe, expect, it } from 'vitest';
import { PROTOCOLS } from '../../../protocols/index.ts';
import {
  DIAGNOSTICS,
  diagnosticsTimes,
  diagnosticsValues,
  withDiagnostics,
} from '../../../src/language/diagnostics.ts';
import { treeFromProgram } from '../../../src/language/tree-from-program.ts';
import type { PreparedProtocol } from '../../../src/steps/protocol.ts';
import type { Step } from '../../../src/steps/step.ts';
import { prepared } from '../../support/prepared.ts';
import { namedProtocol } from '../../support/short-runs.ts';

const KINDS = ['rest', 'interrupt', 'probe'] as const;
const GIVEN = { currentPa: 1_130_000_000, voltageNv: 500_000_000 };

function diagnosed(diagnostics: (typeof KINDS)[number], every = 1, cycles = 10): PreparedProtocol {
  return withDiagnostics(prepared({ cycles }), { diagnostics, diagnostics_every: every }, GIVEN);
}

function stepsOf({ diagnostics }: PreparedProtocol): Step[] {
  const tree = diagnostics === null ? null : treeFromProgram(diagnostics.program, 0);
  return (tree?.items ?? []).flatMap((item) => (item.kind === 'step' ? [item.step] : []));
}

function chargeOf({ durationMaxUs, mode }: Step): number {
  return mode.kind === 'cc' ? mode.currentPa * durationMaxUs : 0;
}

describe('diagnostics between cycles', () => {
  it.each(KINDS)('%s: bounded steps of the phase diagnostic, that are part of no cycle', (kind) => {
    const steps = stepsOf(diagnosed(kind));
    expect(steps.length).toBeGreaterThan(0);
    for (const { completesCycle, half, limits, mode, phase } of steps) {
      expect({ completesCycle, half, phase }).toEqual({
        completesCycle: false,
        half: null,
        phase: 'diagnostic',
      });
      if (mode.kind !== 'cc') continue;
      expect([limits.voltageMinNv, limits.voltageMaxNv]).toEqual([-GIVEN.voltageNv, GIVEN.voltageNv]);
    }
  });

  it.each(KINDS)('%s: what is plated is stripped again, and nothing is stripped first', (kind) => {
    let netSoFar = 0;
    for (const step of stepsOf(diagnosed(kind))) {
      netSoFar += chargeOf(step);
      expect(netSoFar).toBeLessThanOrEqual(0);
    }
    expect(netSoFar).toBe(0);
  });

  it('probe at 0.2, 1 and 3 times the current, and the range is chosen for the largest', () => {
    const probed = diagnosed('probe');
    const currents = stepsOf(probed).flatMap(({ mode }) => (mode.kind === 'cc' ? [mode.currentPa] : []));
    const times = currents.map((currentPa) => currentPa / GIVEN.currentPa);
    expect(times).toEqual([-0.2, 0.2, -1, 1, -3, 3]);
    expect(probed.currentMaxPa).toBe(3 * GIVEN.currentPa);
    expect(probed.cellLimits.currentMaxPa).toBeGreaterThan(probed.currentMaxPa);
  });

  it.each(KINDS)('%s: the hard limit of the net charge has room for it', (kind) => {
    const most = Math.max(0, ...stepsOf(diagnosed(kind)).map((step) => Math.abs(chargeOf(step)) / 1e9));
    const plain = prepared({ cycles: 10 }).cellLimits.netChargeMaxNc;
    expect(diagnosed(kind).cellLimits.netChargeMaxNc).toBeGreaterThanOrEqual(plain + most);
  });

  it.each([
    [1, 10, 9],
    [2, 10, 4],
    [5, 11, 2],
    [50, 10, 0],
  ])('every %d of %d cycles: %d times, none behind the last, and the plan knows', (every, cycles, times) => {
    const protocol = diagnosed('rest', every, cycles);
    expect(diagnosticsTimes(protocol)).toBe(times);
    const plain = prepared({ cycles }).plan;
    expect(protocol.plan.steps - plain.steps).toBe(times);
    expect(protocol.plan.durationUs - plain.durationUs).toBe(times * 600e6);
  });

  it('run behind the last cycle too where the protocol goes on', () => {
    const every = { diagnostics: 'rest', diagnostics_every: 3, cycles: 9 };
    expect(diagnosticsTimes(prepared(every, namedProtocol('reservoir-efficiency')))).toBe(3);
    expect(diagnosticsTimes(prepared(every, namedProtocol('high-dod')))).toBe(2);
  });

  it('none: the protocol is the very same', () => {
    const plain = prepared();
    expect(withDiagnostics(plain, { diagnostics: 'none', diagnostics_every: 1 }, GIVEN)).toBe(plain);
    expect(diagnosticsTimes(plain)).toBe(0);
  });
});

describe('the parameters of diagnostics', () => {
  it('are those of every protocol that cycles a zinc cell, and of no other', () => {
    const offering = PROTOCOLS.filter(({ parameters }) => 'diagnostics' in parameters);
    expect(offering.map(({ name }) => name).toSorted()).toEqual([
      ...['bending', 'calendar-ageing', 'coulombic-efficiency', 'critical-current', 'high-dod'],
      ...['rate-performance', 'reservoir-efficiency', 'symmetric-cycling', 'temperature-series'],
    ]);
  });

  it('are read from parsed values, where they are', () => {
    expect(diagnosticsValues({ diagnostics: 'probe', diagnostics_every: 5, cycles: 1 })).toEqual({
      ...{ diagnostics: 'probe', diagnostics_every: 5 },
    });
    expect(diagnosticsValues({ cycles: 1 })).toBeNull();
    expect(diagnosticsValues({ diagnostics: 'spectrum', diagnostics_every: 5 })).toBeNull();
    expect(DIAGNOSTICS.diagnostics.choices).toEqual(['none', ...KINDS]);
  });
});
