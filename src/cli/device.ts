// `galvanode device`: which instruments are where, before and beside a configuration. No command here drives
// a cell, `check` aside; none opens a port that a daemon or another program has.
import type { Command } from 'commander';
import type { CommonOptions } from './context.ts';
import { addDeviceCheck } from './device-check.ts';
import { addDeviceConsole } from './device-console.ts';
import { addDeviceIdentify } from './device-identify.ts';
import { addDeviceList } from './device-list.ts';

export function addDeviceCommand(program: Command): void {
  const device = program
    .command('device')
    .description('instruments: list, identify, console, check')
    .addHelpText(
      'before',
      `Examples:
  galvanode device list
  galvanode device identify
  galvanode device console /dev/ttyACM0
`,
    );
  const common = (): CommonOptions => program.opts<CommonOptions>();
  addDeviceList(device, common);
  addDeviceIdentify(device, common);
  addDeviceConsole(device, common);
  addDeviceCheck(device, common);
}
