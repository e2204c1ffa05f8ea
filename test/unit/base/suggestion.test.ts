// Goal: a misspelt name is met with the one that was meant, or with all there are.
// Method: a table of words against a short list of names.

import { describe, expect, it } from 'vitest';
import { nearest, suggestion } from '../../../src/base/suggestion.ts';

const NAMES = ['cycles', 'wetting', 'first_half'];

describe('a suggestion', () => {
  it.each([
    ['cycels', 'cycles'],
    ['Cycles', 'cycles'],
    ['wetting', 'wetting'],
    ['weting', 'wetting'],
    ['firsthalf', 'first_half'],
    ['entirely-else', null],
    ['', null],
  ])('for "%s" is %s', (word, expected) => {
    expect(nearest(word, NAMES)).toBe(expected);
  });

  it('asks back where a name is near, and lists the names where none is', () => {
    expect(suggestion('cycels', NAMES)).toMatch(/^did you mean "cycles"\?/);
    expect(suggestion('x-ray', NAMES)).toBe('known: cycles, wetting, first_half');
    expect(suggestion('x-ray', [])).toBe('there is none');
  });
});
