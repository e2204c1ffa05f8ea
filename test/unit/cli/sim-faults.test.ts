// Goal: `galvanode sim --fault` says what it can do and refuses what it cannot, in one line. Method: the
// option by itself; no simulator is started.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULT_MENU } from '../../../firmware-sim/faults/fault-menu.ts';
import { GalvanodeError } from '../../../src/base/errors.ts';
import { collectFault, faultHelp, faultsFrom } from '../../../src/cli/sim-faults.ts';

const NAMES = FAULT_MENU.map(({ name }) => name);

describe('--fault', () => {
  it('may be repeated, and keeps the order', () => {
    const texts = collectFault('reset@60', collectFault('silent=30@120'));
    expect(faultsFrom(texts, 'gvn1')).toEqual([
      { name: 'silent', value: 30, atS: 120 },
      { name: 'reset', value: null, atS: 60 },
    ]);
  });

  it('is a wrong call where the dialect has no such fault', () => {
    const act = (): unknown => faultsFrom(['silent', 'byte-flip=0.1'], 'gvn1');
    expect(act).toThrow(GalvanodeError);
    expect(act).toThrow('"--fault": no fault "byte-flip"; did you mean "byte-flips"?');
    try {
      act();
    } catch (thrown) {
      expect(thrown instanceof GalvanodeError && thrown.code).toBe('USAGE');
    }
  });
});

describe('the help', () => {
  it.each(NAMES)('has a line for %s with its meaning', (name) => {
    const entry = FAULT_MENU.find((candidate) => candidate.name === name);
    const line = faultHelp()
      .split('\n')
      .find((text) => new RegExp(`^ {2}${name}[[@ ]`).test(text));
    expect(line).toContain(entry?.about);
    if (entry !== undefined && entry.value !== null) expect(line).toContain(`[=${entry.value.unit}]`);
  });

  it('and the page beside the faults name the same ones', () => {
    const path = join(import.meta.dirname, '../../../firmware-sim/faults/README.md');
    const named = [...readFileSync(path, 'utf8').matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, name]) => name);
    expect(named).toEqual(NAMES);
  });
});
