// Goal: the age of a state reads at a glance. Method: a table.

import { expect, it } from 'vitest';
import { ageText } from '../../../src/cli/age-text.ts';

it.each([
  [0, '0 s'],
  [999, '0 s'],
  [119_999, '119 s'],
  [120_000, '2 min'],
  [7_199_999, '119 min'],
  [7_200_000, '2 h'],
  [172_799_999, '47 h'],
  [172_800_000, '2 d'],
  [90 * 86_400_000, '90 d'],
  [-5000, '0 s'],
])('%d ms is %s', (ms, text) => {
  expect(ageText(ms)).toBe(text);
});
