// What each dialect can and cannot report, as a table of src/device/README.md, from what its driver declares.
import type { Capabilities } from '../../../src/device/cycler.ts';
import { HOST_LEASE_MAX_MS } from '../../../src/device/hosted/host-lease.ts';
import { tableOf } from './marked-part.ts';

const ROWS: Readonly<Record<string, (capabilities: Capabilities) => string>> = {
  'kinds of step (`modes`)': ({ modes }) => modes.join(', '),
  'voltage limits judged by': ({ limits }) => limits.voltage,
  'end at a charge judged by': ({ limits }) => limits.charge,
  'short floor judged by': ({ limits }) => limits.shortFloor,
  'record rules applied by': ({ recordRules }) => recordRules,
  'bursts at the start of a step (`recordBursts`)': ({ recordBursts }) =>
    recordBursts === null ? 'none' : `${recordBursts.by}, down to ${recordBursts.everyMinUs / 1000} ms`,
  'ends and limits on a grid of (`tickUs`)': ({ tickUs }) => `${tickUs / 1000} ms`,
  'opens the cell when the host is silent (`deadMan`)': ({ deadMan }) => deadMan,
  'longest lease': ({ leaseMaxMs }) =>
    leaseMaxMs === HOST_LEASE_MAX_MS ? "the host's own" : `${leaseMaxMs / 1000} s, on the device`,
  'charge counter on the device': ({ hasChargeCounter }) => yesOrNo(hasChargeCounter),
  'step-end log on the device': ({ hasStepEndLog }) => yesOrNo(hasStepEndLog),
  'samples to be asked for again': ({ ringSamples, hasStepEndLog }) =>
    `${ringSamples}, ${hasStepEndLog ? 'on the device' : 'in memory of the host'}`,
  'nodes of look-ahead': ({ lookAheadSlots, hasStepEndLog }) =>
    `${lookAheadSlots}, ${hasStepEndLog ? 'on the device' : 'on the host'}`,
  'smallest and largest current range': ({ currentRangesPa }) =>
    `${current(currentRangesPa[0])}, ${current(currentRangesPa.at(-1))}`,
  'voltage span': ({ voltageSpanNv }) => `±${voltageSpanNv / 1e9} V`,
};

export function capabilitiesTable(of: ReadonlyMap<string, Capabilities>): readonly string[] {
  const rows = Object.entries(ROWS).map(([title, cell]) => [title, ...[...of.values()].map(cell)]);
  return tableOf(['', ...[...of.keys()].map((name) => `\`${name}\``)], rows);
}

function yesOrNo(isSo: boolean): string {
  return isSo ? 'yes' : 'no';
}

function current(pa = 0): string {
  if (pa >= 1e12) return `${pa / 1e12} A`;
  if (pa >= 1e9) return `${pa / 1e9} mA`;
  return pa >= 1e6 ? `${pa / 1e6} uA` : `${pa / 1e3} nA`;
}
