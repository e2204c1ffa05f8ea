// Goal: the page about instruments says what the code says. Method: its passages of code are looked for in
// the files of the worked example, its table is made anew from what the drivers declare, its files are there;
// `npm run pages` writes the table.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DIALECT_NAMES } from '../../../src/config/dialect-names.ts';
import { dialectRig } from '../../support/dialect-rig.ts';
import { capabilitiesTable } from '../../support/pages/capabilities-table.ts';
import { withPart } from '../../support/pages/marked-part.ts';

const root = resolve(import.meta.dirname, '../../..');
const pagePath = join(root, 'src/device/README.md');
const page = readFileSync(pagePath, 'utf8');

describe('the page about instruments', () => {
  it('shows passages of the worked example as they stand in its files', () => {
    const files = ['acme-language.ts', 'acme-actuator.ts', 'acme.ts'].map((name) =>
      readFileSync(join(root, 'test/support/acme', name), 'utf8'),
    );
    const passages = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
    expect(passages.length).toBeGreaterThanOrEqual(8);
    expect(passages.filter((passage) => !files.some((text) => text.includes(passage)))).toEqual([]);
    for (const text of files) expect(passages.some((passage) => text.includes(passage))).toBe(true);
  });

  it('tells of each dialect what its driver declares', async () => {
    const capabilities = new Map(
      DIALECT_NAMES.map((dialect) => [
        dialect,
        dialectRig({ dialect, parameters: { cycles: 1 } }).link.capabilities,
      ]),
    );
    const written = withPart(page, 'capabilities', capabilitiesTable(capabilities));
    await expect(written).toMatchFileSnapshot(pagePath);
  });

  it('names files that are there', () => {
    const named = [...page.matchAll(/`((?:src|test|firmware-sim)\/[\w/.-]+)`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
