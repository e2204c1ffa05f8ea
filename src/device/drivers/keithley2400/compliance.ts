// The voltage limit of last resort, chosen for a run: compliance and measurement range of the instrument.
// Pure. A little above the hard limits of the cell, so that whoever judges readings sees the limit passed
// before the source gives up its current.
import type { HardLimits } from '../../cycler.ts';
import { OVER_RANGE_PPM, type Model } from './models.ts';

export type Compliance =
  | { readonly ok: true; readonly complianceNv: number; readonly voltageRangeNv: number }
  | { readonly ok: false; readonly detail: string };

const MARGIN_PPM = 20_000;
/** The least that an instrument takes is 0.1 % of its range; below this no cell could be driven. */
const COMPLIANCE_MIN_NV = 50_000_000;

/** One number for both directions, as the instrument has it: the wider of the two limits decides. */
export function complianceFor(limits: HardLimits, { voltageRangesNv }: Model): Compliance {
  const widestNv = Math.max(Math.abs(limits.voltageMaxNv), Math.abs(limits.voltageMinNv));
  const wantedNv = Math.round(widestNv * (1 + MARGIN_PPM / 1e6));
  const complianceNv = Math.max(COMPLIANCE_MIN_NV, wantedNv);
  const reach = 1 + OVER_RANGE_PPM / 1e6;
  const voltageRangeNv = voltageRangesNv.find((rangeNv) => complianceNv <= rangeNv * reach);
  if (voltageRangeNv !== undefined) return { ok: true, complianceNv, voltageRangeNv };
  const spanV = (voltageRangesNv.at(-1) ?? 0) / 1e9;
  return { ok: false, detail: `a limit of ${widestNv / 1e9} V is beyond the ${spanV} V of this instrument` };
}
