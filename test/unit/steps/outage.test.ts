// Goal: the policy of a run decides what an outage means, and nothing is gone on with by accident.
// Method: the table of policies against causes, lengths and histories.
import { describe, expect, it } from 'vitest';
import { durationText, judgeOutage, type Outage, type OutagePolicy } from '../../../src/steps/outage.ts';

const DAY_US = 86_400_000_000;
const NOW_US = 5 * DAY_US;

function outage(fields: Partial<Outage> = {}): Outage {
  return { cause: 'daemon', lengthUs: 30_000_000, continuedAtUs: [], nowUs: NOW_US, ...fields };
}

const WITHIN: OutagePolicy = { continue_within_ms: 60_000 };

describe('an outage', () => {
  it.each<[OutagePolicy, Partial<Outage>, string]>([
    ['stop', {}, 'stop'],
    ['hold', {}, 'hold'],
    ['restart_step', { lengthUs: 3 * DAY_US }, 'continue'],
    [WITHIN, {}, 'continue'],
    [WITHIN, { lengthUs: 60_000_000 }, 'continue'],
    [WITHIN, { lengthUs: 60_000_001 }, 'hold'],
    [WITHIN, { continuedAtUs: [NOW_US - 3, NOW_US - 2, NOW_US - 1] }, 'hold'],
    ['restart_step', { continuedAtUs: [NOW_US - 3, NOW_US - 2, NOW_US - 1] }, 'hold'],
    [WITHIN, { continuedAtUs: [NOW_US - DAY_US - 1, NOW_US - 2, NOW_US - 1] }, 'continue'],
  ])('under %j, %j: %s', (policy, fields, decision) => {
    expect(judgeOutage(policy, outage(fields)).type).toBe(decision);
  });

  it.each(['dead-man', 'lapsed-lease', 'link', 'position-lost', 'device-reset', 'daemon'] as const)(
    'by %s is told in words, with its length',
    (cause) => {
      const decision = judgeOutage('hold', outage({ cause, lengthUs: 750_000_000 }));
      expect(decision).toEqual({ type: 'hold', reason: expect.stringMatching(/^the .+ \(13 min\)$/) });
    },
  );

  it.each([
    [4_200_000, '4.2 s'],
    [119_000_000, '119 s'],
    [720_000_000, '12 min'],
    [3.1 * 3_600_000_000, '3.1 h'],
  ])('of %d us is written as %s', (us, text) => {
    expect(durationText(us)).toBe(text);
  });
});
