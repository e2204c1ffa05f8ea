// A protocol of the language as the rest of the project knows one: a table of parameters, and `prepare` that
// makes a machine of it for one cell. What is wrong is told with file, line and column; nothing is started.
import { assert } from '../base/assert.ts';
import { SHORT_FLOOR, shortFloorPlan } from '../steps/half-cycle-parameters.ts';
import { type AnyParameterValues, type ParameterTable, parseParameters } from '../steps/parameters.ts';
import type {
  CellGeometry,
  PreparedProtocol,
  PrepareResult,
  Protocol,
  ProtocolSource,
  ShortFloorPlan,
} from '../steps/protocol.ts';
import { checkTree } from './check-tree.ts';
import { DIAGNOSTICS, diagnosticsValues, withDiagnostics } from './diagnostics.ts';
import { parseProtocolText } from './parse-tree.ts';
import { cellPlan, stepsOf } from './protocol-cell.ts';
import { resolveTree } from './resolve-tree.ts';
import type { SourceItem, SourceProblem, SourceProtocol } from './source-tree.ts';
import type { PreparedTree, ResolvedTree } from './tree.ts';
import { createTreeProgram } from './tree-program.ts';
import { totalsOf } from './tree-totals.ts';

/** Whose problems are told. */
export type SourceName = Pick<ProtocolSource, 'fileName'>;

export type ProtocolResult =
  | { readonly ok: true; readonly protocol: Protocol }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Problems read `file:line:column: message`. */
export function protocolFromText(text: string, { fileName }: SourceName): ProtocolResult {
  const parsed = parseProtocolText(text, { fileName });
  if (!parsed.ok) return { ok: false, problems: placed(parsed.problems, fileName) };
  const protocol = protocolFromSource(parsed.source, { fileName });
  return { ok: true, protocol: { ...protocol, source: { fileName, text } } };
}

/** `prepare` refuses what cannot be worked out for the parameters and the cell that it is given. */
export function protocolFromSource(source: SourceProtocol, { fileName }: SourceName): Protocol {
  const parameters = parametersOf(source);
  return {
    name: source.name,
    version: source.version,
    title: source.title,
    about: source.about,
    derives: source.derives,
    parameters,
    prepare(given, cell): PrepareResult {
      const parsed = parseParameters(parameters, given);
      if (!parsed.ok) return parsed;
      const prepared = prepare(source, { fileName, values: parsed.values, cell });
      return prepared.ok ? { ...prepared, values: parsed.values } : prepared;
    },
  };
}

type Prepared =
  | { readonly ok: true; readonly prepared: PreparedProtocol }
  | { readonly ok: false; readonly problems: readonly string[] };

interface PrepareOptions extends SourceName {
  readonly values: AnyParameterValues;
  readonly cell: CellGeometry;
}

function prepare(source: SourceProtocol, { fileName, values, cell }: PrepareOptions): Prepared {
  const { areaUcm2 } = cell;
  const resolved = resolveTree(source, { values, areaUcm2 });
  if (!resolved.ok) return { ok: false, problems: placed(resolved.problems, fileName) };
  const { sheet, tree } = resolved;
  const found = checkTree(tree);
  if (found.length > 0) return { ok: false, problems: found.map((problem) => `${fileName}: ${problem}`) };
  const plan = cellPlan(sheet, source, { tree, areaUcm2 });
  if (plan === null) return { ok: false, problems: placed(sheet.problems, fileName) };
  const totals = totalsOf(tree);
  const prepared: PreparedTree = {
    tree,
    ...createTreeProgram(tree, { id: source.name }),
    ...plan,
    diagnostics: null,
    everyStep: stepsOf(tree.items),
    shortFloor: shortFloorOf(source, { tree, values, areaUcm2 }),
    plan: {
      cycles: totals.cycles,
      steps: totals.steps,
      durationUs: totals.durationExpectedUs,
      platedChargeNc: totals.platedChargeNc,
    },
  };
  assert(prepared.currentMaxPa > 0, 'a protocol says for which current a range is chosen');
  return { ok: true, prepared: { ...prepared, ...measuredBetween(source, { prepared, values }) } };
}

/** Of a problem that has a place, in one line. */
function placed(problems: readonly SourceProblem[], fileName: string): string[] {
  return problems.map(({ line, column, message }) => `${fileName}:${line}:${column}: ${message}`);
}

/** Between the cycles of a cell that is plated and stripped, at the largest current of these. */
function measuredBetween(
  source: SourceProtocol,
  { prepared, values }: { readonly prepared: PreparedTree; readonly values: AnyParameterValues },
): PreparedProtocol {
  if (!isWatched(source)) return prepared;
  const currentPa = Math.max(...cyclingCurrents(prepared.tree));
  const asked = diagnosticsValues(values);
  const voltageNv = Math.min(prepared.cellLimits.voltageMaxNv, -prepared.cellLimits.voltageMinNv);
  return asked === null
    ? prepared
    : withDiagnostics(prepared, asked, { currentPa, voltageNv: voltageNv / 2 });
}

const WATCHED_ABOUT = '; only where all cycles have one current';

function parametersOf(source: SourceProtocol): ParameterTable {
  if (!isWatched(source)) return source.parameters;
  const { short_floor: floor, on_short_floor: then } = SHORT_FLOOR;
  const about = `${floor.about}${WATCHED_ABOUT}`;
  return { short_floor: { ...floor, about }, on_short_floor: then, ...DIAGNOSTICS, ...source.parameters };
}

/** Zinc cells whose cycles plate and strip: a plateau far below its own past is a short. */
function isWatched({ cell, steps }: SourceProtocol): boolean {
  return (cell.kind === 'zn-zn' || cell.kind === 'zn-cu') && steps.some((item) => cyclesHalves(item, false));
}

function cyclesHalves(item: SourceItem, isInCycles: boolean): boolean {
  if (item.kind === 'step') return isInCycles && (item.mode.kind === 'plate' || item.mode.kind === 'strip');
  return item.items.some((inner) => cyclesHalves(inner, isInCycles || item.countsCycles));
}

/**
 * A baseline of plateaus holds for one current: where cycles have several, the plateau at the smallest may be
 * a small part of that at the largest in a healthy cell, and nothing is watched.
 */
function shortFloorOf(
  source: SourceProtocol,
  options: { readonly tree: ResolvedTree; readonly values: AnyParameterValues; readonly areaUcm2: number },
): ShortFloorPlan | null {
  const { tree, values, areaUcm2 } = options;
  if (!isWatched(source)) return null;
  if (new Set(cyclingCurrents(tree)).size !== 1) return null;
  const { short_floor: ratioPpm, on_short_floor: action } = values;
  if (typeof ratioPpm !== 'number' || (action !== 'stop' && action !== 'record')) return null;
  return shortFloorPlan({ short_floor: ratioPpm, on_short_floor: action }, areaUcm2);
}

function cyclingCurrents(tree: ResolvedTree): number[] {
  return stepsOf(tree.items).flatMap(({ mode, half, phase }) =>
    mode.kind === 'cc' && half !== null && phase === 'cycling' ? [Math.abs(mode.currentPa)] : [],
  );
}
