// Text of the protocol language to expressions and conditions: precedence climbing over the tokens, each node
// with its place. Bounded in length and depth, so that no text makes it slow or deep; never throws.
import { assert } from '../base/assert.ts';
import type { Condition, Expression, Place } from './expression.ts';
import type { SourceProblem } from './source-tree.ts';
import { type TextFault, type Token, tokensOf } from './tokens.ts';

export type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: SourceProblem };

/** Where the character of an offset stands in the document. */
export type PlaceAt = (offset: number) => Place;

/** Functions of expressions, and how many operands each takes. */
export const FUNCTIONS = {
  min: { least: 2, most: 16 },
  max: { least: 2, most: 16 },
  abs: { least: 1, most: 1 },
} as const;

const COMPARISONS = ['<', '<=', '>', '>=', '==', '!='] as const;

/** Parentheses, calls and signs inside each other. */
const DEPTH_MAX = 24;

/** Offsets along one line. */
export function alongLine(start: Place): PlaceAt {
  return (offset) => ({ line: start.line, column: start.column + offset });
}

/** Parses `0.5 * j * area`. The problem tells the place, what was found, and what to write. */
export function parseExpression(text: string, placeAt: PlaceAt): Parsed<Expression> {
  return parseAll(text, placeAt, (reader) => parseSum(reader, 0));
}

/**
 * Parses `cycles > 0` or, where the left side names a choice, `fixed == charge`: then the right side is one
 * of its words, written bare.
 */
export function parseCondition(
  text: string,
  placeAt: PlaceAt,
  isChoice: (name: string) => boolean,
): Parsed<Condition> {
  const choice = /^\s*([A-Za-z_]\w*)\s*(==|!=)\s*(\S(?:.*\S)?)\s*$/.exec(text.slice(0, 200));
  const [, name = '', operator, word = ''] = choice ?? [];
  if (choice !== null && isChoice(name)) {
    const at = placeAt(text.indexOf(name));
    return {
      ok: true,
      value: { kind: 'choice', at, name, operator: operator === '==' ? '==' : '!=', word },
    };
  }
  return parseAll(text, placeAt, parseComparison);
}

function parseComparison(reader: Reader): Condition | null {
  const left = parseSum(reader, 0);
  if (left === null) return null;
  const sign = reader.next();
  const operator = COMPARISONS.find((known) => known === sign?.text);
  if (sign === null || operator === undefined) {
    const found = sign === null ? 'the end' : `"${sign.text}"`;
    const hint = sign?.text === '=' ? ' (equal is ==)' : '';
    return reader.fail(sign, `found ${found}, a comparison is wanted: ${COMPARISONS.join(' ')}${hint}`);
  }
  const right = parseSum(reader, 0);
  if (right === null) return null;
  return { kind: 'compare', at: reader.placeAt(sign.offset), operator, left, right };
}

interface Reader {
  peek(): Token | null;
  next(): Token | null;
  /** Takes the next token if it is this sign. */
  takes(sign: string): Token | null;
  readonly placeAt: PlaceAt;
  /** Notes the first fault, at a token or (null) at the end. Returns null, so that it can be returned. */
  fail(token: Token | null, message: string): null;
  fault(): TextFault | null;
}

/** What `parse` makes of all of the text, or the first fault. */
function parseAll<Value>(
  text: string,
  placeAt: PlaceAt,
  parse: (reader: Reader) => Value | null,
): Parsed<Value> {
  const problemOf = ({ offset, message }: TextFault): Parsed<Value> => ({
    ok: false,
    problem: { ...placeAt(offset), message },
  });
  const result = tokensOf(text);
  if (!result.ok) return problemOf(result.fault);
  const reader = createReader(result.tokens, { placeAt, endOffset: text.trimEnd().length });
  const value = parse(reader);
  const rest = reader.peek();
  if (value !== null && rest !== null) reader.fail(rest, leftOver(rest));
  const fault = reader.fault();
  if (fault !== null) return problemOf(fault);
  assert(value !== null, 'what could not be parsed has a fault');
  return { ok: true, value };
}

function createReader(
  tokens: readonly Token[],
  { placeAt, endOffset }: { readonly placeAt: PlaceAt; readonly endOffset: number },
): Reader {
  let index = 0;
  let fault: TextFault | null = null;
  const peek = (): Token | null => tokens[index] ?? null;
  const next = (): Token | null => {
    const token = peek();
    index += 1;
    return token;
  };
  return {
    peek,
    next,
    placeAt,
    takes: (sign) => {
      const token = peek();
      return token?.kind === 'sign' && token.text === sign ? next() : null;
    },
    fail: (token, message) => {
      fault ??= { offset: token?.offset ?? endOffset, message };
      return null;
    },
    fault: () => fault,
  };
}

function leftOver(token: Token): string {
  if (token.kind === 'sign') return `found "${token.text}", the expression is complete before it`;
  return `found "${token.text}", an operator is wanted before it: + - * /`;
}

function parseSum(reader: Reader, depth: number): Expression | null {
  let left = parseProduct(reader, depth);
  while (left !== null) {
    const token = reader.takes('+') ?? reader.takes('-');
    if (token === null) return left;
    const right = parseProduct(reader, depth);
    if (right === null) return null;
    const operator = token.text === '+' ? '+' : '-';
    left = { kind: 'binary', at: reader.placeAt(token.offset), operator, left, right };
  }
  return null;
}

function parseProduct(reader: Reader, depth: number): Expression | null {
  let left = parseSigned(reader, depth);
  while (left !== null) {
    const token = reader.takes('*') ?? reader.takes('/');
    if (token === null) return left;
    const right = parseSigned(reader, depth);
    if (right === null) return null;
    const operator = token.text === '*' ? '*' : '/';
    left = { kind: 'binary', at: reader.placeAt(token.offset), operator, left, right };
  }
  return null;
}

function parseSigned(reader: Reader, depth: number): Expression | null {
  const minus = reader.takes('-');
  if (minus === null) return parseOperand(reader, depth);
  if (depth >= DEPTH_MAX) return reader.fail(minus, tooDeep());
  const operand = parseSigned(reader, depth + 1);
  return operand === null ? null : { kind: 'negative', at: reader.placeAt(minus.offset), operand };
}

function parseOperand(reader: Reader, depth: number): Expression | null {
  const token = reader.next();
  if (token === null) return reader.fail(null, 'found the end, a number, a name or "(" is wanted');
  const at = reader.placeAt(token.offset);
  if (token.kind === 'literal') return { kind: 'literal', at, text: token.text, value: token.value };
  if (token.kind === 'name') {
    if (reader.takes('(') === null) return { kind: 'name', at, name: token.text };
    return parseCall(reader, token, depth + 1);
  }
  if (token.text !== '(')
    return reader.fail(token, `found "${token.text}", a number, a name or "(" is wanted`);
  if (depth >= DEPTH_MAX) return reader.fail(token, tooDeep());
  const inner = parseSum(reader, depth + 1);
  if (inner === null) return null;
  return reader.takes(')') === null ? missingParenthesis(reader) : inner;
}

function parseCall(reader: Reader, name: Token, depth: number): Expression | null {
  const known = name.text === 'min' || name.text === 'max' || name.text === 'abs' ? name.text : null;
  if (known === null)
    return reader.fail(
      name,
      `unknown function "${name.text}"; there are ${Object.keys(FUNCTIONS).join(', ')}`,
    );
  if (depth >= DEPTH_MAX) return reader.fail(name, tooDeep());
  const operands: Expression[] = [];
  do {
    const operand = parseSum(reader, depth);
    if (operand === null) return null;
    operands.push(operand);
  } while (reader.takes(',') !== null);
  if (reader.takes(')') === null) return missingParenthesis(reader);
  const { least, most } = FUNCTIONS[known];
  if (operands.length < least || operands.length > most) {
    const wanted = least === most ? String(least) : `${least} … ${most}`;
    return reader.fail(name, `${known}() of ${operands.length} values; it takes ${wanted}`);
  }
  return { kind: 'call', at: reader.placeAt(name.offset), function: known, operands };
}

function missingParenthesis(reader: Reader): null {
  const token = reader.peek();
  const found = token === null ? 'the end' : `"${token.text}"`;
  return reader.fail(token, `found ${found}, ")" or an operator is wanted`);
}

function tooDeep(): string {
  return `more than ${DEPTH_MAX} parentheses inside each other; give a part a name in "values"`;
}
