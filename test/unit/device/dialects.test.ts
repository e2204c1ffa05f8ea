// Goal: every dialect declares what finding, configuring and driving it needs, and asks nothing that another
// instrument could take amiss. Method: questions to each entry of the registry.

import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES as EMULATED } from '../../../firmware-sim/dialects/dialect-name.ts';
import { DIALECT_NAMES } from '../../../src/config/dialect-names.ts';
import { DIALECTS, findDialect, guessDialects } from '../../../src/device/dialects.ts';

describe('the dialects', () => {
  it('are those that the configuration takes', () => {
    expect(DIALECTS.map(({ name }) => name)).toEqual(DIALECT_NAMES);
    for (const name of DIALECT_NAMES) expect(findDialect(name).name).toBe(name);
  });

  it('are those that have an emulator', () => {
    expect(EMULATED).toEqual(DIALECT_NAMES);
  });

  it.each(DIALECTS)('$name writes its USB ids as Linux does', ({ usbIds }) => {
    for (const { vendorId, productId } of usbIds) {
      expect(vendorId).toMatch(/^[0-9a-f]{4}$/);
      if (productId !== null) expect(productId).toMatch(/^[0-9a-f]{4}$/);
    }
  });

  it.each(DIALECTS)('$name asks in whole lines of plain text, none of them empty', ({ probe }) => {
    // An empty line ends a MethodSCRIPT script that another host left half sent, and starts it. XON, XOFF and
    // ^X have meanings of their own.
    for (const line of (probe?.ask ?? 'none\n').split('\n').slice(0, -1)) expect(line).toMatch(/^[ -~]+\r?$/);
    expect(probe?.ask ?? 'none\n').toMatch(/[\r\n]$/);
  });

  it.each(DIALECTS)('$name knows its own answer, and takes nobody else for it', ({ name, probe }) => {
    const taken = Object.keys(ANSWERS).filter(
      (title) => (probe?.parse(ANSWERS[title] ?? '') ?? null) !== null,
    );
    expect(taken.filter((title) => !title.startsWith(name))).toEqual([]);
    if (probe !== null) expect(taken).not.toEqual([]);
  });

  it('are guessed from the USB descriptor where it tells', () => {
    const usbOf = (vendorId: string, productId: string) => ({ vendorId, productId });
    expect(guessDialects(null)).toEqual([]);
    expect(guessDialects(usbOf('ffff', 'ffff'))).toEqual([]);
    for (const { name, usbIds } of DIALECTS) {
      for (const { vendorId, productId } of usbIds) {
        const guessed = guessDialects(usbOf(vendorId, productId ?? '0000'));
        expect(guessed.map((dialect) => dialect.name)).toContain(name);
      }
    }
  });
});

/** What instruments say, to a question of their own or of another dialect. */
const ANSWERS: Readonly<Record<string, string>> = {
  'gvn1 without a session': '@0 nak code=NOSESSION*52c4e608\n',
  'methodscript version and serial number': 'tes4_hr1100#Jan 28 2022 11:04:43\nR*\niES4HR20B0008\n',
  'nobody: a refusal of a methodscript': '*!0003\n',
  'keithley2400 identity':
    'KEITHLEY INSTRUMENTS INC.,MODEL 2400,1234567,C30   Mar 17 2006 09:29:29/A02  /K/J\r',
  'zahner identity': 'ZAHNER-ELEKTRIK,PP212,33000,1.1.0\n',
  'nobody: a refusal of a zahner': 'error 27\n',
  'nobody: the data port of a zahner': 'ZAHNER-ELEKTRIK,PP212,33000,1.1.0 binary\n',
  'nobody: silence': '',
  'nobody: garbage': '\u0000\u00ff\u0080\n',
};
