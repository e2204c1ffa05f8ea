// Loads a script line by line, as it arrives, into a tree. The first error ends it, with the position the
// real instrument gives: `e!4001: Line 1, Col 16` (palmsens-sdk, comm_protocol.md). Must never run anything.
import { parseArguments } from './arguments.ts';
import { type CommandSpec, SCRIPT_COMMANDS } from './command-table.ts';
import { ERRORS, type ErrorCode, type ScriptPosition } from './error-codes.ts';
import type { DeclaredNames } from './references.ts';
import type { Branch, Command, Node, Script } from './script.ts';
import { type Token, tokenize } from './tokens.ts';

export interface ParseFault extends ScriptPosition {
  readonly code: ErrorCode;
}

export type ParseEnd =
  | { readonly ok: true; readonly script: Script }
  | { readonly ok: false; readonly fault: ParseFault };

export interface ParserLimits {
  /** Script memory; the manuals that are public give no figure. */
  readonly scriptBytesMax: number;
}

type Scope =
  | { readonly kind: 'root'; body: Node[] }
  | { readonly kind: 'loop' | 'measurement'; readonly body: Node[] }
  | { readonly kind: 'if'; body: Node[]; readonly branches: Branch[]; hasElse: boolean };

/** Inferred: the error exists (400D), its limit is not public. */
const DEPTH_MAX = 16;

export class ScriptParser {
  readonly #limits: ParserLimits;
  readonly #names: DeclaredNames = { variables: new Set(), arrays: new Set() };
  readonly #main: Node[] = [];
  #onFinished: Node[] | null = null;
  readonly #scopes: [Scope, ...Scope[]] = [{ kind: 'root', body: this.#main }];
  #line = 0;
  #bytes = 0;

  constructor(limits: ParserLimits) {
    this.#limits = limits;
  }

  /** Takes one line that is not empty, without its line feed. */
  push(text: string): ParseFault | null {
    this.#line += 1;
    const tokenized = tokenize(text);
    if (!tokenized.ok) return this.#fault(tokenized.code, tokenized.column);
    const [first, ...rest] = tokenized.tokens;
    if (first === undefined) return null;
    this.#bytes += tokenized.tokens.reduce((sum, token) => sum + token.text.length + 1, 0);
    if (this.#bytes > this.#limits.scriptBytesMax) return this.#fault(ERRORS.scriptTooLarge, first.column);
    const spec = Object.hasOwn(SCRIPT_COMMANDS, first.text) ? SCRIPT_COMMANDS[first.text] : undefined;
    if (spec === undefined || first.kind !== 'word') {
      return this.#fault(ERRORS.unknownScriptCommand, columnBehind(first));
    }
    return this.#pushCommand(first, rest, spec);
  }

  /** The empty line has come. */
  end(): ParseEnd {
    if (this.#scopes.length > 1) {
      return { ok: false, fault: { code: ERRORS.unexpectedEnd, line: this.#line + 1, column: 1 } };
    }
    return { ok: true, script: { main: this.#main, onFinished: this.#onFinished ?? [] } };
  }

  #pushCommand(first: Token, rest: readonly Token[], spec: CommandSpec): ParseFault | null {
    const placement = this.#refusePlacement(first.text, spec);
    if (placement !== null) return this.#fault(placement, columnBehind(first));
    const parsed = parseArguments(rest, spec, this.#names);
    if (!parsed.ok)
      return this.#fault(parsed.code, parsed.column === 0 ? columnBehind(first) : parsed.column);
    this.#place({ name: first.text, ...parsed.value, line: this.#line }, spec);
    return null;
  }

  /** What is wrong with this command here; null when nothing is. */
  #refusePlacement(name: string, spec: CommandSpec): ErrorCode | null {
    const top = this.#top;
    const isInside = (...kinds: readonly Scope['kind'][]): boolean =>
      this.#scopes.some(({ kind }) => kinds.includes(kind));
    const opens = spec.technique !== undefined || name === 'loop' || name === 'if';
    if (opens && this.#scopes.length > DEPTH_MAX) return ERRORS.scopeTooDeep;
    if (spec.technique !== undefined || name === 'meas_fast_cv') {
      return isInside('measurement') ? ERRORS.nestedMeasurementLoop : null;
    }
    switch (name) {
      case 'endloop':
        return top.kind === 'loop' || top.kind === 'measurement' ? null : ERRORS.badScopeEffect;
      case 'elseif':
      case 'else':
        return top.kind === 'if' && !top.hasElse ? null : ERRORS.badScopeEffect;
      case 'endif':
        return top.kind === 'if' ? null : ERRORS.badScopeEffect;
      case 'breakloop':
        return isInside('loop', 'measurement') ? null : ERRORS.notInThisSituation;
      case 'on_finished:':
        if (top.kind !== 'root') return ERRORS.badScopeEffect;
        return this.#onFinished === null ? null : ERRORS.notInThisSituation;
      default:
        return null;
    }
  }

  #place(command: Command, spec: CommandSpec): void {
    const top = this.#top;
    if (spec.technique !== undefined) this.#openLoop('measurement', command);
    else if (command.name === 'loop') this.#openLoop('loop', command);
    else if (command.name === 'if') this.#openIf(command);
    else if (command.name === 'endloop' || command.name === 'endif') this.#scopes.pop();
    else if (command.name === 'elseif' && top.kind === 'if') top.body = beginBranch(top.branches, command);
    else if (command.name === 'else' && top.kind === 'if') {
      top.hasElse = true;
      top.body = beginBranch(top.branches, null);
    } else if (command.name === 'on_finished:' && top.kind === 'root') {
      this.#onFinished = [];
      top.body = this.#onFinished;
    } else top.body.push({ kind: 'command', command });
  }

  #openLoop(kind: 'loop' | 'measurement', command: Command): void {
    const body: Node[] = [];
    this.#top.body.push({ kind, command, body });
    this.#scopes.push({ kind, body });
  }

  #openIf(condition: Command): void {
    const branches: Branch[] = [];
    this.#top.body.push({ kind: 'if', branches });
    const body = beginBranch(branches, condition);
    this.#scopes.push({ kind: 'if', body, branches, hasElse: false });
  }

  get #top(): Scope {
    return this.#scopes.at(-1) ?? this.#scopes[0];
  }

  #fault(code: ErrorCode, column: number): ParseFault {
    return { code, line: this.#line, column };
  }
}

function beginBranch(branches: Branch[], condition: Command | null): Node[] {
  const body: Node[] = [];
  branches.push({ condition, body });
  return body;
}

/** One past the word: where the real instrument says an unknown command is. */
function columnBehind({ column, text }: Token): number {
  return column + text.length;
}
