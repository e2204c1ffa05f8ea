// The kinds of commands that the table is made of: numbers, switches, names, actions, queries. A row names
// its setting; how it is parsed, refused and answered is the kind's. Must never know any particular command.
import { applyOutput, type Core } from './core.ts';
import { settingText } from './number-format.ts';
import {
  type Limits,
  namedNumber,
  parseBoolean,
  parseName,
  parseNumeric,
  parseString,
} from './parameters.ts';
import type { ErrorCode } from './scpi-errors.ts';
import type { NumberKey, SwitchKey, WordKey } from './settings.ts';

/** null: carried out. */
export type Outcome = ErrorCode | null;

export type Answer =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly code: ErrorCode }
  /** Nothing is sent before the instrument is idle again. */
  | { readonly kind: 'when-idle'; readonly reply: (core: Core) => Answer };

export type Parameters = readonly string[];

export interface Command {
  readonly header: string;
  readonly set?: (core: Core, parameters: Parameters) => Outcome;
  readonly ask?: (core: Core, parameters: Parameters) => Answer;
  /** Carried out even while the trigger model runs (p. 16-3, 11-11). */
  readonly isUrgent?: true;
}

export const answer = (text: string): Answer => ({ kind: 'text', text });
export const refused = (code: ErrorCode): Answer => ({ kind: 'refused', code });

/** Fixed limits, or such as depend on the model. */
export type LimitSource = Limits | ((core: Core) => Limits);

interface NumberOptions {
  readonly isWhole?: true;
  /** Where the number lives, if not in the setting of this name as it is. */
  readonly store?: (core: Core, value: number) => Outcome;
  readonly read?: (core: Core) => number;
}

/** `<n>`: a number, MIN, MAX or DEF; the query takes the names too. */
export function number(
  header: string,
  key: NumberKey,
  limits: LimitSource,
  options: NumberOptions = {},
): Command {
  const limitsOf = (core: Core): Limits => (typeof limits === 'function' ? limits(core) : limits);
  const text = (value: number): string => (options.isWhole === true ? wholeText(value) : settingText(value));
  return {
    header,
    set: (core, parameters) => {
      const [first = '', second] = parameters;
      if (second !== undefined) return -108;
      const parsed = parseNumeric(first, limitsOf(core));
      if (!parsed.ok) return parsed.code;
      const value = options.isWhole === true ? Math.round(parsed.value) : parsed.value;
      if (options.store !== undefined) return changed(core, options.store(core, value));
      core.settings.numbers[key] = value;
      return changed(core, null);
    },
    ask: (core, parameters) => {
      const [name] = parameters;
      if (name === undefined) return answer(text(options.read?.(core) ?? core.settings.numbers[key]));
      const named = namedNumber(name, limitsOf(core));
      return named === null ? refused(-141) : answer(text(named));
    },
  };
}

function wholeText(value: number): string {
  return value === Number.POSITIVE_INFINITY ? settingText(9.9e37) : String(value);
}

/** `<b>`: ON, OFF, 1, 0; answered by 1 or 0. */
export function toggle(
  header: string,
  key: SwitchKey,
  store?: (core: Core, value: boolean) => Outcome,
): Command {
  return {
    header,
    set: (core, parameters) => {
      const [first = '', second] = parameters;
      if (second !== undefined) return -108;
      const parsed = parseBoolean(first);
      if (!parsed.ok) return parsed.code;
      if (store !== undefined) return changed(core, store(core, parsed.value));
      core.settings.switches[key] = parsed.value;
      return changed(core, null);
    },
    ask: (core, parameters) =>
      parameters.length > 0 ? refused(-108) : answer(core.settings.switches[key] ? '1' : '0'),
  };
}

/** `<name>`: one of several, answered by its short form. */
export function choice(
  header: string,
  key: WordKey,
  names: readonly string[],
  store?: (core: Core, value: string) => Outcome,
): Command {
  return {
    header,
    set: (core, parameters) => {
      const [first = '', second] = parameters;
      if (second !== undefined) return -108;
      const parsed = parseName(first, names);
      if (!parsed.ok) return parsed.code;
      if (store !== undefined) return changed(core, store(core, parsed.value));
      core.settings.words[key] = parsed.value;
      return changed(core, null);
    },
    ask: (core, parameters) => (parameters.length > 0 ? refused(-108) : answer(core.settings.words[key])),
  };
}

/** A quoted text of at most `lengthMax` characters. */
export function quoted(header: string, key: WordKey, lengthMax: number): Command {
  return {
    header,
    set: (core, parameters) => {
      const parsed = parseString(parameters.join(','));
      if (!parsed.ok) return parsed.code;
      if (parsed.value.length > lengthMax) return -223;
      core.settings.words[key] = parsed.value;
      return null;
    },
    ask: (core) => answer(`"${core.settings.words[key]}"`),
  };
}

/** A command without parameters and without a query. */
export function action(header: string, run: (core: Core) => Outcome): Command {
  return {
    header,
    set: (core, parameters) => (parameters.length > 0 ? -108 : changed(core, run(core))),
  };
}

export function urgentAction(header: string, run: (core: Core) => Outcome): Command {
  return { ...action(header, run), isUrgent: true };
}

/** A command with parameters of its own; with or without a query. */
export function special(
  header: string,
  set: (core: Core, parameters: Parameters) => Outcome,
  ask?: (core: Core) => string,
): Command & Required<Pick<Command, 'set'>> {
  const command = {
    header,
    set: (core: Core, parameters: Parameters) =>
      parameters.length === 0 ? -109 : changed(core, set(core, parameters)),
  } as const;
  return ask === undefined ? command : { ...command, ask: query('', ask).ask };
}

/** A query without parameters. */
export function query(
  header: string,
  ask: (core: Core) => string | Answer,
): Command & Required<Pick<Command, 'ask'>> {
  return {
    header,
    ask: (core, parameters) => {
      if (parameters.length > 0) return refused(-108);
      const found = ask(core);
      return typeof found === 'string' ? answer(found) : found;
    },
  };
}

/** Every change of a setting may change what is on the cell. */
function changed(core: Core, outcome: Outcome): Outcome {
  if (outcome === null) applyOutput(core);
  return outcome;
}
