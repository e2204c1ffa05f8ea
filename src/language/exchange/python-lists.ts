// The part of Python that experiments are written in: texts, lists and tuples of them, `+`, and `*` with a
// number, maybe inside `pybamm.Experiment(…)` and behind a name. Nothing is executed, and no product is
// written out: `[…] * 1000` is one group. Never throws; everything has its place.
import type { Place } from '../expression.ts';
import { COUNT_MAX } from '../protocol-keys.ts';
import { quoted } from '../read-nodes.ts';
import type { SourceProblem } from '../source-tree.ts';
import { type Token, tokensOf } from './python-tokens.ts';

export type ListedItem =
  | { readonly kind: 'text'; readonly text: string; readonly at: Place }
  | { readonly kind: 'group'; readonly count: number; readonly items: readonly ListedItem[] };

export interface Listed {
  readonly items: readonly ListedItem[];
  /** Arguments by name: `period="10 seconds"`. */
  readonly settings: ReadonlyMap<string, string>;
}

export type ListedResult =
  | ({ readonly ok: true } & Listed)
  | { readonly ok: false; readonly problem: SourceProblem };

/** Brackets inside each other. */
const DEPTH_MAX = 40;

export function listsOf(text: string): ListedResult {
  const tokens = tokensOf(text);
  if (!tokens.ok) return tokens;
  const reader = new ListReader(tokens.tokens);
  const items = reader.document();
  return reader.problem === null
    ? { ok: true, items, settings: reader.settings }
    : { ok: false, problem: reader.problem };
}

/** A text alone is one until it stands in a list. */
type Value =
  | { readonly kind: 'text'; readonly text: string; readonly at: Place }
  | { readonly kind: 'list'; readonly items: readonly ListedItem[] };

const NOTHING: Value = { kind: 'list', items: [] };

class ListReader {
  readonly settings = new Map<string, string>();
  problem: SourceProblem | null = null;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  document(): readonly ListedItem[] {
    while (this.#takes('import')) this.#skipName();
    if (this.#peek().kind === 'word' && this.#peek(1).text === '=') this.#next += 2;
    const value = this.#sum();
    if (this.#peek().kind !== 'end') this.#refuse(`found ${quoted(this.#peek().text)} behind the list`);
    return itemsOf(value);
  }

  /** `import pybamm`, maybe `as pb`. */
  #skipName(): void {
    this.#next += 1;
    if (this.#takes('as')) this.#next += 1;
  }

  #sum(): Value {
    let value = this.#product();
    while (this.problem === null && this.#takes('+')) {
      const other = this.#product();
      value = { kind: 'list', items: [...itemsOf(value), ...itemsOf(other)] };
    }
    return value;
  }

  #product(): Value {
    const first = this.#peek();
    if (first.kind === 'number' && this.#peek(1).text === '*') {
      this.#next += 2;
      return this.#times(this.#factor(), first);
    }
    let value = this.#factor();
    while (this.problem === null && this.#takes('*')) {
      const count = this.#peek();
      this.#next += 1;
      value = this.#times(value, count);
    }
    return value;
  }

  #times(value: Value, token: Token): Value {
    const count = token.kind === 'number' && /^\d{1,10}$/.test(token.text) ? Number(token.text) : 0;
    if (count < 1 || count > COUNT_MAX)
      this.#refuse(`found ${quoted(token.text)}; a whole number 1 … ${COUNT_MAX} is wanted`, token);
    if (value.kind === 'text') this.#refuse('a text times a number; put it into a list: ["…"] * 3', token);
    const items = itemsOf(value);
    return { kind: 'list', items: count === 1 ? items : [{ kind: 'group', count, items }] };
  }

  #factor(): Value {
    const token = this.#peek();
    if (token.kind === 'text') return this.#text(token);
    if (token.text === '[' || token.text === '(') return this.#bracket(token.text === '[' ? ']' : ')');
    if (token.kind === 'word') return this.#call();
    this.#refuse(`found ${quoted(token.text)}, a list of steps is wanted: ["Rest for 1 hour"]`);
    return NOTHING;
  }

  /** Texts that follow each other are one. */
  #text({ at }: Token): Value {
    let text = '';
    for (; this.#peek().kind === 'text'; this.#next += 1) text += this.#peek().text;
    return { kind: 'text', text, at };
  }

  #bracket(closing: ']' | ')'): Value {
    this.#next += 1;
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) this.#refuse(`more than ${DEPTH_MAX} brackets inside each other`);
    const items: ListedItem[] = [];
    let [parts, commas] = [0, 0];
    let last: Value = NOTHING;
    while (this.problem === null && !this.#takes(closing)) {
      last = this.#sum();
      parts += 1;
      items.push(...itemsOf(last));
      if (this.#takes(',')) commas += 1;
      else if (this.#peek().text !== closing)
        this.#refuse(`found ${quoted(this.#peek().text)}; "," or "${closing}" is wanted`);
    }
    this.#depth -= 1;
    // Without a comma these are only parentheses.
    return closing === ')' && parts === 1 && commas === 0 ? last : { kind: 'list', items };
  }

  /** `pybamm.Experiment([…], period="10 seconds")`. */
  #call(): Value {
    const { text } = this.#peek();
    this.#next += 1;
    if (!/(^|\.)Experiment$/.test(text) || !this.#takes('(')) {
      this.#next -= 1;
      this.#refuse(`found ${quoted(text)}; only lists of texts are read, and pybamm.Experiment(…)`);
      return NOTHING;
    }
    const value = this.#sum();
    while (this.problem === null && this.#takes(',')) {
      if (this.#peek().text === ')') break;
      const name = this.#peek().text;
      const setting = this.#peek(2);
      if (this.#peek(1).text !== '=') this.#refuse('an argument without a name; write period="10 seconds"');
      else if (setting.kind !== 'text') this.#refuse(`${quoted(name)} is not a text`, setting);
      this.settings.set(name, setting.text);
      this.#next += 3;
    }
    if (!this.#takes(')')) this.#refuse(`found ${quoted(this.#peek().text)}; ")" is wanted`);
    return value;
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#next + ahead] ?? END;
  }

  #takes(text: string): boolean {
    const token = this.#peek();
    if (token.kind === 'text' || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  /** The first problem stays. */
  #refuse(message: string, token: Token = this.#peek()): void {
    const at = token.kind === 'end' ? (this.#tokens.at(-1)?.at ?? END.at) : token.at;
    this.problem ??= { ...at, message };
  }
}

const END: Token = { kind: 'end', text: 'the end of the text', at: { line: 1, column: 1 } };

function itemsOf(value: Value): readonly ListedItem[] {
  return value.kind === 'list' ? value.items : [value];
}
