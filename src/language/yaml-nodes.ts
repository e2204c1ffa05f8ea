// YAML or JSON text to plain nodes (text, list, table), each with its place. The only file that knows the
// YAML library. Refuses before the library sees it what would make it slow or deep: size, nesting, anchors,
// tags.
import { Composer, isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, Parser, type Document } from 'yaml';
import type { Place } from './expression.ts';
import type { PlaceAt } from './parse-expression.ts';
import type { SourceProblem } from './source-tree.ts';

export type TextNode = {
  readonly kind: 'text';
  readonly at: Place;
  readonly text: string;
  /** Where a character of the text stands; the start of the node where its lines were folded. */
  readonly placeAt: PlaceAt;
};
export type TableNode = {
  readonly kind: 'table';
  readonly at: Place;
  /** In the order of the text; a key may stand twice here, readers refuse it. */
  readonly entries: readonly TableEntry[];
};
export type SourceNode =
  | TextNode
  | TableNode
  | { readonly kind: 'list'; readonly at: Place; readonly items: readonly SourceNode[] };

export interface TableEntry {
  readonly key: string;
  readonly at: Place;
  readonly value: SourceNode;
}

export type NodesResult =
  | { readonly ok: true; readonly root: SourceNode }
  | { readonly ok: false; readonly problems: readonly SourceProblem[] };

/** Largest text of a protocol. */
export const TEXT_BYTES_MAX = 256 * 1024;
/** Lists and tables inside each other; a group takes two (four in block style: dash and key). */
const NESTING_MAX = 80;
/** Words and signs; the largest tree that is allowed has fewer. */
const TOKENS_MAX = 60_000;
/** Of the library's own messages only the first say something; the rest follow from them. */
const SYNTAX_PROBLEMS_MAX = 3;

/** Parses a text into nodes. A scalar stays its text: `1.0` is not 1, `no` is not false, `null` is a word. */
export function nodesOf(text: string): NodesResult {
  if (text.length > TEXT_BYTES_MAX || Buffer.byteLength(text) > TEXT_BYTES_MAX) {
    const message = `a text of ${text.length} characters; at most ${TEXT_BYTES_MAX / 1024} KiB`;
    return { ok: false, problems: [{ line: 1, column: 1, message }] };
  }
  const lines = new LineCounter();
  const fault = scanTokens(text);
  if (fault !== null)
    return { ok: false, problems: [{ ...placeOf(text, fault.offset), message: fault.message }] };
  // `uniqueKeys` compares each key with each other; readers do it by a set. `failsafe`: every scalar a text.
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, prettyErrors: false });
  const documents = [...composer.compose(new Parser(lines.addNewLine).parse(text), true, text.length)];
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const [document, second] = documents;
  if (second !== undefined)
    return { ok: false, problems: [{ ...place(second.range[0]), message: 'a second document in the text' }] };
  if (document === undefined) return { ok: false, problems: [{ ...place(0), message: 'the text is empty' }] };
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, SYNTAX_PROBLEMS_MAX).map(({ pos, message }) => ({
      ...place(pos[0]),
      message: `${oneLine(message)}${message.startsWith('Tabs') ? '; indent by spaces' : ''}`,
    }));
    return { ok: false, problems };
  }
  return convertDocument(text, document, place);
}

/** Tokens that stand for no character of the text: start, flow end that is missing, start of a scalar. */
const LEXER_MARKS = ['\u0002', '\u0018', '\u001f'];

interface ScanFault {
  readonly offset: number;
  readonly message: string;
}

/**
 * Goes over the tokens once, without a stack of calls: how deep the document nests, and what a protocol has
 * no use for (anchors, aliases, tags, directives, several documents).
 */
function scanTokens(text: string): ScanFault | null {
  const columns: number[] = [];
  let [offset, lineStart, flowDepth, count] = [0, 0, 0, 0];
  let before = '';
  for (const token of new Lexer().lex(text)) {
    const at = offset;
    if (!LEXER_MARKS.includes(token)) offset += token.length;
    const first = token.charAt(0);
    if (first === '\n' || first === '\r') lineStart = offset;
    if (first === ' ' || first === '\t' || first === '\n' || first === '\r' || first === '#') continue;
    if (first === '\u0002' || first === '\ufeff') continue;
    const refusal = refusalOf(token, before);
    if (refusal !== null) return { offset: at, message: `${oneLine(refusal)}; leave it out` };
    before = token;
    count += 1;
    if (count > TOKENS_MAX) return { offset: at, message: `more than ${TOKENS_MAX} words and signs` };
    if (token === '[' || token === '{') flowDepth += 1;
    if (token === ']' || token === '}') flowDepth -= 1;
    if (flowDepth < 0) return { offset: at, message: `found "${token}", which closes nothing` };
    if (flowDepth === 0) {
      while ((columns.at(-1) ?? -1) >= at - lineStart) columns.pop();
      columns.push(at - lineStart);
    }
    if (columns.length + flowDepth > NESTING_MAX)
      return { offset: at, message: `more than ${NESTING_MAX} lists and tables inside each other` };
  }
  return null;
}

/** Why a token has no place in a protocol; null: it may have one. */
function refusalOf(token: string, before: string): string | null {
  switch (token.charAt(0)) {
    case '&':
      return `found the anchor "${token.slice(0, 20)}"`;
    case '*':
      return `found the alias "${token.slice(0, 20)}"`;
    case '!':
      return `found the tag "${token.slice(0, 20)}"`;
    case '%':
      return `found the directive "${token.slice(0, 20)}"`;
    case '-':
      return token === '---' && before !== '' ? 'found "---", the start of a second document' : null;
    case ',':
      return before === ',' || before === '[' || before === '{' ? 'found "," with nothing before it' : null;
    default:
      return null;
  }
}

function convertDocument(text: string, document: Document.Parsed, place: PlaceAt): NodesResult {
  const problems: SourceProblem[] = [];
  const refuse = (at: Place, message: string): TextNode => {
    problems.push({ ...at, message });
    return { kind: 'text', at, text: '', placeAt: () => at };
  };
  const convert = (node: unknown, fallback: Place): SourceNode => {
    if (isAlias(node)) return refuse(fallback, 'found an alias; leave it out');
    if (isMap(node)) {
      const at = place(node.range?.[0] ?? 0);
      const entries = node.items.map(({ key, value }): TableEntry => {
        if (isScalar(key) && typeof key.value === 'string') {
          const keyAt = place(key.range?.[0] ?? 0);
          return { key: key.value, at: keyAt, value: convert(value, keyAt) };
        }
        return { key: '', at, value: refuse(at, 'a key that is a list or a table; a key is a word') };
      });
      return { kind: 'table', at, entries };
    }
    if (isSeq(node)) {
      const at = place(node.range?.[0] ?? 0);
      return { kind: 'list', at, items: node.items.map((item) => convert(item, at)) };
    }
    if (!isScalar(node) || typeof node.value !== 'string') return emptyText(fallback);
    const [start, end] = node.range ?? [0, 0];
    return textNode(node.value, { raw: text.slice(start, end), start, place });
  };
  const root = convert(document.contents, place(0));
  return problems.length === 0 ? { ok: true, root } : { ok: false, problems };
}

function emptyText(at: Place): TextNode {
  return { kind: 'text', at, text: '', placeAt: () => at };
}

/** Offsets go along where the value stands in the text as it is, plain or in quotes. */
function textNode(
  value: string,
  { raw, start, place }: { readonly raw: string; readonly start: number; readonly place: PlaceAt },
): TextNode {
  const at = place(start);
  const inset = /^["']/.test(raw) ? 1 : 0;
  const isAsWritten = raw.slice(inset, raw.length - inset) === value;
  const placeAt = (offset: number): Place => (isAsWritten ? place(start + inset + offset) : at);
  return { kind: 'text', at, text: value, placeAt };
}

function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, ' ').slice(0, 200);
}
