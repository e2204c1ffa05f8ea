// Goal: derived figures read with their unit, place and uncertainty, and what is not defined says why.
// Method: figures made by hand in, lines out.
import { describe, expect, it } from 'vitest';
import { figure, missing } from '../../../src/analysis/methods/figure.ts';
import { derivedFigures, derivedLines } from '../../../src/cli/derived-text.ts';

function linesOf(...figures: readonly ReturnType<typeof missing>[]): readonly string[] {
  return derivedLines(derivedFigures({ kind: 'efficiency', figures }));
}

describe('derived figures as text', () => {
  it('have no digit beyond their uncertainty', () => {
    const found = figure('meanEfficiency', [99.61234, '%'], { uncertainty: 0.0566, at: { cycles: 9 } });
    expect(linesOf(found)).toEqual(['mean efficiency (cycles 9) 99.61 +- 0.06 %']);
  });

  it('have four digits where nobody states an uncertainty, and no unit where they are a ratio', () => {
    expect(linesOf(figure('recoveryRatio', [0.987654, '1']))).toEqual(['recovery ratio 0.9877']);
  });

  it('say why there is no value, and what to bear in mind of one', () => {
    expect(linesOf(missing('conductance', 'mS/cm2', 'make rounds at least 2'))).toEqual([
      'conductance: none, make rounds at least 2',
    ]);
    expect(linesOf(figure('efficiency', [80, '%'], { note: 'the sums end there' }))).toEqual([
      'efficiency 80 %; the sums end there',
    ]);
  });

  it('are none where the arithmetic came to no number', () => {
    expect(linesOf(figure('retention', [Number.NaN, '%']))[0]).toMatch(/^retention: none, .*finite/);
  });

  it('fill no screen: a long series is cut, and says so', () => {
    const series = Array.from({ length: 30 }, (_, at) => figure('openCircuit', [1, 'V'], { at: { at } }));
    const lines = linesOf(...series);
    expect(lines.length).toBe(25);
    expect(lines.at(-1)).toBe('… and 6 more with --json');
  });
});
