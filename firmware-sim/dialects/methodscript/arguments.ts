// Turns the tokens behind a command into arguments and checks all that can be known before anything runs:
// kinds, declared names, literals, bounds. Positions are the argument's own (PalmSens: an extra argument is
// reported at the argument itself).
import type { ArgumentSpec, CommandSpec } from './command-table.ts';
import { VARIABLE_TYPES } from './command-table.ts';
import { ERRORS } from './error-codes.ts';
import { isLiteral } from './literal.ts';
import { type DeclaredNames, fault, NAME, type Parsed, parseNumber, parseReference } from './references.ts';
import type { Argument, OptionArgument, Operator } from './script.ts';
import { parseText } from './text.ts';
import type { Token } from './tokens.ts';

export interface CommandArguments {
  readonly args: readonly Argument[];
  readonly options: readonly OptionArgument[];
}

const OPERATORS: readonly Operator[] = ['<', '<=', '>', '>=', '==', '!='];

export function parseArguments(
  tokens: readonly Token[],
  spec: CommandSpec,
  names: DeclaredNames,
): Parsed<CommandArguments> {
  if (spec.absent !== undefined) return { ok: true, value: { args: [], options: [] } };
  const args: Argument[] = [];
  const options: OptionArgument[] = [];
  for (const token of tokens) {
    const expected = spec.args[args.length] ?? (spec.isOpenEnded === true ? spec.args.at(-1) : undefined);
    const option = optionPattern(token);
    if (option !== null) {
      const parsed = parseOption(token, option, { spec, names });
      if (!parsed.ok) return parsed;
      options.push(parsed.value);
      continue;
    }
    if (expected === undefined) return fault(ERRORS.extraArgument, token.column);
    const parsed = parseArgument(token, expected, names);
    if (!parsed.ok) return parsed;
    args.push(parsed.value);
  }
  if (args.length >= spec.args.length) return { ok: true, value: { args, options } };
  const last = tokens.at(-1);
  return fault(ERRORS.unexpectedCharacter, last === undefined ? 0 : last.column + last.text.length);
}

function parseArgument(token: Token, spec: ArgumentSpec, names: DeclaredNames): Parsed<Argument> {
  const { column, text } = token;
  if (spec.kind === 'text') return parseTextArgument(token, names);
  if (token.kind !== 'word') return fault(ERRORS.unexpectedCharacter, column);
  switch (spec.kind) {
    case 'value':
      return isLiteral(text) ? parseNumber(token, spec) : parseReference(token, names);
    case 'out':
      return isLiteral(text) ? fault(ERRORS.literalNotAllowed, column) : parseReference(token, names);
    case 'array':
      return parseArray(token, names);
    case 'type':
      return VARIABLE_TYPES.has(text)
        ? { ok: true, value: { kind: 'type', type: text, column } }
        : fault(ERRORS.badVariableType, column);
    case 'operator':
      return parseOperator(token);
    case 'declared-variable':
    case 'declared-array':
      return declare(token, spec.kind, names);
  }
}

function parseArray({ text, column }: Token, names: DeclaredNames): Parsed<Argument> {
  if (isLiteral(text)) return fault(ERRORS.literalNotAllowed, column);
  if (!NAME.test(text)) return fault(ERRORS.badReference, column);
  if (names.arrays.has(text)) return { ok: true, value: { kind: 'array', name: text, column } };
  return fault(names.variables.has(text) ? ERRORS.variableNotAllowed : ERRORS.undeclared, column);
}

function parseOperator({ text, column }: Token): Parsed<Argument> {
  const operator = OPERATORS.find((candidate) => candidate === text);
  if (operator === undefined) return fault(ERRORS.unexpectedCharacter, column);
  return { ok: true, value: { kind: 'operator', operator, column } };
}

function declare(
  { text, column }: Token,
  kind: 'declared-variable' | 'declared-array',
  names: DeclaredNames,
): Parsed<Argument> {
  if (!NAME.test(text)) return fault(ERRORS.badName, column);
  if (names.variables.has(text) || names.arrays.has(text)) return fault(ERRORS.redeclared, column);
  if (kind === 'declared-variable') {
    names.variables.add(text);
    return { ok: true, value: { kind: 'variable', name: text, column } };
  }
  names.arrays.add(text);
  return { ok: true, value: { kind: 'array', name: text, column } };
}

function parseTextArgument(token: Token, names: DeclaredNames): Parsed<Argument> {
  const { column } = token;
  if (token.kind === 'word') return fault(ERRORS.unexpectedCharacter, column);
  const parts = token.kind === 'text' ? [token.text] : parseText(token, names);
  return 'code' in parts ? fault(parts.code, column) : { ok: true, value: { kind: 'text', parts, column } };
}

interface OptionPattern {
  readonly name: string;
  readonly inside: string;
}

function optionPattern(token: Token): OptionPattern | null {
  const found = token.kind === 'word' ? /^([a-z_]+)\((.*)\)$/.exec(token.text) : null;
  return found === null ? null : { name: found[1] ?? '', inside: found[2] ?? '' };
}

function parseOption(
  token: Token,
  { name, inside }: OptionPattern,
  { spec, names }: { readonly spec: CommandSpec; readonly names: DeclaredNames },
): Parsed<OptionArgument> {
  if (spec.options?.includes(name) !== true) return fault(ERRORS.badOptionalArgument, token.column);
  const values: Argument[] = [];
  for (const text of inside.split(/[ \t]+/).filter((word) => word !== '')) {
    const parsed = parseArgument({ text, column: token.column, kind: 'word' }, { kind: 'value' }, names);
    if (!parsed.ok) return parsed;
    values.push(parsed.value);
  }
  return values.length === 1
    ? { ok: true, value: { name, values } }
    : fault(ERRORS.badOptionalArgument, token.column);
}
