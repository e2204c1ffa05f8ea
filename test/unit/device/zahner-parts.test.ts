// Goal: the two judgements of the Zahner driver that no transcript covers well: which line answers what, and
// why a primitive has ended. Method: tables over the matcher and over the evidence of a step.

import { describe, expect, it } from 'vitest';
import { ReplyMatcher } from '../../../src/device/drivers/zahner/reply-matcher.ts';
import { periodUsOf } from '../../../src/device/drivers/zahner/step-commands.ts';
import { StepEvidence } from '../../../src/device/drivers/zahner/step-end.ts';
import { capabilitiesOf, isFirmwareKnown } from '../../../src/device/drivers/zahner/models.ts';
import type { PlannedStep } from '../../../src/device/hosted/step-actuator.ts';
import { NO_LIMITS, type StepLimits } from '../../../src/steps/step.ts';
import { PLATE, REST } from '../../support/trees.ts';

describe('replies', () => {
  interface Case {
    readonly sent: readonly ('command' | 'abort')[];
    readonly lines: readonly string[];
    readonly heard: readonly string[];
  }

  it.each<Case>([
    { sent: ['command'], lines: ['1.5'], heard: ['command: value'] },
    { sent: ['abort'], lines: ['ok'], heard: ['abort: ok'] },
    { sent: ['abort'], lines: ['error 42'], heard: ['abort: error'] },
    { sent: [], lines: ['ok'], heard: ['stray'] },
    { sent: ['command', 'abort'], lines: ['ok', 'error 1005'], heard: ['command: error', 'abort: ok'] },
    { sent: ['command', 'abort'], lines: ['error 1005', 'ok'], heard: ['command: error', 'abort: ok'] },
    { sent: ['command', 'abort'], lines: ['ok', 'ok'], heard: ['command: ok', 'abort: ok'] },
    { sent: ['command', 'abort'], lines: ['ok'], heard: [] },
    {
      sent: ['command', 'abort', 'abort'],
      lines: ['ok', 'error 1005', 'ok', 'ok'],
      heard: ['command: error', 'abort: ok', 'abort: ok', 'stray'],
    },
    {
      sent: ['command', 'abort', 'abort'],
      lines: ['ok', 'ok', 'ok'],
      heard: ['command: ok', 'abort: ok', 'abort: ok'],
    },
  ])('to $sent, in the order $lines', ({ sent, lines, heard }) => {
    const found: string[] = [];
    const matcher = new ReplyMatcher({
      onCommandReply: ({ kind }) => found.push(`command: ${kind}`),
      onStray: () => found.push('stray'),
    });
    for (const what of sent) {
      if (what === 'command') matcher.commandSent();
      else matcher.abortSent(({ kind }) => found.push(`abort: ${kind}`));
    }
    for (const line of lines) matcher.hear(`${line}\n`);
    expect(found).toEqual(heard);
  });
});

function planned(limits: Partial<StepLimits>, more: Partial<PlannedStep> = {}): PlannedStep {
  return {
    stepNumber: 1,
    step: { ...PLATE, limits: { ...NO_LIMITS, ...limits } },
    durationUs: 10_000_000,
    timedEnd: 'duration',
    chargeNc: null,
    readingEveryUs: 1_000_000,
    ...more,
  };
}

/** One sample a second. */
function endOf(plan: PlannedStep, voltagesV: readonly number[], currentA = -0.001) {
  const evidence = new StepEvidence(plan, periodUsOf(plan));
  for (const [index, voltageV] of voltagesV.entries()) {
    evidence.take({
      timeUs: (index + 1) * 1_000_000,
      voltageNv: Math.round(voltageV * 1e9),
      currentPa: Math.round(currentA * 1e12),
    });
  }
  return evidence.end();
}

describe('why a primitive has ended', () => {
  const level = (count: number): number[] => Array.from({ length: count }, () => -0.05);
  const BELOW = { voltageMinNv: -500_000_000 };
  const ABOVE = { voltageMaxNv: 500_000_000 };
  const CHARGE = { chargeNc: 5_000_000, timedEnd: 'step-charge' } as const;

  it.each([
    ['time', planned({}), level(10), 'duration'],
    ['time, the last sample before it', planned({}), level(9), 'duration'],
    ['time without a sample', planned({}, { durationUs: 1000 }), [], 'duration'],
    ['a voltage below', planned(BELOW), [...level(3), -0.5], 'voltage-min'],
    ['a voltage above', planned(ABOVE), [0.1, 0.3, 0.51], 'voltage-max'],
    ['a voltage that the next sample would have passed', planned(ABOVE), [0.1, 0.3, 0.49], 'voltage-max'],
    [
      'a voltage that held',
      planned({ ...BELOW, voltageDebounceUs: 2_000_000 }),
      [...level(3), -0.6, -0.6],
      'voltage-min',
    ],
    [
      'a voltage past its limit, if for a shorter time than we count, where nothing else explains it',
      planned({ ...BELOW, voltageDebounceUs: 5_000_000 }),
      [...level(3), -0.6, -0.55],
      'voltage-min',
    ],
    [
      'a charge rather than a voltage that has not held',
      planned({ ...BELOW, voltageDebounceUs: 5_000_000 }, CHARGE),
      [...level(4), -0.6],
      'step-charge',
    ],
    ['charge', planned({ stepChargeNc: 5_000_000 }, CHARGE), level(5), 'step-charge'],
    ['charge within the next sample', planned({ stepChargeNc: 5_000_000 }, CHARGE), level(4), 'step-charge'],
    [
      'charge sooner than planned',
      planned({ netChargeNc: -9 }, { chargeNc: 5_000_000 }),
      level(5),
      'net-charge',
    ],
    [
      'the time that its charge takes',
      planned({ stepChargeNc: 10_100_000 }, { chargeNc: 10_100_000, timedEnd: 'step-charge' }),
      level(10),
      'step-charge',
    ],
    ['a voltage rather than a charge', planned(BELOW, CHARGE), [...level(4), -0.6], 'voltage-min'],
  ] as const)('by %s', (_end, plan, voltagesV, reason) => {
    expect(endOf(plan, voltagesV)).toMatchObject({ reason });
  });

  it.each([
    ['nothing that was set', planned({ ...BELOW, ...ABOVE }), level(5), 'unexplained'],
    [
      'the time that its charge takes, without the charge',
      planned({ stepChargeNc: 20_000_000 }, { chargeNc: 20_000_000, timedEnd: 'step-charge' }),
      level(10),
      'compliance',
    ],
  ] as const)('is a fault by %s', (_end, plan, voltagesV, fault) => {
    expect(endOf(plan, voltagesV)).toMatchObject({ reason: 'fault', fault });
  });

  it('dates an end by time to the time that was set, any other to the last sample', () => {
    expect(endOf(planned({}, { durationUs: 9_700_000 }), level(9))).toMatchObject({
      sinceStartUs: 9_700_000,
    });
    expect(endOf(planned(BELOW), [-0.05, -0.6])).toMatchObject({ sinceStartUs: 2_000_000 });
  });
});

describe('what is declared', () => {
  it('is more for a model that is known than for one that is not', () => {
    const known = capabilitiesOf('XPOT2', 1_000_000);
    const unknown = capabilitiesOf('PP999', 1_000_000);
    expect(known.currentRangesPa.at(-1)).toBe(500_000_000_000);
    for (const { currentRangesPa } of [known, unknown]) {
      expect(currentRangesPa.toSorted((a, b) => a - b)).toEqual(currentRangesPa);
    }
    expect(unknown.voltageSpanNv).toBeLessThanOrEqual(known.voltageSpanNv);
  });

  it.each([
    ['1.1.0', true],
    ['1.1.0-rc2', true],
    ['1.2.0', true],
    ['2.0.0', true],
    ['1.0.9', false],
    ['0.9.9', false],
    ['', false],
    ['unknown', false],
  ])('of firmware "%s" is whether it is new enough: %s', (firmware, isKnown) => {
    expect(isFirmwareKnown(firmware)).toBe(isKnown);
  });

  it('samples no faster than 50 Hz', () => {
    expect(periodUsOf({ ...planned({}), step: REST, readingEveryUs: 1000 })).toBe(20_000);
  });
});
