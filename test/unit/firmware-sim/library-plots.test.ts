// Goal: the pictures of the cell's page show what the model does today. Method: each is made anew from the
// cell library and compared byte for byte with the file in the tree; `npm run plots` writes them.
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIGURES } from '../../support/cell-plots/figures.ts';
import { svgOf } from '../../support/cell-plots/svg.ts';

const folder = resolve(import.meta.dirname, '../../../firmware-sim/cell/plots');

describe('the pictures of the cell', () => {
  it.each(Object.entries(FIGURES))('%s is what the model gives', async (name, figure) => {
    await expect(svgOf(figure())).toMatchFileSnapshot(`${folder}/${name}.svg`);
  });

  it('are all there, and no other', () => {
    const names = Object.keys(FIGURES).map((name) => `${name}.svg`);
    expect(readdirSync(folder).sort()).toEqual(names.sort());
  });
});
