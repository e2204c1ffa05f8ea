// Goal: a protocol goes to BattINFO and comes back as it went, or says what was lost. Method: the worked
// example as the notes on formats have it; a law over random trees; texts that are wrong, each in one way.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportBattinfo } from '../../../../src/language/exchange/battinfo-export.ts';
import { importBattinfo } from '../../../../src/language/exchange/battinfo-import.ts';
import type { ExchangeTree, Imported } from '../../../../src/language/exchange/exchange-tree.ts';
import { someTrees, withoutNames, WORKED } from './samples.ts';

const OPTIONS = { title: 'Zn||Zn 1/1', unixS: 1_764_000_000 };

/** With the charge that the worked example of BattINFO has. */
const WORKED_CHARGE: ExchangeTree = {
  ...WORKED,
  items: WORKED.items.map((item) =>
    item.kind === 'step'
      ? item
      : {
          ...item,
          items: item.items.map((step) =>
            step.kind === 'group' ? step : { ...step, timeUs: null, chargeNc: 4_071_600_000 },
          ),
        },
  ),
};

const HALF = (
  direction: string,
  voltage: number,
  side: string,
): string => `{"mode":"cc","direction":"${direction}",
  "setpoints":{"current":{"value":1.131,"unit":"mA"}},
  "termination":[{"quantity":"capacity","value":1.131,"unit":"mAh","direction":"above"},
    {"quantity":"voltage","value":${voltage},"unit":"V","direction":"${side}"}]}`;

const WORKED_TEXT = `{"schema_version":"0.1.0",
 "test_spec":{"id":"https://w3id.org/battinfo/spec/xxxx-xxxx-xxxx-xxxx","name":"Zn||Zn 1/1","kind":"cycling"},
 "provenance":{"source_type":"lab","retrieved_at":1764000000},
 "record":{"time_s":10},"safety":{"max_voltage_V":0.5,"min_voltage_V":-0.5},
 "method":[{"mode":"group","count":1000,"steps":[
   ${HALF('charge', 0.5, 'above')},
   ${HALF('discharge', -0.5, 'below')}]}]}`;

function imported(text: string): Extract<Imported, { ok: true }> {
  const result = importBattinfo(text);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join('\n'));
  return result;
}

describe('the worked example in BattINFO', () => {
  it('is read without a loss', () => {
    const { exchange, dropped } = imported(WORKED_TEXT);
    expect(withoutNames(exchange)).toEqual(withoutNames(WORKED_CHARGE));
    expect(dropped).toEqual([]);
  });

  it('is written as the notes have it', () => {
    const { text, dropped } = exportBattinfo(WORKED_CHARGE, OPTIONS);
    expect(JSON.parse(text)).toEqual(JSON.parse(WORKED_TEXT));
    expect(dropped).toEqual([]);
  });
});

describe('a protocol that goes to BattINFO and back', () => {
  it('is what it was, exactly where nothing is said to be lost', () => {
    let [lossless, lossy] = [0, 0];
    fc.assert(
      fc.property(someTrees, (tree) => {
        const { text, dropped } = exportBattinfo(tree, OPTIONS);
        const back = imported(text);
        const isSame = JSON.stringify(withoutNames(back.exchange)) === JSON.stringify(withoutNames(tree));
        if (dropped.length === 0) lossless += 1;
        else lossy += 1;
        expect(isSame, `${text}\n${dropped.join('\n')}`).toBe(dropped.length === 0);
        const again = imported(exportBattinfo(back.exchange, OPTIONS).text);
        expect(withoutNames(again.exchange)).toEqual(withoutNames(back.exchange));
      }),
      { numRuns: 300, seed: 7 },
    );
    expect(lossless).toBeGreaterThan(100);
    expect(lossy).toBeGreaterThan(20);
  });
});

describe('a text of BattINFO', () => {
  const text = (method: string, more = ''): string =>
    `{"schema_version":"0.1.0","record":{"time_s":1}${more},\n"method":[${method}]}`;

  it('may have a duration beside its ends, a rule of its own, and other units', () => {
    const { exchange } = imported(
      text(`{"mode":"rest","duration":{"value":1.5,"unit":"hour"},"period":{"value":1,"unit":"min"}},
        {"mode":"cv","setpoints":{"voltage":{"value":1800,"unit":"mV"}},"duration":{"value":60,"unit":"s"},
         "termination":[{"quantity":"duration","value":30,"unit":"s"},
           {"quantity":"current","value":50,"unit":"uA","direction":"below"}]}`),
    );
    expect(exchange.items).toMatchObject([
      { timeUs: 5_400_000_000, everyUs: 60_000_000 },
      {
        mode: { voltageNv: 1_800_000_000 },
        timeUs: 30_000_000,
        currentBelowPa: 50_000_000,
        everyUs: 1_000_000,
      },
    ]);
  });

  it('says what it assumes and what it leaves out', () => {
    const { dropped } = imported(
      text(
        `{"mode":"eis"},{"mode":"cc","direction":"charge","setpoints":{"current":{"value":1,"unit":"mA"}},
         "temperature":{"value":25,"unit":"degC"},
         "termination":[{"quantity":"voltage","value":0.5,"unit":"V","direction":"above"}]}`,
        ',"conditions":{"temperature":{"value":25,"unit":"degC"}}',
      ),
    );
    expect(dropped).toEqual([
      'conditions: left out: no temperature is set',
      'method[0]: an impedance spectrum is left out',
      'method[1]: its temperature is left out',
      'method[1]: no end in time: taken to last 24 h at most',
    ]);
  });

  const current = '"setpoints":{"current":{"value":1,"unit":"mA"}}';
  it.each([
    [
      'a misspelt key',
      '{"mode":"rest","duraton":{}}',
      '2:26: method[0]: unknown key "duraton"; did you mean',
    ],
    ['a constant power', '{"mode":"cp"}', 'the mode "cp" is not known here; write a constant current'],
    ['a mode that is none', '{"mode":"cx"}', 'found the mode "cx"; did you mean "cc"?'],
    ['a current without a direction', `{"mode":"cc",${current}}`, 'a direction, "charge" or "discharge"'],
    ['a rest without an end', '{"mode":"rest"}', 'nothing ends this step in time'],
    [
      'a C-rate as an end',
      '{"mode":"rest","termination":[{"quantity":"c_rate"}]}',
      'found an end by "c_rate"',
    ],
    [
      'a unit of something else',
      '{"mode":"rest","duration":{"value":1,"unit":"V"}}',
      'the unit "V" is none of a',
    ],
    [
      'a unit of no language',
      '{"mode":"rest","duration":{"value":1,"unit":"constructor"}}',
      'is none of a time',
    ],
    [
      'a group with a duration',
      '{"mode":"group","duration":{"value":1,"unit":"s"}}',
      'a group has no "duration"',
    ],
    ['a count of 0', '{"mode":"group","count":0,"steps":[{"mode":"eis"}]}', 'a whole number 1'],
    ['a text for an object', '"rest"', 'method[0]: found "rest", an object is wanted'],
  ])('is refused for %s', (_case, method, wanted) => {
    const result = importBattinfo(text(method));
    const lines = result.ok ? [] : result.problems.map((at) => `${at.line}:${at.column}: ${at.message}`);
    expect(lines.join('\n')).toContain(wanted);
  });

  it('is refused for its depth, and never throws', () => {
    const open = '{"mode":"group","count":2,"steps":[';
    const deep = (levels: number): string =>
      `${open.repeat(levels)}{"mode":"rest","duration":{"value":1,"unit":"s"}}${']}'.repeat(levels)}`;
    expect(importBattinfo(text(deep(12))).ok).toBe(true);
    expect(importBattinfo(text(deep(13))).ok).toBe(false);
    expect(importBattinfo(text(deep(5000))).ok).toBe(false);
    fc.assert(fc.property(fc.json(), (json) => void importBattinfo(json)));
  });
});
