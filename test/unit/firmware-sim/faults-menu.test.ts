// Goal: what an operator writes behind `--fault` is a fault of the menu or one line that says what would be
// right; the menu and the emulators agree on who makes what. Method: tables of texts.
import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../../firmware-sim/create-instrument.ts';
import { DIALECT_NAMES } from '../../../firmware-sim/dialects/dialect-name.ts';
import { FAULT_MENU, faultValue } from '../../../firmware-sim/faults/fault-menu.ts';
import { parseFault } from '../../../firmware-sim/faults/parse-fault.ts';

describe('parseFault', () => {
  it.each([
    ['silent', { name: 'silent', value: null, atS: null }],
    ['silent=30', { name: 'silent', value: 30, atS: null }],
    ['silent@120', { name: 'silent', value: null, atS: 120 }],
    ['silent=0.5@1e3', { name: 'silent', value: 0.5, atS: 1000 }],
    ['reset@60', { name: 'reset', value: null, atS: 60 }],
    ['clock-drift=-100', { name: 'clock-drift', value: -100, atS: null }],
  ])('reads %s', (text, fault) => {
    expect(parseFault(text, 'gvn1')).toEqual({ ok: true, fault });
  });

  it.each([
    ['slient', 'no fault "slient"; did you mean "silent"?'],
    ['reset', '"reset": say when, in seconds of the device: reset@60'],
    ['reset=3@60', '"reset" takes no value, found "3"'],
    ['byte-flips=2', '"byte-flips": "2" is not within 0 … 1 (share)'],
    ['silent=', '"silent": "" is not within 0 … 1000000 (s)'],
    ['silent=ten', '"silent": "ten" is not within 0 … 1000000 (s)'],
    ['silent@-1', '"silent": "@-1" is not a number of seconds from 0 on'],
    ['silent@', '"silent": "@" is not a number of seconds from 0 on'],
    ['clock-drift=50@3', '"clock-drift" holds from power-up on; leave out "@3"'],
  ])('refuses %s', (text, problem) => {
    expect(parseFault(text, 'gvn1')).toEqual({ ok: false, problem });
  });

  it('says whose fault it is where the dialect does not know it', () => {
    const parsed = parseFault('late-z=500', 'gvn1');
    expect(parsed.ok ? '' : parsed.problem).toMatch(
      /^"late-z" is a fault of methodscript; gvn1 has silent, tx-/,
    );
    expect(parseFault('late-z=500', 'methodscript').ok).toBe(true);
  });

  it('never throws, whatever is written', () => {
    for (const text of ['', '=', '@', '=@', '@=', 'silent=1=2', 'silent@1@2', 'a\nb', 'silent\n@1']) {
      expect(parseFault(text, 'gvn1').ok).toBe(false);
    }
  });
});

describe('the menu', () => {
  it('names each fault once', () => {
    expect(new Set(FAULT_MENU.map(({ name }) => name)).size).toBe(FAULT_MENU.length);
  });

  it.each(DIALECT_NAMES)('leaves to the emulator of %s what it makes itself, and nothing else', (dialect) => {
    const { faults } = DIALECTS[dialect];
    const left = FAULT_MENU.filter(
      ({ place, dialects }) => place === 'dialect' && dialects.includes(dialect),
    ).map(({ name }) => name);
    expect(faults).toEqual(expect.arrayContaining(left));
    const known = FAULT_MENU.filter(({ dialects }) => dialects.includes(dialect)).map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining([...faults]));
  });

  it('has a default within its bounds for every value that this folder uses', () => {
    for (const { name, place, value } of FAULT_MENU) {
      if (place === 'dialect' || value === null) continue;
      const used = faultValue({ name, value: null, atS: null });
      expect(used >= value.min && used <= value.max).toBe(true);
    }
  });
});
