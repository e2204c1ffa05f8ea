// `npm run reliability`: what happens to runs when things go wrong, one row a fault, at the counts of CI.
// Ends with 9 where a row is not passed. `--json`: one array on stdout; otherwise a table. `--only R4,R7`,
// `--trials N` and `--seed N` narrow it down or repeat it.
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/base/errors.ts';
import { rounded } from '../bench/statistics.ts';
import { type Row, rowOf, type RowPlan } from './row.ts';
import { ROWS } from './rows.ts';

const EXIT_USAGE = 2;
const EXIT_DIFFERENT = 9;
const SIGNAL_EXITS = { SIGINT: 130, SIGTERM: 143 } as const;
const USAGE = 'usage: npm run reliability -- [--json] [--only R1,R4] [--trials N] [--seed N]\n';

interface Order {
  readonly isJson: boolean;
  readonly plans: readonly RowPlan[];
  /** null: each row's own number. */
  readonly trials: number | null;
  readonly seed: number;
}

const order = orderFrom(process.argv.slice(2));
if (order === null) {
  process.stderr.write(`${USAGE}rows: ${ROWS.map(({ id }) => id).join(', ')}\n`);
  process.exit(EXIT_USAGE);
}
for (const [signal, code] of Object.entries(SIGNAL_EXITS)) process.once(signal, () => process.exit(code));
const rows: Row[] = [];
for (const plan of order.plans) {
  // One after another: they measure time, and wear the same two cores.
  // oxlint-disable-next-line no-await-in-loop
  rows.push(await runRow(plan, order));
}
process.stdout.write(order.isJson ? `${JSON.stringify(rows)}\n` : tableOf(rows));
process.exitCode = rows.every(({ pass }) => pass) ? 0 : EXIT_DIFFERENT;

async function runRow(plan: RowPlan, { trials, seed }: Order): Promise<Row> {
  const startMs = performance.now();
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const count = trials ?? plan.trials;
  say(`${plan.id}: ${plan.fault}, ${count} trials, seed ${seed}`);
  const figures = await plan.run({ seed, trials: count, say }).catch((thrown: unknown) => ({
    ...{ trials: count, lost: 0, duplicated: 0, unflaggedGaps: 0, unsafeS: 0, late: [], notes: {} },
    problems: [`it could not be carried out: ${messageOf(thrown)}`],
  }));
  return rowOf(plan, figures, rounded((performance.now() - startMs) / 1000, 1) ?? 0);
}

/** null: what was asked for is not understood. */
function orderFrom(args: readonly string[]): Order | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        only: { type: 'string' },
        trials: { type: 'string' },
        seed: { type: 'string', default: '1' },
      },
    });
    const { json, only, trials, seed } = values;
    const ids = only?.split(',') ?? ROWS.map(({ id }) => id);
    const plans = ROWS.filter(({ id }) => ids.includes(id));
    const numbers = [seed, trials ?? '1'];
    if (plans.length !== new Set(ids).size || numbers.some((text) => !/^[1-9]\d{0,8}$/.test(text)))
      return null;
    return { isJson: json, plans, trials: trials === undefined ? null : Number(trials), seed: Number(seed) };
  } catch {
    return null;
  }
}

function tableOf(all: readonly Row[]): string {
  const lines = all.map((row) => {
    const { id, pass, trials, lost, duplicated, unflaggedGaps, unsafeS, wallS, fault } = row;
    const numbers = [trials, lost, duplicated, unflaggedGaps, unsafeS, wallS];
    const cells = numbers.map((number) => String(number).padStart(10)).join('');
    const notes = Object.entries(row.notes).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    const details = [...row.problems, ...(notes.length === 0 ? [] : [notes.join(', ')])];
    return [
      `${id.padEnd(5)}${pass ? 'ok  ' : 'FAIL'}${cells}  ${fault}`,
      ...details.map((text) => `     ${text}`),
    ];
  });
  const names = ['trials', 'lost', 'doubled', 'unflagged', 'unsafe s', 'wall s'];
  const head = `${' '.repeat(9)}${names.map((name) => name.padStart(10)).join('')}`;
  return `${[head, ...lines.flat()].join('\n')}\n`;
}
