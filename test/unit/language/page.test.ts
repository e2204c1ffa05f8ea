// Goal: the page on the language tells the truth. Method: every yaml block of protocols/README.md is parsed
// and prepared; what is a part of a protocol gets the head that every protocol has. Those that any instrument
// can do are run in virtual time, each on the cell it is for.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { protocolFromText } from '../../../src/language/protocol-from-source.ts';
import { describeCell } from '../../../firmware-sim/cell/library/cell-library.ts';
import { simulate } from '../../../src/cli/simulation.ts';
import { modesOf } from '../../../src/steps/check-program.ts';
import type { Protocol } from '../../../src/steps/protocol.ts';
import { COIN_CELL } from '../../support/prepared.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../protocols/README.md'), 'utf8');
const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => block);

function wholeText(block: string): string {
  if (block.startsWith('galvanode:')) return block;
  const head = ['galvanode: protocol/1', 'name: part', 'version: 1', 'title: Part', 'about: Of the page.'];
  if (!/^cell:/m.test(block)) head.push('cell: zn-zn');
  return [...head, block].join('\n');
}

const CELLS: Readonly<Record<string, string>> = { 'zn-cu': 'zn-cu', 'full-cell': 'zn-mno2' };

function protocolOf(block: string): Protocol {
  const result = protocolFromText(wholeText(block), { fileName: 'README.md' });
  if (!result.ok) throw new Error(result.problems.join('; '));
  return result.protocol;
}

/** Of each block that needs no more than a current: its number, a cell that it is for, the protocol. */
const runnable = blocks.flatMap((block, index) => {
  const protocol = protocolOf(block);
  const result = protocol.prepare({}, COIN_CELL);
  const modes = result.ok ? modesOf(result.prepared) : [];
  const kind = /^cell:\s*(?:\{ kind: )?([\w-]+)/m.exec(wholeText(block))?.[1] ?? '';
  const isForAny = modes.every((mode) => mode === 'rest' || mode === 'cc');
  return isForAny ? [[index + 1, CELLS[kind] ?? 'bare-zn', protocol] as const] : [];
});

describe('the page on the language', () => {
  it('has an example of each kind of step, limit and outcome', () => {
    const all = blocks.join('\n');
    const words = ['rest', 'plate', 'strip', 'cc', 'pulse', 'cv', 'sweep', 'eis', 'repeat', 'cycles', 'each'];
    const ends = [
      'time',
      'charge',
      'net charge',
      'last charge',
      'voltage above',
      'voltage below',
      'current below',
    ];
    for (const word of [
      ...words,
      ...ends,
      'go to',
      'when',
      'require',
      'safety',
      'at most',
      'record',
      'every',
    ])
      expect(all, word).toMatch(new RegExp(`\\b${word}:`));
    for (const outcome of ['end group', 'end run', 'hold']) expect(all).toContain(`then: ${outcome}`);
  });

  it.each(blocks.map((block, index) => [index + 1, block] as const))('block %d is a protocol', (_, block) => {
    const result = protocolFromText(wholeText(block), { fileName: 'README.md' });
    expect(result.ok ? [] : result.problems).toEqual([]);
    const prepared = result.ok ? result.protocol.prepare({}, COIN_CELL) : null;
    expect(prepared?.ok === false ? prepared.problems : []).toEqual([]);
  });

  it.each(runnable)('block %d runs to its end on %s', async (_, cellName, protocol) => {
    const folder = mkdtempSync(join(tmpdir(), 'galvanode-page-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const cellModel = describeCell(cellName);
    if (cellModel === null) throw new Error(`no cell ${cellName}`);
    const specimen = { sampleId: null, workingElectrode: null, counterElectrode: null, electrolyte: null };
    const parameters = 'cycles' in protocol.parameters ? { cycles: 2 } : {};
    const result = await simulate({
      request: {
        ...{ protocol, parameters, areaUcm2: COIN_CELL.areaUcm2, channel: 1 },
        cell: { ...specimen, separator: null, operator: null, notes: null },
      },
      ...{ seed: 7, cellModel, dialect: 'gvn1', instrument: 'bench', isDurable: false, logLevel: 'silent' },
      ...{ outPath: join(folder, 'page.db'), onProgress: () => 'go on' },
    });
    expect(result).toMatchObject({ state: 'done', verdict: 'completed' });
  });

  it('lists every protocol word that a kind of cell has', () => {
    for (const kind of ['zn-zn', 'zn-cu', 'full-cell', 'other']) expect(page).toContain(`| \`${kind}\` |`);
  });
});
