// Goal: what identify prints can be pasted into a configuration. Method: instruments that were found, and the
// schema of the configuration as the judge.

import { describe, expect, it } from 'vitest';
import { configSnippet, type Identified } from '../../../src/cli/config-snippet.ts';
import { parseConfig } from '../../../src/config/config.ts';
import { GVN1 } from '../../../src/device/drivers/gvn1.ts';

const FOUND: Identified = {
  address: '/dev/serial/by-id/usb-Zahner_PP212_33000-if00',
  dialect: GVN1,
  instrument: { model: 'PP212', serial: '33000', firmware: '1.1.0' },
  dataPort: null,
};

describe('the snippet of an instrument', () => {
  it('names it after model and serial number, and says how to reach it', () => {
    expect(configSnippet(FOUND)).toEqual({ name: 'pp212-33000', dialect: 'gvn1', port: FOUND.address });
  });

  it('has the data port of an instrument that sends its data there', () => {
    const found = { ...FOUND, dialect: { ...GVN1, hasDataPort: true } };
    expect(configSnippet({ ...found, dataPort: '/dev/ttyACM1' })).toMatchObject({
      data_port: '/dev/ttyACM1',
    });
    expect(configSnippet(found)).toMatchObject({
      data_port: expect.stringContaining('its other port') as string,
    });
  });

  it.each([
    ['MODEL 2400', '1234567', 'model-2400-1234567'],
    ['gvn1', null, 'gvn1'],
    ['±', null, 'gvn1'],
    ['-x-', '', 'x'],
    ['x'.repeat(40), '7', 'x'.repeat(32)],
  ])('is taken by the configuration for model "%s", serial %s', (model, serial, name) => {
    const snippet = configSnippet({ ...FOUND, instrument: { model, serial, firmware: null } });
    expect(snippet.name).toBe(name);
    expect(parseConfig({ cyclers: [snippet] })).toMatchObject({ ok: true });
  });
});
