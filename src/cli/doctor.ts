// `galvanode doctor`: first checks of machine and bench; each line says ok, warn or fail, and what to do.
// Sends nothing to any instrument.
import type { Command } from 'commander';
import { EXIT } from '../base/errors.ts';
import { listPorts, THIS_MACHINE } from '../bytes/port-list.ts';
import { openTcpPort } from '../bytes/tcp-port.ts';
import { DIALECTS } from '../device/dialects.ts';
import type { Check } from './check.ts';
import { type CommonOptions, loadContext } from './context.ts';
import { machineChecks } from './doctor-machine.ts';
import { networkChecks } from './doctor-network.ts';
import { portChecks } from './doctor-ports.ts';
import { printJson, printLine, printTable } from './output.ts';
import { findPortOwners } from './port-owners.ts';
import { udevRules } from './udev-rules.ts';

interface DoctorOptions {
  readonly json?: true;
  readonly udev?: true;
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check this machine and the configuration')
    .option('--udev', 'print udev rules for the instruments, and nothing else')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'before',
      `Examples:
  galvanode doctor
  galvanode doctor --json
  galvanode doctor --udev | sudo tee /etc/udev/rules.d/70-galvanode.rules
`,
    )
    .action(async (options: DoctorOptions) => doctor(options, program.opts<CommonOptions>()));
}

async function doctor(options: DoctorOptions, common: CommonOptions): Promise<void> {
  if (options.udev === true) return printLine(udevRules(DIALECTS).trimEnd());
  const context = loadContext(common);
  const owners = await findPortOwners(context);
  const checks: readonly Check[] = [
    ...machineChecks(context),
    ...portChecks({
      ...{ config: context.config, ports: await listPorts(), root: THIS_MACHINE.root },
      groups: process.getgroups?.() ?? [],
      isRoot: process.getuid?.() === 0,
    }),
    // A serial server takes one connection: where the daemon has it, a second would only be in the way.
    ...(owners.isDaemonUp ? [] : await networkChecks(context.config, openTcpPort)),
  ];
  if (options.json === true) printJson({ checks });
  else
    printTable(
      ['CHECK', 'RESULT', 'FOUND', 'WHAT TO DO'],
      checks.map(({ name, level, found, fix }) => [name, level, found, level === 'ok' ? '' : fix]),
    );
  if (checks.some(({ level }) => level === 'fail')) process.exitCode = EXIT.difference;
}
