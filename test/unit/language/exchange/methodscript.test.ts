// Goal: a script of a protocol does what the protocol says, on an instrument by itself. Method: the text of
// the worked example; short programs played on the emulator, whose readings are counted; what a script
// cannot say.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScriptParser } from '../../../../firmware-sim/dialects/methodscript/parser.ts';
import {
  bareStep,
  type ExchangeItem,
  type ExchangeStep,
  NO_SAFETY,
} from '../../../../src/language/exchange/exchange-tree.ts';
import { exportMethodscript } from '../../../../src/language/exchange/methodscript-export.ts';
import { packagesOf, Rig } from '../../firmware-sim/methodscript/rig.ts';
import { trees, WORKED } from './samples.ts';

function step(mode: ExchangeStep['mode'], ends: Partial<ExchangeStep>): ExchangeStep {
  return { ...bareStep({ name: mode.kind, mode, everyUs: 1_000_000 }), timeUs: 4_000_000, ...ends };
}

function scriptOf(items: readonly ExchangeItem[], safety = NO_SAFETY): string {
  return exportMethodscript({ items, safety }).text;
}

/** Readings that the emulator tells while it goes through the script. */
function readingsOf(text: string, runMs: number): number {
  const body = text.replace(/^e\n/, '').trimEnd();
  return packagesOf(new Rig().run(body, runMs)).length;
}

describe('the worked example as a script', () => {
  it('is loops that count, with a measurement loop for each half', () => {
    const { text, dropped } = exportMethodscript(WORKED);
    expect(text.split('\n')).toEqual([
      ...['e', 'var e', 'var i', 'var n1'],
      ...['set_pgstat_chan 0', 'set_pgstat_mode 6', 'set_max_bandwidth 60'],
      ...['set_range ab 1', 'set_autoranging ab 1 1', 'set_range db 1131u', 'set_autoranging db 1131u 1131u'],
      ...['store_var n1 0i ja', 'loop n1 < 1000i'],
      ...['set_i 0', 'cell_on'],
      ...['meas_loop_cp e i 1131u 10 3600', 'pck_start', 'pck_add e', 'pck_add i', 'pck_end'],
      ...['if e > 500m', 'abort', 'endif', 'if e < -500m', 'abort', 'endif'],
      ...['if e >= 500m', 'breakloop', 'endif', 'endloop'],
      ...['meas_loop_cp e i -1131u 10 3600', 'pck_start', 'pck_add e', 'pck_add i', 'pck_end'],
      ...['if e > 500m', 'abort', 'endif', 'if e < -500m', 'abort', 'endif'],
      ...['if e <= -500m', 'breakloop', 'endif', 'endloop'],
      ...['add_var n1 1i', 'endloop', 'on_finished:', 'cell_off', '', ''],
    ]);
    expect(dropped).toEqual([]);
  });
});

describe('a script on the emulator', () => {
  const up = step({ kind: 'cc', currentPa: 100_000_000 }, {});
  const down = step({ kind: 'cc', currentPa: -100_000_000 }, {});
  const rest = step({ kind: 'rest' }, { timeUs: 2_000_000 });

  it('goes through each pass of each loop', () => {
    const inner: ExchangeItem = { kind: 'group', count: 3, items: [up, down] };
    const script = scriptOf([rest, { kind: 'group', count: 2, items: [inner, rest] }]);
    expect(readingsOf(script, 120_000)).toBe(2 + 2 * (3 * 8 + 2));
  });

  it('leaves a step at its limit, and goes on with the next', () => {
    const limited = { ...up, voltageAboveNv: -1_000_000_000 };
    expect(readingsOf(scriptOf([limited, rest]), 60_000)).toBe(1 + 2);
  });

  it('ends at a hard limit', () => {
    const safety = { ...NO_SAFETY, voltageAboveNv: -1_000_000_000 };
    expect(readingsOf(scriptOf([up, down, rest], safety), 60_000)).toBe(1);
  });

  it('ends a held voltage by its current, whichever way it flows', () => {
    const held = step({ kind: 'cv', voltageNv: 0 }, { currentBelowPa: 5_000_000_000 });
    expect(readingsOf(scriptOf([held, up]), 60_000)).toBe(1 + 4);
  });

  it('sets the instrument up before it measures, and where current and voltage take turns', () => {
    const held = step({ kind: 'cv', voltageNv: 0 }, {});
    const lines = scriptOf([rest, up, down, held]).split('\n');
    const marks = lines
      .filter((line) => /^(set_pgstat_mode|meas_loop)/.test(line))
      .map((line) => line.slice(0, 17));
    expect(marks).toEqual([
      ...['set_pgstat_mode 3', 'meas_loop_ocp e 1'],
      ...['set_pgstat_mode 6', 'meas_loop_cp e i ', 'meas_loop_cp e i '],
      ...['set_pgstat_mode 3', 'meas_loop_ca e i '],
    ]);
  });

  it('is one that the instrument takes, whatever the protocol', () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const { text } = exportMethodscript(tree);
        const parser = new ScriptParser({ scriptBytesMax: 1_000_000 });
        const [start, ...lines] = text.trimEnd().split('\n');
        expect(start).toBe('e');
        expect(lines.map((line) => parser.push(line)).filter((fault) => fault !== null)).toEqual([]);
        expect(parser.end().ok).toBe(true);
      }),
      { numRuns: 100, seed: 5 },
    );
  });
});

describe('what a script cannot say', () => {
  it('is told for each step', () => {
    const byCharge = step(
      { kind: 'cc', currentPa: 1_000_000_000 },
      { timeUs: null, chargeNc: 3_600_000_000 },
    );
    const held = step({ kind: 'cv', voltageNv: 1e9 }, { timeUs: null, atMostUs: 60_000_000, chargeNc: 1e9 });
    const safety = { voltageAboveNv: 2e9, voltageBelowNv: null, currentPa: 2e9 };
    expect(exportMethodscript({ items: [byCharge, held], safety }).dropped).toEqual([
      'script: the cell is open for a moment between a current and a held voltage',
      'safety: the limit of current is judged only while a voltage is held',
      'safety: the limits of voltage are judged only while a current flows',
      'cc: the end at a charge of 1 mAh becomes one after 3600 s',
      'cv: the end at a charge of 0.2777777778 mAh is left out',
      'cv: the bound of 60 s becomes an end',
    ]);
  });
});
