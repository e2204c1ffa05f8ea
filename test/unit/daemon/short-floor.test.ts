// Goal: a cell that has shorted is opened after the second half-cycle that shows it, with the short, its
// onset and the baseline in the record; or it is only written down, where the run says so. Method: whole
// runs against the emulator with a cell whose resistance falls to an eighth.

import { describe, expect, it } from 'vitest';
import { FailingCell } from '../../support/failing-cell.ts';
import { QUICK, type Rig, type RigOptions, rig } from '../../support/rig.ts';
import { expectContiguous, isCellOpen } from '../../support/run-checks.ts';

const PARAMETERS = { ...QUICK, cycles: 8 };
/**
 * Three platings of 40.68 mC: from half-cycle 6 on, 11.3 mA through 1.2 ohm are 13.56 mV instead of 113 mV.
 */
const SHORT = { afterC: 0.121, laterOhm: 1.2 };

function shorted(options: RigOptions = {}): Rig {
  return rig({ parameters: PARAMETERS, cell: new FailingCell(SHORT), instrument: 'ideal', ...options });
}

function finished(options: RigOptions = {}): Rig {
  const run = shorted(options);
  run.runToEnd(600_000);
  return run;
}

function shortsOf(run: Rig) {
  return run
    .reader()
    .events(1, 10_000)
    .filter(({ kind }) => kind === 'short-floor');
}

function shortAlarmsOf(run: Rig): string[] {
  return run.told.alarms.filter(({ code }) => code === 'SHORT_FLOOR').map(({ message }) => message);
}

describe('a short that stops the run', () => {
  it.each(['bench', 'simulate'] as const)(
    'ends it as done with the verdict hard-short, and the reason names half-cycle, plateau and baseline (%s)',
    (manner) => {
      const run = finished({ manner });
      expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'hard-short' });
      expect(run.reader().state().reason).toBe(
        'hard short: plating in cycle 4 (half-cycle 7) at v_mid 13.560 mV against a provisional ' +
          'baseline of 113.000 mV, 2 half-cycles in a row',
      );
      expect(run.reader().isSealed()).toBe(true);
      expect(run.told.closed).toEqual({ problem: null });
      expect(isCellOpen(run.cellLog)).toBe(true);
    },
  );

  it('cuts off the half-cycle that the device had begun by itself, and marks it as interrupted', () => {
    const run = finished();
    const { halfCycles, steps } = expectContiguous(run.reader());
    expect(halfCycles.map(({ number, isInterrupted }) => `${number} ${isInterrupted}`)).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7].map((number) => `${number} false`),
      '8 true',
    ]);
    const last = steps.at(-1);
    expect(last?.reason).toBe('off');
    expect((last?.endUs ?? 0) - (last?.startUs ?? 0)).toBeLessThan(500_000);
  });

  it('opens the cell first and writes it down second', () => {
    const { happenings } = finished();
    const off = happenings.findIndex((what) => what.type === 'sent' && / off ch=1\b/.test(what.frame));
    const stored = happenings.findIndex(
      (what) => what.type === 'stored' && what.commit.events.some(({ kind }) => kind === 'short-floor'),
    );
    expect(off).toBeGreaterThan(0);
    expect(stored).toBeGreaterThan(off);
  });

  it('writes an event with its numbers in SI units, at the end of the half-cycle that proved it', () => {
    const run = finished();
    const { halfCycles } = expectContiguous(run.reader());
    const [sixth, seventh] = [halfCycles[5], halfCycles[6]];
    expect(shortsOf(run)).toEqual([
      {
        id: expect.any(Number) as unknown,
        timeUs: seventh?.endUs,
        kind: 'short-floor',
        detail: {
          verdict: 'hard-short',
          half_cycle: 7,
          cycle: 4,
          half: 'plate',
          v_mid_V: 0.013_56,
          baseline_V: 0.113,
          is_baseline_provisional: true,
          ratio: 0.15,
          half_cycles: 2,
          onset_s: (sixth?.startUs ?? 0) / 1e6,
          action: 'stop',
        },
      },
    ]);
    expect(shortAlarmsOf(run)).toEqual([run.reader().state().reason]);
  });

  it('is the same again from the same seed', () => {
    const options = { manner: 'simulate', instrument: 'bench' } as const;
    expect(finished(options).reader().contentHash()).toBe(finished(options).reader().contentHash());
  });

  it('wins over the end of the program in the same half-cycle', () => {
    const run = finished({
      parameters: { ...PARAMETERS, cycles: 4 },
      cell: new FailingCell({ ...SHORT, afterC: 0.16 }),
    });
    // Shorted from half-cycle 8 on, the last one: not proven.
    expect(run.reader().state()).toMatchObject({ verdict: 'completed' });
    const proven = finished({ parameters: { ...PARAMETERS, cycles: 4, first_half: 'strip' } });
    // Strip first: half-cycles 7 and 8 are the shorted ones.
    expect(proven.reader().state()).toMatchObject({ state: 'done', verdict: 'hard-short' });
  });

  it.each([200, 1500, 3000])('is found when the link was away as it happened, for %d ms', (lengthMs) => {
    const run = shorted();
    run.runToHalfCycle(6, 3400);
    run.line.cut();
    run.clock.advance(lengthMs);
    run.line.plugIn();
    run.runToEnd(120_000);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'hard-short' });
    // What the outage touched is left out, so the proof may come one or two half-cycles later.
    const { halfCycles } = expectContiguous(run.reader());
    expect(halfCycles.length).toBeLessThanOrEqual(10);
    expect(shortsOf(run)).toHaveLength(1);
    expect(isCellOpen(run.cellLog)).toBe(true);
  });
});

describe('a short that is only recorded', () => {
  it('is told once, and the run goes on to its end', () => {
    const run = finished({ parameters: { ...PARAMETERS, on_short_floor: 'record' } });
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    expect(expectContiguous(run.reader()).halfCycles).toHaveLength(16);
    expect(shortsOf(run).map(({ detail }) => detail)).toEqual([
      expect.objectContaining({ half_cycle: 7, action: 'record' }),
    ]);
    expect(shortAlarmsOf(run)).toHaveLength(1);
  });
});

describe('a run without a short', () => {
  it('of a good cell says nothing of shorts', () => {
    const run = finished({ cell: 'dummy-10-ohm' });
    expect(run.reader().state()).toMatchObject({ verdict: 'completed' });
    expect(shortsOf(run)).toEqual([]);
    expect(run.told.alarms).toEqual([]);
  });

  it('is not watched where the floor is 0 %', () => {
    const run = finished({ parameters: { ...PARAMETERS, short_floor: '0 %' } });
    expect(run.reader().state()).toMatchObject({ verdict: 'completed' });
    expect(shortsOf(run)).toEqual([]);
  });

  it('says in its file how it was watched', () => {
    const plan = { ratioPpm: 150_000, halfCycles: 2, action: 'stop', areaUcm2: 1_130_000 };
    expect(rig().reader().meta()).toMatchObject({ shortFloor: plan });
    expect(
      rig({ parameters: { ...QUICK, short_floor: '0 %' } })
        .reader()
        .meta()['shortFloor'],
    ).toBeNull();
  });
});
