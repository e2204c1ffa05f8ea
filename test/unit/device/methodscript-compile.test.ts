// Goal: a plan becomes a script that is bounded, judges its limits, and leaves the cell open. Method: the
// literal text of one whole cycle, and of everything else what differs from it.

import { describe, expect, it } from 'vitest';
import { compilePlan, type PlanContext } from '../../../src/device/drivers/methodscript/compile-plan.ts';
import { impedancePointFrom } from '../../../src/device/drivers/methodscript/compile-impedance.ts';
import { PROFILES, type Profile } from '../../../src/device/drivers/methodscript/profiles.ts';
import type { PlannedStep } from '../../../src/device/hosted/step-actuator.ts';
import { parsePackage } from '../../../src/frames/dialects/methodscript/package.ts';
import { NO_LIMITS, type Step, type StepLimits, type StepMode } from '../../../src/steps/step.ts';
import { PLATE, REST, STRIP } from '../../support/trees.ts';

const LIMITS = {
  voltageMaxNv: 2_000_000_000,
  voltageMinNv: -2_000_000_000,
  currentMaxPa: 10_000_000_000,
  netChargeMaxNc: 1e12,
};
const HOUR_US = 3_600_000_000;

function profileOf(device: string): Profile {
  const profile = PROFILES.get(device);
  if (profile === undefined) throw new Error(`no profile ${device}`);
  return profile;
}

/** Range of 10 mA. */
const CONTEXT: PlanContext = {
  setup: { run: '01JA', rangeIndex: 5, limits: LIMITS },
  profile: profileOf('es4_hr'),
  mainsHz: 50,
};

function planned(stepNumber: number, step: Step, overrides: Partial<PlannedStep> = {}): PlannedStep {
  const given = { stepNumber, step, durationUs: HOUR_US, timedEnd: 'net-charge', chargeNc: null } as const;
  return { ...given, readingEveryUs: 1_000_000, ...overrides };
}

function withLimits(step: Step, limits: Partial<StepLimits>): Step {
  return { ...step, limits: { ...NO_LIMITS, ...limits } };
}

function withMode(mode: StepMode): Step {
  return { ...PLATE, mode, limits: NO_LIMITS };
}

function linesOf(steps: readonly [PlannedStep, ...PlannedStep[]], context = CONTEXT): readonly string[] {
  const compiled = compilePlan({ steps }, context);
  if (!compiled.ok) throw new Error(compiled.detail);
  return compiled.script.split('\n');
}

function refusalOf(step: PlannedStep, context = CONTEXT): string | null {
  const compiled = compilePlan({ steps: [step] }, context);
  return compiled.ok ? null : compiled.detail;
}

/** What a loop does at each reading, its limits aside. */
const READING = ['timer_get t', 'pck_start', 'pck_add t', 'pck_add e', 'pck_add i', 'pck_end'];
const TIME = ['pck_start', 'pck_add t', 'pck_end'];

/** Every 1.0 s for an hour; V above 0.5 V at once, |V| below 5 mV for 2 s. */
const PLATE_THEN_STRIP = [
  'e',
  ...['var t', 'var e', 'var i', 'var r', 'var f', 'store_var r 0i ja'],
  'set_pgstat_chan 0',
  'set_pgstat_mode 6',
  'set_max_bandwidth 60',
  'set_acquisition_frac_autoadjust 50',
  'set_range ab 2',
  'set_autoranging ab 2 2',
  'set_range db 10m',
  'set_autoranging db 10m 10m',
  'set_i 0',
  'cell_on',
  'timer_start',
  'send_string "s12 begins"',
  'meas_loop_cp e i -1130u 100m 100m',
  ...READING,
  'endloop',
  'store_var f 0i ja',
  'meas_loop_cp e i -1130u 1 3599',
  ...READING,
  'if e > 2',
  ...['send_string "s12 vhard"', 'store_var r 1i ja', 'breakloop'],
  'elseif e < -2',
  ...['send_string "s12 vhard"', 'store_var r 1i ja', 'breakloop'],
  'endif',
  'if e <= -500m',
  ...['send_string "s12 voltage-min"', 'store_var r 1i ja', 'breakloop'],
  'endif',
  'if e >= 5m',
  'store_var f 0i ja',
  'elseif e <= -5m',
  'store_var f 0i ja',
  'else',
  'add_var f 1i',
  'endif',
  'if f >= 3i',
  ...['send_string "s12 short-floor"', 'store_var r 1i ja', 'breakloop'],
  'endif',
  'endloop',
  'if r < 1i',
  'meas_loop_cp e i -1130u 900m 900m',
  ...READING,
  'endloop',
  'endif',
  ...['timer_get t', 'timer_start', 'send_string "s12 ends"', ...TIME],
  'if r < 1i',
  'send_string "s13 begins"',
  'meas_loop_cp e i 1130u 100m 100m',
  ...READING,
  'endloop',
  'meas_loop_cp e i 1130u 1 3599',
  ...READING,
  'if e > 2',
  ...['send_string "s13 vhard"', 'store_var r 1i ja', 'breakloop'],
  'elseif e < -2',
  ...['send_string "s13 vhard"', 'store_var r 1i ja', 'breakloop'],
  'endif',
  'endloop',
  'if r < 1i',
  'meas_loop_cp e i 1130u 900m 900m',
  ...READING,
  'endloop',
  'endif',
  'cell_off',
  ...['timer_get t', 'timer_start', 'send_string "s13 ends"', ...TIME],
  'endif',
  'on_finished:',
  'cell_off',
  ...['timer_get t', 'send_string "off"', ...TIME],
  '',
  '',
];

describe('a cycle', () => {
  const plate = withLimits(PLATE, {
    voltageMinNv: -500_000_000,
    shortFloorNv: 5_000_000,
    shortFloorDebounceUs: 2_000_000,
  });

  it('is one script: plate, strip without a pause, cell open', () => {
    expect(linesOf([planned(12, plate), planned(13, withLimits(STRIP, {}))])).toEqual(PLATE_THEN_STRIP);
  });

  it('takes less than the memory of the largest published script, with every limit on both halves', () => {
    const every = {
      voltageMaxNv: 500_000_000,
      voltageMinNv: -500_000_000,
      voltageDebounceUs: 1_000_000,
      shortFloorNv: 5_000_000,
      shortFloorDebounceUs: 2_000_000,
    };
    const compiled = compilePlan(
      { steps: [planned(12, withLimits(PLATE, every)), planned(13, withLimits(STRIP, every))] },
      CONTEXT,
    );
    expect(compiled.ok && compiled.steps.length).toBe(2);
    expect(compiled.ok && compiled.script.length).toBe(2425);
  });

  it('leaves to another script what does not fit', () => {
    const steps = [planned(1, PLATE), ...[2, 3, 4, 5, 6, 7, 8].map((number) => planned(number, STRIP))];
    const [first, ...others] = steps;
    if (first === undefined) throw new Error('no step');
    const compiled = compilePlan({ steps: [first, ...others] }, CONTEXT);
    expect(compiled.ok && compiled.script.length).toBeLessThanOrEqual(3500);
    expect(compiled.ok && compiled.steps.length).toBe(5);
  });

  it('nests three blocks at most, and no measurement loops', () => {
    let depth = 0;
    for (const line of linesOf([planned(12, plate), planned(13, withLimits(STRIP, LIMITS))])) {
      if (/^(?:if|meas_loop)/.test(line)) depth += 1;
      expect(depth).toBeLessThanOrEqual(3);
      if (line.startsWith('end')) depth -= 1;
    }
    expect(depth).toBe(0);
  });
});

describe('loops', () => {
  const loops = (durationUs: number, readingEveryUs = 1_000_000): readonly string[] =>
    linesOf([planned(1, withLimits(PLATE, {}), { durationUs, readingEveryUs })])
      .filter((line) => line.startsWith('meas_loop'))
      .map((line) => line.replace('meas_loop_cp e i -1130u ', ''));

  it.each([
    [1000, 1_000_000, ['1m 1m']],
    [500_000, 1_000_000, ['100m 500m']],
    [1_050_500, 1_000_000, ['95500u 1050500u']],
    [2_000_000, 20_000, ['20m 2']],
    [10_000_000, 1_000_000, ['100m 100m', '1 9', '900m 900m']],
    [10_250_001, 1_000_000, ['100m 100m', '1 10', '150001u 150001u']],
    [10_000_000, 60_000_000, ['100m 100m', '1 9', '900m 900m']],
    [10_000_000, 333_333, ['100m 100m', '333m 9657m', '243m 243m']],
  ])('of %d us with a reading each %d us are %j', (durationUs, everyUs, expected) => {
    expect(loops(durationUs, everyUs)).toEqual(expected);
  });

  it.each([
    [10_000_000, 100_000, 2_000_000, ['100m 100m', '100m 1900m', '1 7', '1 1']],
    [10_000_000, 10_000, 1_000_000, ['10m 100m', '10m 900m', '1 8', '1 1']],
    [10_000_000, 30_000, 50_000, ['30m 90m', '1 9', '910m 910m']],
    [10_000_000, 500_000, 60_000_000, ['100m 100m', '500m 9500m', '400m 400m']],
    [1_000_000, 20_000, 60_000_000, ['20m 1']],
  ])('of %d us begin with the burst: each %d us for %d us: %j', (durationUs, everyUs, forUs, expected) => {
    const step = planned(1, withLimits(PLATE, {}), { durationUs, burst: { everyUs, forUs } });
    const found = linesOf([step]).filter((line) => line.startsWith('meas_loop'));
    expect(found.map((line) => line.replace('meas_loop_cp e i -1130u ', ''))).toEqual(expected);
  });

  it('are 24 h at most, and the timer starts anew with each', () => {
    const lines = linesOf([planned(7, withLimits(PLATE, {}), { durationUs: 60 * HOUR_US })]);
    expect(loops(60 * HOUR_US)).toEqual(['100m 100m', '1 86400', '1 86400', '1 43199', '900m 900m']);
    const marks = lines.filter((line) => line === 'send_string "s7 goes on"' || line === 'timer_start');
    expect(marks).toHaveLength(1 + 2 * 2 + 1);
  });

  it.each([1000, 77_777, 1_999_999, 2_000_001, 3_456_789, 3_600_000_001])(
    'take the %d us of the step, to a microsecond per reading',
    (durationUs) => {
      const total = loops(durationUs).reduce((sum, loop) => sum + usOf(loop.split(' ')[1] ?? ''), 0);
      expect(durationUs - total).toBeLessThanOrEqual(20);
      expect(total).toBeLessThanOrEqual(durationUs);
    },
  );

  function usOf(literal: string): number {
    const scale = literal.endsWith('u') ? 1 : literal.endsWith('m') ? 1000 : 1_000_000;
    return Number(literal.replace(/[um]$/, '')) * scale;
  }
});

describe('limits', () => {
  const checks = (step: Step, overrides: Partial<PlannedStep> = {}): readonly string[] =>
    linesOf([planned(3, step, overrides)]).filter((line) =>
      /^(?:if|elseif|add_var) [ecdf] |^else$/.test(line),
    );

  it('hold from the first reading that is beyond them, counted in intervals', () => {
    const step = withLimits(STRIP, { voltageMaxNv: 500_000_000, voltageDebounceUs: 2_500_000 });
    expect(checks(step)).toEqual([
      ...['if e > 2', 'elseif e < -2'],
      ...['if e >= 500m', 'add_var c 1i', 'else', 'if c >= 4i'],
    ]);
  });

  it('are debounced alike in the burst and behind it, by the readings of each', () => {
    const step = withLimits(STRIP, { voltageMaxNv: 500_000_000, voltageDebounceUs: 1_000_000 });
    const found = checks(step, { burst: { everyUs: 250_000, forUs: 10_000_000 } });
    expect(found.filter((line) => line.startsWith('if c'))).toEqual(['if c >= 5i', 'if c >= 2i']);
  });

  it('end a held voltage when the current is small in either direction', () => {
    const hold = { ...withMode({ kind: 'cv', voltageNv: 20_000_000 }), half: null };
    const step = withLimits(hold, { currentMinPa: 56_500_000 });
    const lines = linesOf([planned(3, step)]);
    const from = lines.indexOf('if i >= 56500n');
    expect(lines.slice(from, from + 9)).toEqual([
      ...['if i >= 56500n', 'timer_get t', 'elseif i <= -56500n', 'timer_get t', 'else'],
      ...['send_string "s3 current-min"', 'store_var r 1i ja', 'breakloop', 'endif'],
    ]);
    expect(checks(withLimits(PLATE, { currentMinPa: 56_500_000 }))).toEqual(['if e > 2', 'elseif e < -2']);
  });

  it('know no short floor at rest, nor hard limits: the cell is open', () => {
    const step = withLimits(REST, { shortFloorNv: 5_000_000, voltageMaxNv: 300_000_000 });
    expect(checks(step)).toEqual(['if e >= 300m']);
  });
});

describe('the cell', () => {
  const CELL = /^(?:cell_|set_i|set_e|meas_loop|timer_start|on_finished|if r|endif|send_string)/;
  const cellLines = (...steps: readonly [PlannedStep, ...PlannedStep[]]): readonly string[] =>
    linesOf(steps).filter((line) => CELL.test(line));

  it('is open during a rest and closed at no current before the next step, which begins then', () => {
    const rest = planned(1, REST, { durationUs: 1_000_000 });
    expect(cellLines(rest, planned(2, withLimits(PLATE, {}), { durationUs: 1_000_000 }))).toEqual([
      ...['cell_off', 'timer_start', 'send_string "s1 begins"', 'meas_loop_ocp e 100m 1'],
      ...['if r < 1i', 'set_i 0', 'cell_on', 'endif', 'timer_start', 'send_string "s1 ends"'],
      ...['if r < 1i', 'send_string "s2 begins"', 'meas_loop_cp e i -1130u 100m 1'],
      ...['send_string "s2 vhard"', 'send_string "s2 vhard"', 'endif'],
      ...['cell_off', 'timer_start', 'send_string "s2 ends"', 'endif'],
      ...['on_finished:', 'cell_off', 'send_string "off"'],
    ]);
  });

  it('is measured at rest in mode 3 where no current follows', () => {
    expect(linesOf([planned(1, REST)])).toContain('set_pgstat_mode 3');
    expect(linesOf([planned(1, REST), planned(2, PLATE)])).toContain('set_pgstat_mode 6');
  });

  it('is opened before the end of a step is timed where a rest follows', () => {
    const plate = planned(1, withLimits(PLATE, {}), { durationUs: 1_000_000 });
    const lines = cellLines(plate, planned(2, REST, { durationUs: 1_000_000 }));
    expect(lines.slice(lines.indexOf('cell_off'), lines.indexOf('cell_off') + 3)).toEqual([
      'cell_off',
      'timer_start',
      'send_string "s1 ends"',
    ]);
  });

  it('is held at its voltage from the moment it is closed', () => {
    const lines = linesOf([planned(4, withMode({ kind: 'cv', voltageNv: -50_000_000 }))]);
    expect(lines.slice(7, 22)).toEqual([
      ...['set_pgstat_mode 3', 'set_max_bandwidth 60', 'set_acquisition_frac_autoadjust 50'],
      ...['set_range ab 2', 'set_autoranging ab 2 2', 'set_range ba 10m', 'set_autoranging ba 10m 10m'],
      ...['set_e -50m', 'cell_on', 'timer_start', 'send_string "s4 begins"'],
      ...['meas_loop_ca e i -50m 100m 100m', 'timer_get t', 'pck_start', 'pck_add t'],
    ]);
    expect(lines).toContain('if i > 10m');
    expect(lines).toContain('elseif i < -10m');
  });

  it('changes between current and voltage with another script only', () => {
    const compiled = compilePlan(
      { steps: [planned(1, PLATE), planned(2, withMode({ kind: 'cv', voltageNv: 0 }))] },
      CONTEXT,
    );
    expect(compiled.ok && compiled.steps.map(({ stepNumber }) => stepNumber)).toEqual([1]);
    const held = planned(1, withMode({ kind: 'cv', voltageNv: 0 }));
    expect(linesOf([held, planned(2, REST)])).toContain('send_string "s2 begins"');
  });
});

describe('sweeps', () => {
  const SWEEP = {
    kind: 'sweep',
    fromNv: 0,
    verticesNv: [500_000_000, -500_000_000],
    rateNvPerS: 100_000_000,
    stepNv: 10_000_000,
    scans: 3,
  } as const;

  it('are a CV with two vertices, an LSV with one', () => {
    expect(linesOf([planned(1, withMode(SWEEP))])).toContain(
      'meas_loop_cv e i 0 500m -500m 10m 100m nscans(3)',
    );
    expect(linesOf([planned(1, withMode({ ...SWEEP, scans: 1 }))])).toContain(
      'meas_loop_cv e i 0 500m -500m 10m 100m',
    );
    const linear = { ...SWEEP, fromNv: -500_000_000, verticesNv: [500_000_000], scans: 1 };
    const lines = linesOf([planned(1, withMode(linear))]);
    expect(lines).toContain('meas_loop_lsv e i -500m 500m 10m 100m');
    expect(lines).toContain('set_e -500m');
  });

  it.each([
    [{ ...SWEEP, verticesNv: [1, 2, 3] }, /one vertex/],
    [{ ...SWEEP, verticesNv: [] }, /one vertex/],
    [{ ...SWEEP, verticesNv: [500_000_000] }, /one vertex/],
    [{ ...SWEEP, rateNvPerS: 9_000_000 }, /a stair of the sweep takes 1111112 us/],
    [{ ...SWEEP, scans: 200 }, /the sweep takes 4000000000 us/],
    [{ ...SWEEP, fromNv: 7_000_000_000 }, /span/],
  ])('are refused where the instrument cannot, or the step is too short: %#', (mode, detail) => {
    expect(refusalOf(planned(1, withMode(mode)))).toMatch(detail);
  });
});

describe('what is refused before anything is sent', () => {
  const current = (currentPa: number): PlannedStep => planned(1, withMode({ kind: 'cc', currentPa }));

  it('is a current above the range or the hard limit of the run', () => {
    expect(refusalOf(current(10_000_000_000))).toBeNull();
    expect(refusalOf(current(-10_000_000_001))).toMatch(/above the 10000000000 pA/);
    const narrow = { ...CONTEXT, setup: { ...CONTEXT.setup, rangeIndex: 4 } };
    expect(refusalOf(current(1_130_000_000), narrow)).toMatch(/above the 1000000000 pA/);
  });

  it('is a step anywhere in the plan', () => {
    const compiled = compilePlan({ steps: [planned(1, REST), current(1e12)] }, CONTEXT);
    expect(compiled.ok).toBe(false);
  });
});

describe('spectra', () => {
  const FREQUENCIES = { fromMilliHz: 100_000_000, toMilliHz: 100_000, points: 11 };

  it('are EIS under a voltage, from a resting cell to a resting cell', () => {
    const bias = { kind: 'voltage', voltageNv: 200_000_000, amplitudeNv: 10_000_000 } as const;
    const lines = linesOf([planned(1, withMode({ kind: 'eis', bias, ...FREQUENCIES }))]);
    expect(lines).toEqual([
      ...['e', 'var t', 'var e', 'var i', 'var r', 'var f', 'var x', 'var y', 'store_var r 0i ja'],
      ...['set_pgstat_chan 0', 'set_pgstat_mode 3', 'set_max_bandwidth 1000000'],
      ...['set_range ab 2', 'set_autoranging ab 2 2', 'set_range ba 10m', 'set_autoranging ba 10m 10m'],
      ...['cell_off', 'timer_start', 'send_string "s1 begins"', 'meas_loop_ocp e 100m 100m', 'timer_get t'],
      ...['pck_start', 'pck_add t', 'pck_add e', 'pck_end', 'endloop'],
      ...['set_e 200m', 'cell_on', 'meas_loop_eis f x y 10m 100000 100 11i 200m'],
      ...['timer_get t', 'pck_start', 'pck_add t', 'pck_add f', 'pck_add x', 'pck_add y', 'pck_end'],
      ...['endloop', 'cell_off', 'timer_get t', 'timer_start', 'send_string "s1 ends"'],
      ...['pck_start', 'pck_add t', 'pck_end', 'on_finished:', 'cell_off', 'timer_get t'],
      ...['send_string "off"', 'pck_start', 'pck_add t', 'pck_end', '', ''],
    ]);
  });

  it('are GEIS under a current, closed at none', () => {
    const bias = { kind: 'current', currentPa: 5_000_000_000, amplitudePa: 1_000_000_000 } as const;
    const lines = linesOf([planned(1, withMode({ kind: 'eis', bias, ...FREQUENCIES }))]);
    expect(lines).toContain('meas_loop_geis f x y 1m 100000 100 11i 5m');
    expect(lines[lines.indexOf('cell_on') - 1]).toBe('set_i 0');
    expect(lines).toContain('set_pgstat_mode 6');
  });

  it('are refused beyond range and span, peak of the amplitude included', () => {
    const current = { kind: 'current', currentPa: 9_000_000_000, amplitudePa: 1_000_000_000 } as const;
    expect(refusalOf(planned(1, withMode({ kind: 'eis', bias: current, ...FREQUENCIES })))).toMatch(/above/);
    const voltage = { kind: 'voltage', voltageNv: 5_995_000_000, amplitudeNv: 10_000_000 } as const;
    expect(refusalOf(planned(1, withMode({ kind: 'eis', bias: voltage, ...FREQUENCIES })))).toMatch(/span/);
  });

  it('are read point by point', () => {
    const variables = parsePackage('Peb80F4240u;dcDF5DFF4u;cc896D904m,10,287;cd82DB1A8u,10,287') ?? [];
    expect(impedancePointFrom(variables)).toEqual({
      sinceUs: 1_000_000,
      frequencyMilliHz: 100_000,
      realMicroOhm: 9_885_956_000,
      imaginaryMicroOhm: 2_994_600,
    });
    expect(impedancePointFrom(variables.slice(1))).toBeNull();
    expect(impedancePointFrom(parsePackage('Peb8000001u;dc     nan;cc8000001 ;cd8000001 ') ?? [])).toBeNull();
  });
});
