// `galvanode device check`: a known resistor in place of the cell, to see what an instrument's zero and its
// two directions are worth. Opens the instrument itself, so no daemon may hold it. Corrects nothing.
import type { Command } from 'commander';
import { SystemClock } from '../base/clock.ts';
import { EXIT, GalvanodeError } from '../base/errors.ts';
import { formatQuantity, parseQuantity, type Dimension } from '../base/quantity.ts';
import type { Config } from '../config/config.ts';
import { writeCheck } from '../daemon/check-file.ts';
import { prepareCyclers } from '../daemon/create-cyclers.ts';
import { type CheckSubject, checkInstrument, type InstrumentCheck } from '../daemon/instrument-check.ts';
import type { Cycler, LinkReport } from '../device/cycler.ts';
import { type CommonOptions, type Context, loadContext } from './context.ts';
import { printJson, printTable, say } from './output.ts';
import { findPortOwners } from './port-owners.ts';
import { knownName, parseWhole } from './run-options.ts';

interface CheckOptions {
  readonly channel: string;
  readonly resistor: string;
  readonly current: string;
  readonly json?: true;
}

const ANSWER_MS = 10_000;
/** A check that would pass an error of 5 % says little. */
const WIDE_PPM = 50_000;

export function addDeviceCheck(device: Command, common: () => CommonOptions): void {
  device
    .command('check <cycler>')
    .description('zero and +- check on a known resistor; kept, and stored with the runs that follow')
    .requiredOption('--resistor <resistance>', 'in place of the cell, e.g. 100ohm')
    .requiredOption('--current <current>', 'driven in both directions, ten seconds each, e.g. 1mA')
    .option('--channel <n>', 'which channel', '1')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      `Examples:
  galvanode device check left --resistor 100ohm --current 1mA
  galvanode device check left --channel 2 --resistor 1kohm --current 500uA --json
`,
    )
    .action(async (name: string, options: CheckOptions) => check(name, options, common()));
}

async function check(name: string, options: CheckOptions, common: CommonOptions): Promise<void> {
  const context = loadContext(common);
  const { cyclers } = context.config;
  const known = knownName(
    'cycler',
    name,
    cyclers.map((cycler) => cycler.name),
  );
  const order = {
    channel: parseWhole(options.channel, { name: '--channel', min: 1, max: 64 }),
    resistorMohm: positive('--resistor', options.resistor, 'resistance'),
    currentPa: positive('--current', options.current, 'current'),
  };
  const clock = new SystemClock();
  const wanted = cyclers.filter((cycler) => cycler.name === known);
  await refuseOwned(wanted, context);
  const [makeCycler] = prepareCyclers(wanted);
  if (makeCycler === undefined) throw new GalvanodeError('CHANNEL_UNKNOWN', `no cycler "${name}"`);
  const cycler = makeCycler({ clock, token: `check-${process.pid}` });
  try {
    const { identity, capabilities } = await linkOf(cycler, clock);
    if (order.channel > capabilities.channels) {
      const found = `"--channel": ${order.channel} is outside 1 … ${capabilities.channels} of "${name}"`;
      throw new GalvanodeError('CHANNEL_UNKNOWN', found);
    }
    const { deviceId, model } = identity;
    const found = await checked({ cycler, capabilities, deviceId, model, clock }, order);
    if (found === null) return;
    const path = writeCheck(context.dataPath, known, found);
    if (options.json === true) printJson({ cycler: known, ...found, path });
    else printFindings(found);
    say(`kept in ${path}: every run on this channel from now on carries it; it corrects nothing`);
  } finally {
    cycler.close();
  }
}

/** Its port may be shared (TCP): that the daemon drives it must be known before anything is opened. */
async function refuseOwned(wanted: Config['cyclers'], context: Context): Promise<void> {
  const owners = await findPortOwners(context);
  for (const { port, data_port: dataPort } of wanted) {
    for (const address of dataPort === undefined ? [port] : [port, dataPort]) {
      const refusal = owners.refusalOf(address);
      if (refusal !== null) throw new GalvanodeError('PORT_BUSY', refusal);
    }
  }
}

function positive(name: string, text: string, dimension: Dimension): number {
  const parsed = parseQuantity(text, dimension);
  if (!parsed.ok) throw new GalvanodeError('USAGE', `"${name}": ${parsed.message}`);
  if (parsed.value > 0) return parsed.value;
  throw new GalvanodeError('USAGE', `"${name}": ${text} must be above 0`);
}

/** Throws what a link that does not come up has to say. */
function linkOf(cycler: Cycler, clock: SystemClock): Promise<Extract<LinkReport, { readonly type: 'up' }>> {
  return new Promise((resolve, reject) => {
    const limit = clock.after(ANSWER_MS, () =>
      reject(
        new GalvanodeError('LINK_TIMEOUT', `cycler "${cycler.name}" does not answer; check power and cable`),
      ),
    );
    cycler.onLink((report) => {
      limit.cancel();
      if (report.type === 'up') return resolve(report);
      reject(new GalvanodeError(CODES[report.reason], `cycler "${cycler.name}": ${report.detail}`));
    });
    cycler.start();
  });
}

const CODES = {
  absent: 'PORT_ABSENT',
  busy: 'PORT_BUSY',
  denied: 'PORT_DENIED',
  failed: 'PORT_FAILED',
  nonsense: 'DEVICE_NONSENSE',
  closed: 'LINK_CLOSED',
  timeout: 'LINK_TIMEOUT',
} as const;

/**
 * Null where a signal ended it, which is said. An instrument without a dead-man would go on driving, so the
 * cell is opened before this process ends.
 */
async function checked(
  subject: CheckSubject,
  order: Parameters<typeof checkInstrument>[1],
): Promise<InstrumentCheck | null> {
  const signals: NodeJS.Signals[] = [];
  const result = await new Promise<Parameters<Parameters<typeof checkInstrument>[2]>[0]>((resolve) => {
    const isAnswered = { value: false };
    const stop = checkInstrument(subject, order, (answer) => {
      isAnswered.value = true;
      resolve(answer);
    });
    // A refusal comes at once, and then nothing is driven.
    if (isAnswered.value) return;
    say(`driving ${formatQuantity(order.currentPa, 'current')} both ways through the resistor: 40 s`);
    const end = (signal: NodeJS.Signals): void => {
      signals.push(signal);
      stop();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  });
  if (result.ok) return result.value;
  const [first] = signals;
  if (first === undefined) throw new GalvanodeError(result.code, result.message);
  say(`galvanode: ${result.message}; nothing is kept`);
  process.exitCode = first === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  return null;
}

function printFindings(found: InstrumentCheck): void {
  const microvolts = (nv: number): string => `${(nv / 1000).toFixed(1)} uV`;
  const nanoamperes = (pa: number): string => `${(pa / 1000).toFixed(1)} nA`;
  printTable(
    ['WHAT', 'FOUND', 'BOUND OF THE DATA SHEET'],
    [
      ['zero of the voltage', microvolts(found.zeroVoltageNv), ''],
      ['zero of the current', nanoamperes(found.zeroCurrentPa), ''],
      ['drift of the zero', microvolts(found.zeroDriftNv), ''],
      [
        'plus: V/R against set',
        `${found.plus.resistorOffPpm} ppm`,
        `${found.boundPpm} ppm, and the resistor's`,
      ],
      [
        'minus: V/R against set',
        `${found.minus.resistorOffPpm} ppm`,
        `${found.boundPpm} ppm, and the resistor's`,
      ],
      ['plus against minus', `${found.directionMismatchPpm} ppm`, 'biases each efficiency by as much'],
      ['noise', `${microvolts(found.noiseNv)}, ${nanoamperes(found.noisePa)}`, ''],
    ],
  );
  if (found.boundPpm > WIDE_PPM)
    say('the bound is wide, as the voltage is small: a larger resistor or current makes the check sharper');
  if (!found.isWithinBound) say('beyond the bound: check the resistor, the leads and when it was calibrated');
}
