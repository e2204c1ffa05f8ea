// Absolute limits of the cell, checked by the host on everything it hears, also where the device enforces
// them. Pure. Safety comes before whatever the protocol may think.
import type { LiveReport, SamplesReport } from '../device/cycler.ts';
import type { CellLimits } from '../steps/protocol.ts';

/** What is outside the limits, in words; null where nothing is. */
export function beyondCellLimits(report: SamplesReport | LiveReport, limits: CellLimits): string | null {
  if (report.type === 'live') return judge(report.voltageNv, report.currentPa, report.netChargeNc, limits);
  for (let index = 0; index < report.timeUs.length; index += 1) {
    const { voltageNv, currentPa, netChargeNc } = report;
    const found = judge(voltageNv[index] ?? 0, currentPa[index] ?? 0, netChargeNc[index] ?? 0, limits);
    if (found !== null) return found;
  }
  return null;
}

function judge(voltageNv: number, currentPa: number, netChargeNc: number, limits: CellLimits): string | null {
  const { voltageMaxNv, voltageMinNv, currentMaxPa, netChargeMaxNc } = limits;
  if (voltageNv > voltageMaxNv || voltageNv < voltageMinNv) {
    return `the cell voltage ${voltageNv / 1e9} V is outside ${voltageMinNv / 1e9} … ${voltageMaxNv / 1e9} V`;
  }
  if (Math.abs(currentPa) > currentMaxPa)
    return `the current ${currentPa / 1e9} mA is beyond ${currentMaxPa / 1e9} mA`;
  if (Math.abs(netChargeNc) > netChargeMaxNc)
    return `the net charge ${netChargeNc / 3.6e9} mAh is beyond ${netChargeMaxNc / 3.6e9} mAh`;
  return null;
}
