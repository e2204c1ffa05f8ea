// A part of a page that is made from the code: it stands between `<!-- NAME -->` and `<!-- end -->`. Tests
// put what the code says today in its place and compare the page with itself; `npm run pages` writes it.

/** The page with this text as its part of that name. Throws where it has no such part. */
export function withPart(page: string, name: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- ${name} -->`, '<!-- end -->'];
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`the page has no part between "${begin}" and "${end}"`);
  return [page.slice(0, from) + begin, ...lines, page.slice(to)].join('\n');
}

/** Rows of a table under its head. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const rowOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [rowOf(head), rowOf(head.map(() => '---')), ...rows.map(rowOf)];
}
