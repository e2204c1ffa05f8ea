// Goal: the page on the language tells the truth. Method: every yaml block of protocols/README.md is parsed
// and prepared; what is a part of a protocol gets the head that every protocol has.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { protocolFromText } from '../../../src/language/protocol-from-source.ts';
import { COIN_CELL } from '../../support/prepared.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../protocols/README.md'), 'utf8');
const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => block);

function wholeText(block: string): string {
  if (block.startsWith('galvanode:')) return block;
  const head = ['galvanode: protocol/1', 'name: part', 'version: 1', 'title: Part', 'about: Of the page.'];
  if (!/^cell:/m.test(block)) head.push('cell: zn-zn');
  return [...head, block].join('\n');
}

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

  it('lists every protocol word that a kind of cell has', () => {
    for (const kind of ['zn-zn', 'zn-cu', 'full-cell', 'other']) expect(page).toContain(`| \`${kind}\` |`);
  });
});
