// Commands that only move numbers: variables, arrays, arithmetic, timers, packages. None takes any time.
import { ERRORS, type ErrorCode } from './error-codes.ts';
import type { EvaluatedArguments } from './evaluation.ts';
import type { Command } from './script.ts';
import type { ScriptContext } from './script-context.ts';
import { numberText } from './text.ts';
import { applied, floatValue, stored, type ValueResult } from './value.ts';

/** Carries out one command; null when it went well. */
export type InstantCommand = (
  context: ScriptContext,
  args: EvaluatedArguments,
  command: Command,
) => ErrorCode | null;

export const DATA_COMMANDS: Readonly<Record<string, InstantCommand>> = {
  var: ({ memory }, _args, { args: [first] }) => {
    if (first?.kind === 'variable') memory.declare(first.name);
    return null;
  },
  array: ({ memory }, args) => memory.declareArray(args.arrayName(0), args.number(1)),
  store_var: (_context, args) => {
    const { value, isInteger } = args.value(1);
    args.place(0).set({ value, isInteger, type: args.type(2), metadata: null });
    return null;
  },
  copy_var: (_context, args) => {
    args.place(1).set(args.value(0));
    return null;
  },
  add_var: inPlace,
  sub_var: inPlace,
  mul_var: inPlace,
  div_var: inPlace,
  mod_var: inPlace,
  pow_var: inPlace,
  bit_and_var: inPlace,
  bit_or_var: inPlace,
  bit_xor_var: inPlace,
  bit_lsl_var: inPlace,
  bit_lsr_var: inPlace,
  bit_inv_var: (_context, args) => {
    const before = args.place(0).get();
    if (!before.isInteger) return ERRORS.wrongDatatype;
    args.place(0).set({ ...before, value: ~before.value });
    return null;
  },
  log_var: (_context, args) => {
    const before = args.place(0).get();
    return settle(args, stored(before, Math.log10(before.value)));
  },
  int_to_float: (_context, args) => {
    args.place(0).set({ ...args.place(0).get(), isInteger: false });
    return null;
  },
  float_to_int: (_context, args) => toInteger(args, Math.trunc),
  float_to_int_round: (_context, args) => toInteger(args, Math.round),
  alter_vartype: (_context, args) => {
    args.place(0).set({ ...args.place(0).get(), type: args.type(1) });
    return null;
  },
  array_get: ({ memory }, args) => {
    const found = memory.element(args.arrayName(0), args.value(1));
    if (!found.ok) return found.code;
    args.place(2).set(found.place.get());
    return null;
  },
  array_set: ({ memory }, args) => {
    const found = memory.element(args.arrayName(0), args.value(1));
    if (!found.ok) return found.code;
    found.place.set(args.value(2));
    return null;
  },
  mean: (_context, args) => {
    const elements = args.array(0);
    const [first] = elements;
    if (first === undefined) return ERRORS.indexOutOfBounds;
    const sum = elements.reduce((total, { value }) => total + value, 0);
    return settle(args, stored({ ...first, metadata: null, isInteger: false }, sum / elements.length), 1);
  },
  linear_fit: linearFit,

  timer_start: (context) => {
    context.timerUs = context.nowUs;
    return null;
  },
  timer_get: ({ nowUs, timerUs }, args) => {
    args.place(0).set(floatValue((nowUs - timerUs) / 1e6, 'eb'));
    return null;
  },
  set_int: (context, args) => {
    const us = args.number(0) * 1e6;
    context.interval = { us, dueUs: context.nowUs + us };
    return null;
  },

  pck_start: ({ output }) => output.startPackage(),
  pck_add: ({ output }, args) => output.addToPackage(args.value(0)),
  pck_end: ({ output }) => output.endPackage(),
  set_script_output: ({ output }, args) => output.setMode(args.number(0)),
  send_string: sendString,
};

function inPlace(_context: ScriptContext, args: EvaluatedArguments, { name }: Command): ErrorCode | null {
  return settle(args, applied(name, args.place(0).get(), args.value(1)));
}

function toInteger(args: EvaluatedArguments, round: (value: number) => number): ErrorCode | null {
  const before = args.place(0).get();
  return settle(args, stored({ ...before, isInteger: true }, round(before.value)));
}

function settle(args: EvaluatedArguments, result: ValueResult, index = 0): ErrorCode | null {
  if (!result.ok) return result.code;
  args.place(index).set(result.value);
  return null;
}

/** `linear_fit x y slope intercept`, least squares. */
function linearFit(_context: ScriptContext, args: EvaluatedArguments): ErrorCode | null {
  const [x, y] = [args.array(0), args.array(1)].map((elements) => elements.map(({ value }) => value));
  if (x === undefined || y === undefined || x.length !== y.length) return ERRORS.arraySizesDiffer;
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / x.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  const slope =
    mean(x.map((value, index) => (value - meanX) * ((y[index] ?? 0) - meanY))) /
    mean(x.map((value) => (value - meanX) ** 2));
  if (!Number.isFinite(slope)) return ERRORS.notANumber;
  args.place(2).set(floatValue(slope, 'ja'));
  args.place(3).set(floatValue(meanY - slope * meanX, 'ja'));
  return null;
}

function sendString(
  { memory, output }: ScriptContext,
  _args: EvaluatedArguments,
  { args: [first] }: Command,
): ErrorCode | null {
  if (first?.kind !== 'text') return ERRORS.unexpectedCharacter;
  let text = '';
  for (const part of first.parts) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const read = memory.read(part);
    if (!read.ok) return read.code;
    text += numberText(read.value.value, read.value.isInteger);
  }
  output.text(text);
  return null;
}
