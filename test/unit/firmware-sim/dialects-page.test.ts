// Goal: the page about the emulators says what they do. Method: each row of its tables of commands is sent
// to the emulator, the tables and the comparison of the four dialects are made anew; `npm run pages` writes
// them.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answerOf, coverageTable } from '../../support/pages/coverage.ts';
import { KEITHLEY2400 } from '../../support/pages/coverage-keithley2400.ts';
import { METHODSCRIPT_LINE, METHODSCRIPT_SCRIPT } from '../../support/pages/coverage-methodscript.ts';
import { ZAHNER } from '../../support/pages/coverage-zahner.ts';
import { chargeTable, verdictTable } from '../../support/pages/dialect-comparison.ts';
import { withPart } from '../../support/pages/marked-part.ts';

const PARTS = [
  { part: 'methodscript line', dialect: 'methodscript', rows: METHODSCRIPT_LINE },
  { part: 'methodscript script', dialect: 'methodscript', rows: METHODSCRIPT_SCRIPT },
  { part: 'keithley2400', dialect: 'keithley2400', rows: KEITHLEY2400 },
  { part: 'zahner', dialect: 'zahner', rows: ZAHNER },
] as const;
const ROWS = PARTS.flatMap(({ dialect, rows }) => rows.map((row) => ({ dialect, ...row })));

describe('the page about the emulators', () => {
  it('shows every command and the four dialects side by side as they are', async () => {
    const path = resolve(import.meta.dirname, '../../../firmware-sim/dialects/README.md');
    let page = readFileSync(path, 'utf8');
    for (const { part, rows } of PARTS) page = withPart(page, part, coverageTable(rows));
    page = withPart(page, 'charges, ideal', chargeTable('ideal'));
    page = withPart(page, 'charges, own errors', chargeTable('own'));
    page = withPart(page, 'verdicts', verdictTable());
    await expect(page).toMatchFileSnapshot(path);
  }, 180_000);

  it.each(ROWS)('says the truth of $dialect: $commands', ({ dialect, state, tries }) => {
    expect(tries.length > 0 || state === 'out of scope').toBe(true);
    for (const one of tries) expect(answerOf(dialect, one), one.sent).toMatch(one.answer);
  });
});
