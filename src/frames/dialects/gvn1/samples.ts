// Payload of `s` and `r` frames of gvn1 (GVN1.md §10) to columns: the hot path, so by character code.
// Strict: one odd character and the whole frame is nonsense; nothing is repaired.

import { LINE_BYTES_MAX } from './frame.ts';

export interface SampleFrame {
  readonly channel: number;
  readonly firstN: number;
  readonly stepNumber: number;
  readonly timeUs: readonly number[];
  readonly voltageNv: readonly number[];
  readonly currentPa: readonly number[];
  readonly netChargeNc: readonly number[];
  readonly flags: readonly number[];
}

export const SAMPLE_FLAGS = { isFirst: 1, isLast: 2, isCompliance: 4, isRuleBroken: 8 } as const;

const SPACE = 0x20;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const SEMICOLON = 0x3b;
/** After the last character. */
const END = -1;
/**
 * The payload as bytes, ended by a NUL: reading a typed array is twice as fast as `charCodeAt` on a fresh
 * string.
 */
const BYTES = Buffer.alloc(LINE_BYTES_MAX + 1);

/** Null is nonsense. `<ch> <n0> <step> <t_us,v_nv,i_pa,q_nc,flags>;…`, a last `;` allowed nowhere. */
export function parseSamples(payload: string): SampleFrame | null {
  const scan = new Scanner(payload);
  const channel = scan.integerBefore(SPACE);
  const firstN = scan.integerBefore(SPACE);
  const stepNumber = scan.integerBefore(SPACE);
  const timeUs: number[] = [];
  const voltageNv: number[] = [];
  const currentPa: number[] = [];
  const netChargeNc: number[] = [];
  const flags: number[] = [];
  while (!scan.isBroken && !scan.isAtEnd) {
    timeUs.push(scan.integerBefore(COMMA));
    voltageNv.push(scan.integerBefore(COMMA));
    currentPa.push(scan.integerBefore(COMMA));
    netChargeNc.push(scan.integerBefore(COMMA));
    flags.push(scan.integerBeforeSemicolonOrEnd());
  }
  if (scan.isBroken || channel < 1 || firstN < 0 || stepNumber < 1) return null;
  return { channel, firstN, stepNumber, timeUs, voltageNv, currentPa, netChargeNc, flags };
}

/**
 * Whether their flags and signs are those of consecutive samples of one step: flags of its edges stand at the
 * edges. Whether time rises is a question to the clock, which may wrap (§4.1).
 */
export function isOfOneStep({ timeUs, flags }: SampleFrame): boolean {
  for (let index = 0; index < timeUs.length; index += 1) {
    const atUs = timeUs[index] ?? -1;
    const flag = flags[index] ?? -1;
    if (atUs < 0 || flag < 0) return false;
    if (index > 0 && (flag & SAMPLE_FLAGS.isFirst) !== 0) return false;
    if (index < timeUs.length - 1 && (flag & SAMPLE_FLAGS.isLast) !== 0) return false;
  }
  return timeUs.length > 0;
}

/**
 * Reads integers one after another; once broken it stays broken. One payload at a time: they share the bytes.
 */
class Scanner {
  readonly #length: number;
  #at = 0;
  #isBroken: boolean;
  #stoppedBy = END;

  constructor(text: string) {
    // Longer than any line: it did not come from one.
    this.#isBroken = text.length > LINE_BYTES_MAX;
    this.#length = BYTES.write(text, 0, LINE_BYTES_MAX, 'latin1');
    BYTES[this.#length] = 0;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** True when the whole text was read and did not end in a separator. */
  get isAtEnd(): boolean {
    return this.#stoppedBy === END && this.#at > 0;
  }

  integerBefore(separator: number): number {
    const value = this.#integer();
    if (this.#stoppedBy !== separator) this.#isBroken = true;
    return value;
  }

  integerBeforeSemicolonOrEnd(): number {
    const value = this.#integer();
    if (this.#stoppedBy !== SEMICOLON && this.#stoppedBy !== END) this.#isBroken = true;
    return value;
  }

  #integer(): number {
    let at = this.#at;
    const isNegative = BYTES[at] === MINUS;
    if (isNegative) at += 1;
    const first = at;
    let value = 0;
    let code = BYTES[at] ?? 0;
    while (code >= ZERO && code <= NINE) {
      value = value * 10 + (code - ZERO);
      at += 1;
      code = BYTES[at] ?? 0;
    }
    const digits = at - first;
    // No digit, more than any value on the wire has, a leading zero, or minus zero.
    if (digits === 0 || value > Number.MAX_SAFE_INTEGER) this.#isBroken = true;
    if (BYTES[first] === ZERO && (digits > 1 || isNegative)) this.#isBroken = true;
    this.#stoppedBy = at < this.#length ? code : END;
    this.#at = at + 1;
    return isNegative ? -value : value;
  }
}
