// A whole program as one MethodSCRIPT for somebody else to load: loops that count, a measurement loop a step,
// its limits by `breakloop`, hard limits by `abort`. The driver itself never runs it: it compiles plans
// (compile-plan.ts), whose marks tell a host where the script stands.
//
//   set up ─► ┌ loop n1 < 1000i ─► step ─► step ─► endloop ┐ ─► on_finished: cell_off
import { assert } from '../../../base/assert.ts';
import {
  countLiteral,
  currentLiteral,
  voltageLiteral,
} from '../../../frames/dialects/methodscript/literal.ts';
import { scriptText } from '../../../frames/dialects/methodscript/script.ts';
import type { ScriptItem, ScriptProgram, ScriptStep } from '../../script-program.ts';
import { type Electrodes, galvanostatLines, potentiostatLines } from './compile-setup.ts';
import { cellOnLines, loopCommand } from './techniques.ts';

type Kind = ScriptStep['mode']['kind'];

interface Writing {
  readonly program: ScriptProgram;
  readonly electrodes: Electrodes;
  /** Both techniques are in it: each change sets the instrument up anew, with the cell open. */
  readonly isMixed: boolean;
}

/** Lines of a script as it goes over the line; numbers are rounded to 32 bits with an SI prefix. */
export function writeScript(program: ScriptProgram): string {
  const steps = stepsOf(program.items);
  assert(steps.length > 0, 'a script has a step');
  const kinds = new Set(steps.map(({ mode }) => mode.kind));
  const writing: Writing = {
    program,
    electrodes: electrodesOf(program, steps),
    isMixed: kinds.has('cc') && kinds.has('cv'),
  };
  const counters = Array.from({ length: depthOf(program.items) }, (_, index) => counterOf(index + 1));
  const isGalvanostat = kinds.has('cc') && !writing.isMixed;
  const setUp = isGalvanostat ? galvanostatLines : potentiostatLines;
  return scriptText([
    ...['e', 'i', ...counters].map((name) => `var ${name}`),
    ...setUp(writing.electrodes),
    ...itemsLines(program.items, { writing, depth: 1, before: ['rest'] }),
    'on_finished:',
    'cell_off',
  ]);
}

function stepsOf(items: readonly ScriptItem[]): ScriptStep[] {
  return items.flatMap((item) => (item.kind === 'step' ? [item] : stepsOf(item.items)));
}

function depthOf(items: readonly ScriptItem[]): number {
  return Math.max(0, ...items.map((item) => (item.kind === 'step' ? 0 : 1 + depthOf(item.items))));
}

function counterOf(depth: number): string {
  return `n${depth}`;
}

/** Ranges as wide as what is set and judged. */
function electrodesOf(program: ScriptProgram, steps: readonly ScriptStep[]): Electrodes {
  const voltages = steps.flatMap(({ mode, voltageMaxNv, voltageMinNv }) => [
    mode.kind === 'cv' ? mode.voltageNv : 0,
    voltageMaxNv ?? 0,
    voltageMinNv ?? 0,
  ]);
  const hard = [program.voltageMaxNv ?? 0, program.voltageMinNv ?? 0];
  const currents = steps.map(({ mode }) => (mode.kind === 'cc' ? Math.abs(mode.currentPa) : 0));
  const widestNv = Math.max(RANGE_LEAST_NV, ...[...voltages, ...hard].map(Math.abs));
  // What a held voltage draws is known by its hard limit alone.
  const largestPa = Math.max(RANGE_LEAST_PA, ...currents, program.currentMaxPa ?? 0);
  return { voltage: voltageLiteral(widestNv), current: currentLiteral(largestPa), mainsHz: null };
}

const RANGE_LEAST_NV = 1_000_000_000;
const RANGE_LEAST_PA = 1000;

interface Around {
  readonly writing: Writing;
  readonly depth: number;
  /** What may have come before the first item: at the head of a loop also its own end. */
  readonly before: readonly Kind[];
}

function itemsLines(items: readonly ScriptItem[], { writing, depth, before }: Around): string[] {
  return items.flatMap((item, index) => {
    const previous = items[index - 1];
    const around = { writing, depth, before: previous === undefined ? before : [lastKind(previous)] };
    if (item.kind === 'step') return stepLines(item, around);
    const counter = counterOf(depth);
    const inside = { writing, depth: depth + 1, before: [...around.before, lastKind(item)] };
    return [
      `store_var ${counter} 0i ja`,
      `loop ${counter} < ${countLiteral(item.count)}`,
      ...itemsLines(item.items, inside),
      `add_var ${counter} 1i`,
      'endloop',
    ];
  });
}

function lastKind(item: ScriptItem): Kind {
  if (item.kind === 'step') return item.mode.kind;
  const last = item.items.at(-1);
  assert(last !== undefined, 'a group has an item');
  return lastKind(last);
}

function stepLines(step: ScriptStep, { writing, before }: Around): string[] {
  const { mode, durationUs, everyUs } = step;
  const intervalUs = Math.min(everyUs, durationUs);
  return [
    ...cellLines(mode, { writing, before }),
    loopCommand(mode, { intervalUs, runUs: durationUs }),
    'pck_start',
    'pck_add e',
    ...(mode.kind === 'rest' ? [] : ['pck_add i']),
    'pck_end',
    ...hardLines(step, writing.program),
    ...endLines(step),
    'endloop',
  ];
}

/** The cell is left as it is between steps of one technique. */
function cellLines(
  mode: ScriptStep['mode'],
  { writing, before }: Pick<Around, 'writing' | 'before'>,
): string[] {
  if (before.every((kind) => kind === mode.kind)) return [];
  if (mode.kind === 'rest' || !writing.isMixed) return cellOnLines(mode);
  const setUp = mode.kind === 'cc' ? galvanostatLines : potentiostatLines;
  return ['cell_off', ...setUp(writing.electrodes), ...cellOnLines(mode)];
}

/** On what is not set: the voltage of a current, the current of a voltage. An open cell cannot be helped. */
function hardLines({ mode }: ScriptStep, program: ScriptProgram): string[] {
  const { voltageMaxNv, voltageMinNv, currentMaxPa } = program;
  if (mode.kind === 'rest') return [];
  const [name, above, below] =
    mode.kind === 'cc'
      ? [
          'e',
          voltageMaxNv === null ? null : voltageLiteral(voltageMaxNv),
          voltageMinNv === null ? null : voltageLiteral(voltageMinNv),
        ]
      : [
          'i',
          currentMaxPa === null ? null : currentLiteral(currentMaxPa),
          currentMaxPa === null ? null : currentLiteral(-currentMaxPa),
        ];
  return [
    ...(above === null ? [] : [`if ${name} > ${above}`, 'abort', 'endif']),
    ...(below === null ? [] : [`if ${name} < ${below}`, 'abort', 'endif']),
  ];
}

function endLines({ voltageMaxNv, voltageMinNv, currentMinPa }: ScriptStep): string[] {
  const leave = (condition: string): string[] => [`if ${condition}`, 'breakloop', 'endif'];
  return [
    ...(voltageMaxNv === null ? [] : leave(`e >= ${voltageLiteral(voltageMaxNv)}`)),
    ...(voltageMinNv === null ? [] : leave(`e <= ${voltageLiteral(voltageMinNv)}`)),
    // The language has no absolute value.
    ...(currentMinPa === null
      ? []
      : [
          `if i < ${currentLiteral(currentMinPa)}`,
          ...leave(`i > ${currentLiteral(-currentMinPa)}`),
          'endif',
        ]),
  ];
}
