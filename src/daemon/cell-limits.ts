// Absolute limits of the cell, checked by the host on everything it hears, also where the device enforces
// them. Pure. Safety comes before whatever the protocol may think.
import type { Capabilities, LiveReport, SamplesReport } from '../device/cycler.ts';
import type { CellLimits } from '../steps/protocol.ts';

/** Which limit was passed, and how far, in words. */
export interface PassedLimit {
  readonly quantity: 'voltage' | 'current' | 'charge';
  readonly found: string;
}

/** The limits that the protocol asks for, within what this instrument can measure and take. */
export function limitsOn(
  { voltageSpanNv }: Capabilities,
  { wanted, fullScalePa }: { readonly wanted: CellLimits; readonly fullScalePa: number },
): CellLimits {
  return {
    voltageMaxNv: Math.min(wanted.voltageMaxNv, voltageSpanNv),
    voltageMinNv: Math.max(wanted.voltageMinNv, -voltageSpanNv),
    currentMaxPa: Math.min(wanted.currentMaxPa, fullScalePa),
    netChargeMaxNc: wanted.netChargeMaxNc,
  };
}

/** The first limit that anything in the report is beyond; null where nothing is. */
export function beyondCellLimits(report: SamplesReport | LiveReport, limits: CellLimits): PassedLimit | null {
  if (report.type === 'live') return judge(report, limits);
  for (let index = 0; index < report.timeUs.length; index += 1) {
    const voltageNv = report.voltageNv[index] ?? 0;
    const currentPa = report.currentPa[index] ?? 0;
    const passed = judge({ voltageNv, currentPa, netChargeNc: report.netChargeNc[index] ?? 0 }, limits);
    if (passed !== null) return passed;
  }
  return null;
}

function judge(
  { voltageNv, currentPa, netChargeNc }: Reading,
  { voltageMaxNv, voltageMinNv, currentMaxPa, netChargeMaxNc }: CellLimits,
): PassedLimit | null {
  if (voltageNv > voltageMaxNv || voltageNv < voltageMinNv) {
    const window = `${voltageMinNv / 1e9} … ${voltageMaxNv / 1e9} V`;
    const found = `the cell voltage ${voltageNv / 1e9} V is outside ${window}`;
    return { quantity: 'voltage', found };
  }
  if (Math.abs(currentPa) > currentMaxPa) {
    return {
      quantity: 'current',
      found: `the current ${currentPa / 1e9} mA is beyond ${currentMaxPa / 1e9} mA`,
    };
  }
  if (Math.abs(netChargeNc) <= netChargeMaxNc) return null;
  const found = `the net charge ${netChargeNc / 3.6e9} mAh is beyond ${netChargeMaxNc / 3.6e9} mAh`;
  return { quantity: 'charge', found };
}

interface Reading {
  readonly voltageNv: number;
  readonly currentPa: number;
  readonly netChargeNc: number;
}
