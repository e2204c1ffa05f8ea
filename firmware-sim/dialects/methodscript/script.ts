// The tree a script becomes when it is loaded. Plain data: the parser makes it, the interpreter walks it.

export type Argument =
  | LiteralArgument
  | VariableArgument
  | ElementArgument
  | { readonly kind: 'array'; readonly name: string; readonly column: number }
  | { readonly kind: 'type'; readonly type: string; readonly column: number }
  | { readonly kind: 'operator'; readonly operator: Operator; readonly column: number }
  | { readonly kind: 'text'; readonly parts: readonly TextPart[]; readonly column: number };

export interface LiteralArgument {
  readonly kind: 'literal';
  readonly value: number;
  readonly isInteger: boolean;
  readonly column: number;
}

export interface VariableArgument {
  readonly kind: 'variable';
  readonly name: string;
  readonly column: number;
}

/** `name[index]`; the index is a number or a variable. */
export interface ElementArgument {
  readonly kind: 'element';
  readonly name: string;
  readonly index: LiteralArgument | VariableArgument;
  readonly column: number;
}

export type Operator = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** A piece of a text: as it stands, or the value of a variable. */
export type TextPart = string | VariableArgument | ElementArgument;

/** `nscans(3)`, `ocp(x)`: optional, in brackets, after the others. */
export interface OptionArgument {
  readonly name: string;
  readonly values: readonly Argument[];
}

export interface Command {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly options: readonly OptionArgument[];
  /** Counted from 1, comments and all. */
  readonly line: number;
}

export type Node =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'loop'; readonly command: Command; readonly body: readonly Node[] }
  | { readonly kind: 'measurement'; readonly command: Command; readonly body: readonly Node[] }
  | { readonly kind: 'if'; readonly branches: readonly Branch[] };

export interface Branch {
  /** null: `else`. */
  readonly condition: Command | null;
  readonly body: readonly Node[];
}

export interface Script {
  readonly main: readonly Node[];
  /** What stands behind `on_finished:`; empty where there is none. */
  readonly onFinished: readonly Node[];
}
