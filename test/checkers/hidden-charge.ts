// What a cell really went through in each step, by logs that no instrument can write: the step numbers of the
// cell log, the charge of the truth log. Only where the instrument numbers its steps itself.
import type { Evidence, RunRecord } from './evidence.ts';

const NC_PER_C = 1e9;

/** nC by step number, with the sign of the current. */
export function hiddenChargeOfSteps(
  { channel, instrument }: RunRecord,
  { cells, hidden }: Evidence,
): ReadonlyMap<number, number> {
  const switches = cells.filter((seen) => seen.instrument === instrument.name && seen.entry.ch === channel);
  const truths = hidden.filter((seen) => seen.instrument === instrument.name && seen.entry.ch === channel);
  const netNcBefore = (order: number): number => {
    const entry = truths.findLast((seen) => seen.order < order)?.entry;
    return entry === undefined ? 0 : (entry.strip_c - entry.plate_c) * NC_PER_C;
  };
  const charges = new Map<number, number>();
  switches.forEach(({ entry, order }, index) => {
    const next = switches[index + 1];
    if (entry.cell === 'off' || next === undefined) return;
    const chargeNc = netNcBefore(next.order) - netNcBefore(order);
    charges.set(entry.step, (charges.get(entry.step) ?? 0) + chargeNc);
  });
  return charges;
}
