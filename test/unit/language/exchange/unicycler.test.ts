// Goal: a protocol goes to aurora-unicycler and comes back as it went, or says what was lost. Method: the
// worked example as its authors would write it; a law over random trees; texts that are wrong, each in one
// way.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Imported } from '../../../../src/language/exchange/exchange-tree.ts';
import { exportUnicycler } from '../../../../src/language/exchange/unicycler-export.ts';
import { importUnicycler } from '../../../../src/language/exchange/unicycler-import.ts';
import { someTrees, withoutNames, WORKED } from './samples.ts';

const WORKED_TEXT = `{"record":{"time_s":10},"safety":{"max_voltage_V":0.5,"min_voltage_V":-0.5},
 "sample":{"name":"zn-001"},"method":[{"step":"tag","tag":"c"},
  {"step":"constant_current","current_mA":1.131,"until_time_s":3600,"until_voltage_V":0.5},
  {"step":"constant_current","current_mA":-1.131,"until_time_s":3600,"until_voltage_V":-0.5},
  {"step":"loop","loop_to":"c","cycle_count":1000}]}`;

function imported(text: string): Extract<Imported, { ok: true }> {
  const result = importUnicycler(text);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result;
}

function problemsOf(method: string, head = '"record":{"time_s":10}'): string[] {
  const result = importUnicycler(`{${head},\n"method":[${method}]}`);
  return result.ok ? [] : result.problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

describe('the worked example in aurora-unicycler', () => {
  it('is read without a loss', () => {
    const { exchange, dropped } = imported(WORKED_TEXT);
    expect(withoutNames(exchange)).toEqual(withoutNames(WORKED));
    expect(dropped).toEqual([]);
  });

  it('is written as its authors would', () => {
    const { text, dropped } = exportUnicycler(WORKED);
    expect(dropped).toEqual([]);
    const { method, record, safety } = JSON.parse(WORKED_TEXT);
    const written = JSON.parse(text.replaceAll('loop-1', 'c'));
    expect({ method: written.method, record: written.record, safety: written.safety }).toEqual({
      method,
      record,
      safety,
    });
  });
});

describe('a protocol that goes to aurora-unicycler and back', () => {
  it('is what it was, exactly where nothing is said to be lost', () => {
    let [lossless, lossy] = [0, 0];
    fc.assert(
      fc.property(someTrees, (tree) => {
        const { text, dropped } = exportUnicycler(tree);
        const back = imported(text);
        const isSame = JSON.stringify(withoutNames(back.exchange)) === JSON.stringify(withoutNames(tree));
        if (dropped.length === 0) lossless += 1;
        else lossy += 1;
        expect(isSame, `${text}\n${dropped.join('\n')}`).toBe(dropped.length === 0);
        // What it came back as is all that this language can say: it stays so.
        const again = imported(exportUnicycler(back.exchange).text);
        expect(withoutNames(again.exchange)).toEqual(withoutNames(back.exchange));
      }),
      { numRuns: 300, seed: 7 },
    );
    expect(lossless).toBeGreaterThan(100);
    expect(lossy).toBeGreaterThan(50);
  });
});

describe('a text that aurora-unicycler writes', () => {
  it('may hold numbers as texts, empty values and C-rates of a known capacity', () => {
    const { exchange, dropped } = imported(`{
      "unicycler": {"version": "0.1.0"},
      "sample": {"name": "x", "capacity_mAh": "2"},
      "record": {"time_s": "10"},
      "method": [
        {"id": "a", "step": "constant_current", "rate_C": "D/2", "current_mA": null, "until_time_s": "600",
         "until_voltage_V": ""},
        {"step": "constant_voltage", "voltage_V": 1.8, "until_time_s": 60, "until_rate_C": 0.05}
      ]}`);
    expect(dropped).toEqual([]);
    const [discharge, hold] = exchange.items;
    expect(discharge).toMatchObject({
      mode: { kind: 'cc', currentPa: -1_000_000_000 },
      voltageBelowNv: null,
    });
    expect(hold).toMatchObject({
      mode: { kind: 'cv', voltageNv: 1_800_000_000 },
      currentBelowPa: 100_000_000,
    });
  });

  it('loops to a number of a step, and loops nest', () => {
    const rest = '{"step":"open_circuit_voltage","until_time_s":1}';
    const { exchange } = imported(`{"record":{"time_s":1},"method":[${rest},{"step":"tag","tag":"t"},${rest},
      {"step":"loop","loop_to":"t","cycle_count":3},{"step":"loop","loop_to":1,"cycle_count":2}]}`);
    const step = { kind: 'step', timeUs: 1_000_000 };
    const inner = { kind: 'group', count: 3, items: [step] };
    expect(exchange.items).toMatchObject([{ kind: 'group', count: 2, items: [step, inner] }]);
  });

  it('says what it assumes and what it leaves out', () => {
    const { dropped } = imported(`{"record":{"time_s":10,"voltage_V":0.1},"safety":{"delay_s":1},"method":[
      {"step":"tag","tag":"note"},
      {"step":"constant_current","current_mA":1,"until_voltage_V":0.5},
      {"step":"impedance_spectroscopy","amplitude_V":0.01,"start_frequency_Hz":1e5,"end_frequency_Hz":1}]}`);
    expect(dropped).toEqual([
      'record: voltage_V is left out: only time is kept',
      'method[1]: no end in time: taken to last 24 h at most',
      'method[2]: an impedance spectrum is left out',
      'method: the tag "note" is left out: no loop leads to it',
      'safety: delay_s is left out: hard limits strike at once',
    ]);
  });
});

describe('a text that is wrong', () => {
  const cc = '{"step":"constant_current","current_mA":1,"until_time_s":1}';
  const loop = (to: number): string => `{"step":"loop","loop_to":${to},"cycle_count":2}`;
  it.each([
    [
      'a misspelt key, with its place and what was meant',
      '{"step":"constant_current","current_mA":1,"until_tme_s":1}',
      '2:53: method[0]: unknown key "until_tme_s"; did you mean "until_time_s"?',
    ],
    [
      'an unknown step',
      '{"step":"hold"}',
      '2:12: method[0]: found the step "hold"; known: open_circuit_voltage',
    ],
    ['a current of 0', '{"step":"constant_current","current_mA":0,"until_time_s":1}', 'has no current'],
    ['a step that nothing ends', '{"step":"constant_current","current_mA":1}', 'nothing ends this step'],
    [
      'a C-rate without a capacity',
      '{"step":"constant_current","rate_C":1,"until_time_s":1}',
      'needs "sample',
    ],
    [
      'a number that is none',
      '{"step":"open_circuit_voltage","until_time_s":"1 h"}',
      'a number in s is wanted',
    ],
    ['a loop without a target', `${cc},{"step":"loop","loop_to":"x","cycle_count":2}`, 'no way back to "x"'],
    ['a loop forward', `{"step":"loop","loop_to":2,"cycle_count":2},${cc}`, 'no way back to "2"'],
    ['a count without end', `${cc},{"step":"loop","loop_to":1,"cycle_count":9999999999}`, 'a whole number 1'],
    ['loops that cross', `${cc},${cc},${loop(1)},${cc},${loop(2)}`, 'crosses another one'],
    ['nothing at all', '', 'there is no step in it'],
  ])('is refused for %s', (_case, method, wanted) => {
    expect(problemsOf(method).join('\n')).toContain(wanted);
  });

  it('is refused for loops that multiply beyond every run', () => {
    const loops = Array.from({ length: 3 }, () => '{"step":"loop","loop_to":1,"cycle_count":1000000000}');
    expect(problemsOf([cc, ...loops].join(',')).join('\n')).toContain('multiply to more than 1e15');
  });

  it('is refused for its size, its depth and for not being JSON, and never throws', () => {
    for (const text of [
      'x'.repeat(300_000),
      '['.repeat(10_000),
      '{"method": [',
      '',
      '7',
      '[]',
      '{"a": &x 1}',
    ])
      expect(importUnicycler(text).ok).toBe(false);
    fc.assert(fc.property(fc.json(), (text) => void importUnicycler(text)));
  });
});
