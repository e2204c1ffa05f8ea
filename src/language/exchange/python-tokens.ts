// Words and signs of the part of Python that experiments are written in. Texts have no escapes but of quotes
// and of the backslash; nothing of Python that computes is known. Bounded in size; never throws.
import type { Place } from '../expression.ts';
import { quoted } from '../read-nodes.ts';
import type { SourceProblem } from '../source-tree.ts';
import { TEXT_BYTES_MAX } from '../yaml-nodes.ts';

export interface Token {
  readonly kind: 'text' | 'number' | 'word' | 'sign' | 'end';
  /** Of a text: without its quotes. */
  readonly text: string;
  readonly at: Place;
}

export type TokensResult =
  | { readonly ok: true; readonly tokens: readonly Token[] }
  | { readonly ok: false; readonly problem: SourceProblem };

const TOKENS_MAX = 60_000;
/** Blanks and comments; a text in double quotes or in single ones; a whole number; a name; a sign. */
const TOKEN = new RegExp(
  [
    String.raw`[ \t\r\n]+|#[^\n]*`,
    String.raw`"((?:[^"\\\n]|\\.)*)"`,
    String.raw`'((?:[^'\\\n]|\\.)*)'`,
    String.raw`(\d+)(?![\w.])`,
    String.raw`([A-Za-z_][\w.]*)`,
    String.raw`([[\](),+*=])`,
  ].join('|'),
  'y',
);

export function tokensOf(text: string): TokensResult {
  const start: Place = { line: 1, column: 1 };
  if (text.length > TEXT_BYTES_MAX) {
    const message = `a text of ${text.length} characters; at most ${TEXT_BYTES_MAX / 1024} KiB`;
    return { ok: false, problem: { ...start, message } };
  }
  const tokens: Token[] = [];
  const matcher = new RegExp(TOKEN);
  let [line, lineStart] = [1, 0];
  while (matcher.lastIndex < text.length) {
    const offset = matcher.lastIndex;
    const at = { line, column: offset - lineStart + 1 };
    const match = matcher.exec(text);
    if (match === null || tokens.length > TOKENS_MAX) {
      const found = match === null ? `found ${quoted(text.slice(offset, offset + 20))}` : 'too many words';
      return { ok: false, problem: { ...at, message: `${found}; only lists of texts are read` } };
    }
    const token = tokenOf(match, at);
    if (token !== null) tokens.push(token);
    for (const { index } of match[0].matchAll(/\n/g)) {
      line += 1;
      lineStart = offset + index + 1;
    }
  }
  return { ok: true, tokens };
}

function tokenOf(match: RegExpExecArray, at: Place): Token | null {
  const [, double, single, number, word, sign] = match;
  const text = double ?? single;
  if (text !== undefined) return { kind: 'text', text: text.replaceAll(/\\(.)/g, '$1'), at };
  if (number !== undefined) return { kind: 'number', text: number, at };
  if (word !== undefined) return { kind: 'word', text: word, at };
  return sign === undefined ? null : { kind: 'sign', text: sign, at };
}
