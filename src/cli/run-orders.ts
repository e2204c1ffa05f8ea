// `galvanode run pause|resume|skip|finish|set`: what an operator asks of a run while it goes on. Each goes
// through the daemon, which answers with what will come of it, or with why not (exit code 6).
import type { Command } from 'commander';
import { GalvanodeError } from '../base/errors.ts';
import { askControl, controlPath } from '../daemon/control-server.ts';
import { type CommonOptions, dataPathFrom } from './context.ts';
import { printJson, printLine } from './output.ts';
import { collectSetting } from './run-options.ts';

interface OrderOptions {
  readonly reason: string;
  readonly json?: true;
}

/** What a summary of the daemon is sure to hold. */
export interface AskedRun {
  readonly run: string;
  readonly state: string;
  readonly reason: string;
}

export async function askDaemon(
  common: CommonOptions,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Promise<AskedRun> {
  const reply = await askControl(controlPath(dataPathFrom(common).path), { method, params });
  if (!reply.ok) throw new GalvanodeError(reply.code, reply.message);
  return reply.value as AskedRun;
}

const ORDERS = [
  {
    name: 'pause',
    about: 'open the cell now and keep the run; what is left of its step waits for `run resume`',
    example: 'galvanode run pause 01KDV --reason "cell out for a photograph"',
  },
  {
    name: 'resume',
    about: 'let a run go on that is paused or holds: a rest of 2 s, then what is left of its step',
    example: 'galvanode run resume 01KDV --reason "cable replaced"',
  },
  {
    name: 'skip',
    about: 'end the running step now; the program goes on as after its end',
    example: 'galvanode run skip 01KDV --reason "wetted long enough"',
  },
  {
    name: 'finish',
    about: 'end the run after its present cycle; in a rest outside cycles at once',
    example: 'galvanode run finish 01KDV --reason "enough cycles for the paper"',
  },
] as const;

/** Adds the orders to `galvanode run`. */
export function addRunOrders(run: Command, common: () => CommonOptions): void {
  for (const { name, about, example } of ORDERS) {
    run
      .command(`${name} <run>`)
      .description(about)
      .option('--reason <text>', 'goes into the record', '')
      .option('--json', 'one JSON object on stdout')
      .addHelpText('before', `Examples:\n  ${example}\n`)
      .action(async (asked: string, options: OrderOptions) => {
        const params = { run: asked, reason: options.reason };
        printAnswer(await askDaemon(common(), `run.${name}`, params), options);
      });
  }
  addSet(run, common);
}

function addSet(run: Command, common: () => CommonOptions): void {
  run
    .command('set <run> <settings...>')
    .description('change parameters from the next cycle on; bounds and checks are those of `run start`')
    .option('--reason <text>', 'goes into the record', '')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      `Examples:
  galvanode run set 01KDV cycles=500
  galvanode run set 01KDV current_density="0.5 mA/cm2" record_interval=1s --reason "dendrites feared"
`,
    )
    .action(async (asked: string, settings: readonly string[], options: OrderOptions) => {
      const nothing: Readonly<Record<string, string>> = {};
      const parameters = settings.reduce((before, text) => collectSetting(text, before), nothing);
      const params = { run: asked, reason: options.reason, parameters };
      printAnswer(await askDaemon(common(), 'run.set', params), options);
    });
}

function printAnswer(answer: AskedRun, { json }: OrderOptions): void {
  if (json === true) return printJson(answer);
  const told = 'told' in answer ? String(answer.told) : `is ${answer.state}: ${answer.reason}`;
  printLine(`run ${answer.run} ${told}`);
}
