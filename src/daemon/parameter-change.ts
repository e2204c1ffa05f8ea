// `run set`: the parameters of a run that goes on, parsed and checked as at its start, and against what its
// instrument was given then. Sends nothing; what would widen what the instrument enforces is refused.
import { formatQuantity } from '../base/quantity.ts';
import { checkProgram } from '../steps/check-program.ts';
import { describeParameters } from '../steps/parameters.ts';
import type { CellLimits, PreparedProtocol, Protocol } from '../steps/protocol.ts';
import { limitsOn } from './cell-limits.ts';
import type { RunChannelOptions } from './channel-parts.ts';
import type { Refusal } from './refusals.ts';

export type GivenParameters = Readonly<Record<string, unknown>>;

/** What a program is prepared from; `parameters` as they were given. */
export interface ProgramSource {
  readonly protocol: Protocol;
  readonly areaUcm2: number;
  readonly parameters: GivenParameters;
}

/** As an operator writes them, by name. */
export type ChangedValues = Readonly<
  Record<string, { readonly from: number | string | null; readonly to: number | string | null }>
>;

export type PreparedChange =
  | {
      readonly ok: true;
      readonly prepared: PreparedProtocol;
      readonly parameters: GivenParameters;
      readonly changes: ChangedValues;
    }
  | Refusal;

/**
 * `inForce`: what the run goes by now; `waiting`: what it would go by from the next cycle on. Refused with
 * PARAMS_INVALID, RANGE_EXCEEDED, CAPABILITY_MISSING or RUN_STATE.
 */
export function prepareChange(
  options: RunChannelOptions,
  { inForce, waiting }: { readonly inForce: GivenParameters; readonly waiting: GivenParameters },
  asked: GivenParameters,
): PreparedChange {
  const { protocol, areaUcm2 } = options.program;
  const parameters = { ...waiting, ...asked };
  const [result, before] = [parameters, inForce].map((given) => protocol.prepare(given, { areaUcm2 }));
  if (result?.ok !== true)
    return { ok: false, code: 'PARAMS_INVALID', message: result?.problems.join('; ') ?? 'nothing was given' };
  const shown = describeParameters(protocol.parameters, result.values);
  const was = before?.ok === true ? describeParameters(protocol.parameters, before.values) : {};
  const names = Object.keys(shown).filter((name) => shown[name] !== was[name]);
  const changes = Object.fromEntries(
    names.map((name) => [name, { from: was[name] ?? null, to: shown[name] ?? null }]),
  );
  const problem = problemOf(options, result.prepared);
  return problem ?? { ok: true, prepared: result.prepared, parameters, changes };
}

function problemOf(options: RunChannelOptions, prepared: PreparedProtocol): Refusal | null {
  const { capabilities, cellLimits, rangeIndex, shortFloor } = options;
  const fullScalePa = capabilities.currentRangesPa[rangeIndex] ?? 0;
  const [unsound] = checkProgram(prepared, { ...capabilities, currentMaxPa: fullScalePa });
  if (unsound !== undefined) return { ok: false, ...unsound };
  const wider = widerThan(cellLimits, limitsOn(capabilities, { wanted: prepared.cellLimits, fullScalePa }));
  if (wider !== null)
    return {
      ok: false,
      code: 'RANGE_EXCEEDED',
      message: `${wider}; what its instrument enforces is never widened in a run: finish it, start another`,
    };
  if (JSON.stringify(shortFloor) === JSON.stringify(prepared.shortFloor)) return null;
  const message = 'the watch for shorts judges a run from its beginning on and cannot be changed in it';
  return { ok: false, code: 'RUN_STATE', message };
}

/** In words, the first limit that is wider than what there is; null: none. */
function widerThan(has: CellLimits, wanted: CellLimits): string | null {
  const pairs = [
    ['voltage', wanted.voltageMaxNv, has.voltageMaxNv],
    ['voltage', -wanted.voltageMinNv, -has.voltageMinNv],
    ['current', wanted.currentMaxPa, has.currentMaxPa],
    ['charge', wanted.netChargeMaxNc, has.netChargeMaxNc],
  ] as const;
  const found = pairs.find(([, asked, allowed]) => asked > allowed);
  if (found === undefined) return null;
  const [kind, asked, allowed] = found;
  const [needed, limit] = [asked, allowed].map((value) => formatQuantity(Math.round(value), kind));
  return `it would need a cell limit of ${needed ?? ''} (${kind}), the run was begun with ${limit ?? ''}`;
}
