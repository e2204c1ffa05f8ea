// Goal: the page of the cell says what the code says. Method: its table of parameters, its list of cells and
// its examples are held against the library; every picture it shows is there.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import {
  CELL_LIBRARY,
  cellModelNames,
  describeCellFile,
} from '../../../firmware-sim/cell/library/cell-library.ts';
import { SCRIPT_FIELDS } from '../../../firmware-sim/cell/library/zinc-fields.ts';
import { parameterTable, plainTable } from '../../support/cell-plots/parameter-table.ts';

const folder = resolve(import.meta.dirname, '../../../firmware-sim/cell');
const page = readFileSync(join(folder, 'README.md'), 'utf8');
const lines = page.split('\n');

/** The tables under this head, one after the other in the page: their rows. */
function tablesUnder(head: string): readonly (readonly string[])[] {
  return lines.flatMap((line, index) => {
    if (line !== head) return [];
    const rest = lines.slice(index + 2);
    return [
      rest.slice(
        0,
        rest.findIndex((row) => !row.startsWith('|')),
      ),
    ];
  });
}

describe("the cell's page", () => {
  it('has each parameter with the default, the range and the source that the code has', () => {
    const [head = '', , ...zinc] = parameterTable();
    const plain = (kind: 'full' | 'hydrogen') => plainTable(kind).slice(2);
    expect(tablesUnder(head)).toEqual([zinc, plain('full'), plain('hydrogen')]);
  });

  it('lists every cell of the library with what it is', () => {
    const rows = cellModelNames().map((name) => {
      const { about = '', protocol = null } = CELL_LIBRARY[name] ?? {};
      return `| \`${name}\` | ${about.replaceAll('||', '‖')} | ${protocol ?? '–'} |`;
    });
    expect(tablesUnder('| cell | what it is | for protocol |')).toEqual([rows]);
  });

  it('shows pictures that are there', () => {
    const pictures = [...page.matchAll(/!\[[^\]]+\]\((plots\/[^)]+)\)/g)].map(([, path = '']) => path);
    expect(pictures.length).toBeGreaterThanOrEqual(7);
    expect(pictures.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  });

  it('has examples of cell files that are accepted as they stand', () => {
    const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const text of examples)
      expect(describeCellFile(parseYaml(text), 'example.yaml')).toMatchObject({ ok: true });
  });

  it('names every event that a script may hold, with its keys', () => {
    for (const [event, fields] of Object.entries(SCRIPT_FIELDS)) {
      const row = lines.find((line) => line.startsWith(`| \`${event}\` |`)) ?? '';
      for (const { key } of Object.values(fields).slice(1)) expect(row).toContain(`\`${key}\``);
    }
  });
});
