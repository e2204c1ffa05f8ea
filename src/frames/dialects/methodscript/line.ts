// One line of a MethodSCRIPT instrument, told apart: a reply to a command, or output of a running script.
// Second stage behind the port. What is neither is garbage, counted by whoever asked, never guessed at.
// Sources: PalmSens/MethodSCRIPT_Examples (mscript.py), palmsens-sdk comm_protocol.md.
import { parsePackage, type PackageVariable } from './package.ts';

/** Longest line with its LF; the manual allows 255 characters. */
export const LINE_BYTES_MAX = 512;
/** XON and XOFF may stand anywhere in the stream, one XON at power-up. */
const XON = '\u0011';
const XOFF = '\u0013';

export function withoutFlowControl(text: string): string {
  return text.replaceAll(XON, '').replaceAll(XOFF, '');
}

export interface DeviceError {
  /** Four hex digits, upper case. */
  readonly code: string;
  /** `Line 3, Col 5`; empty where it says nothing. */
  readonly where: string;
}

export type Line =
  /** The device echoes the command; `payload` is what follows it. */
  | {
      readonly kind: 'reply';
      readonly command: string;
      readonly payload: string;
      readonly error: DeviceError | null;
    }
  /** Second line of the answer to `t`. */
  | { readonly kind: 'release'; readonly isBeta: boolean }
  | { readonly kind: 'loopBegan'; readonly technique: string }
  | { readonly kind: 'loopEnded' }
  | { readonly kind: 'scanBegan'; readonly scan: number }
  | { readonly kind: 'scanEnded' }
  /** Generic `loop` of the script language. */
  | { readonly kind: 'repeatBegan' }
  | { readonly kind: 'repeatEnded' }
  | { readonly kind: 'package'; readonly variables: readonly PackageVariable[] }
  | { readonly kind: 'text'; readonly text: string }
  /** The script has stopped where it was; `on_finished:` was not executed. */
  | { readonly kind: 'failed'; readonly error: DeviceError }
  /** End of a script, or the answer to an empty line. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'garbage' };

const GARBAGE: Line = { kind: 'garbage' };

const FIXED: ReadonlyMap<string, Line> = new Map<string, Line>([
  ['', { kind: 'empty' }],
  ['*', { kind: 'loopEnded' }],
  ['-', { kind: 'scanEnded' }],
  ['L', { kind: 'repeatBegan' }],
  ['+', { kind: 'repeatEnded' }],
  ['R*', { kind: 'release', isBeta: false }],
  ['B*', { kind: 'release', isBeta: true }],
]);

const ERROR = /^([A-Za-z]{0,2})!([0-9A-F]{4})(?:: ?(.*))?$/;
const LOOP = /^M([0-9A-F]{4})$/;
const SCAN = /^C([0-9]{4})$/;
/** Of the commands that this project sends: their echo, and what must follow. */
const REPLY = /^(?:(t)([a-z0-9_]{6,}#.*)|(i)([A-Za-z0-9-]+)|(v)([0-9.]+)|(CC|CM)([0-9A-F]{8,})|([elrZY])())$/;

/** Takes a line with or without its LF. Printable ASCII only. */
export function decodeLine(lineWithEnd: string): Line {
  const line = lineWithEnd.endsWith('\n') ? lineWithEnd.slice(0, -1) : lineWithEnd;
  if (!/^[ -~]*$/.test(line)) return GARBAGE;
  const fixed = FIXED.get(line);
  if (fixed !== undefined) return fixed;
  if (line.startsWith('T')) return { kind: 'text', text: line.slice(1) };
  if (line.startsWith('P')) {
    const variables = parsePackage(line);
    return variables === null ? GARBAGE : { kind: 'package', variables };
  }
  return decodeError(line) ?? decodeMark(line) ?? decodeReply(line);
}

function decodeError(line: string): Line | null {
  const [, command, code, where = ''] = ERROR.exec(line) ?? [];
  if (command === undefined || code === undefined) return null;
  const error = { code, where };
  return command === '' ? { kind: 'failed', error } : { kind: 'reply', command, payload: '', error };
}

function decodeMark(line: string): Line | null {
  const [, technique] = LOOP.exec(line) ?? [];
  if (technique !== undefined) return { kind: 'loopBegan', technique };
  const [, scan] = SCAN.exec(line) ?? [];
  return scan === undefined ? null : { kind: 'scanBegan', scan: Number(scan) };
}

function decodeReply(line: string): Line {
  const [command, payload] = (REPLY.exec(line) ?? []).slice(1).filter((group) => typeof group === 'string');
  if (command === undefined || payload === undefined) return GARBAGE;
  return { kind: 'reply', command, payload, error: null };
}
