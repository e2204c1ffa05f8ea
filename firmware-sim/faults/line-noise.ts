// What a bad line does to one direction of traffic: whole lines lost or doubled, single bits turned. A draw
// depends on the seed and on the number of the line or byte only, so the same bytes meet the same fate
// however they are cut into chunks. Must never delay anything: that is departures.ts.
import { randomKey, uniformAt } from '../../src/base/prng.ts';

/** Shares at this instant; 0 where there is no such fault. */
export interface NoiseShares {
  readonly drop: number;
  readonly double: number;
  /** Of bytes. */
  readonly flip: number;
}

type Fate = 'kept' | 'dropped' | 'doubled';

/** A piece ends behind CR, LF or CR LF; the last may have no end yet. */
const PIECES = /[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+/g;
/** What never ends is no line, and is not kept to be sent again. */
const COPY_LONGEST = 4096;

export class LineNoise {
  readonly #dropKey: number;
  readonly #doubleKey: number;
  readonly #flipKey: number;
  #lines = 0;
  #bytes = 0;
  #fate: Fate = 'kept';
  #isInLine = false;
  /** The next LF still belongs to the line that has just ended by CR. */
  #hasEndedByCr = false;
  #copy = '';

  /** `direction` tells the two directions and the lines of an instrument apart. */
  constructor(seed: number, direction: string) {
    this.#dropKey = randomKey(seed, `${direction}:drop-lines`);
    this.#doubleKey = randomKey(seed, `${direction}:double-lines`);
    this.#flipKey = randomKey(seed, `${direction}:byte-flips`);
  }

  /** A new connection begins with a new line. */
  reset(): void {
    this.#isInLine = false;
    this.#hasEndedByCr = false;
    this.#copy = '';
  }

  /** What arrives of `text`. */
  pass(text: string, shares: NoiseShares): string {
    const { drop, double, flip } = shares;
    const lines = drop === 0 && double === 0 && !this.#isInLine ? text : this.#passLines(text, shares);
    return flip === 0 ? lines : this.#flipped(lines, flip);
  }

  #passLines(text: string, shares: NoiseShares): string {
    let passed = '';
    for (const [piece] of text.matchAll(PIECES)) {
      const isRestOfEnd = this.#hasEndedByCr && piece === '\n';
      if (!this.#isInLine && !isRestOfEnd) this.#fate = this.#nextFate(shares);
      if (this.#fate !== 'dropped') passed += piece;
      this.#hasEndedByCr = piece.endsWith('\r');
      if (isRestOfEnd) continue;
      this.#isInLine = !/[\r\n]$/.test(piece);
      if (this.#fate === 'doubled') passed += this.#copyOf(piece);
    }
    return passed;
  }

  /** The whole line once more, as soon as it has ended. */
  #copyOf(piece: string): string {
    this.#copy += piece;
    if (this.#isInLine && this.#copy.length <= COPY_LONGEST) return '';
    const copy = this.#isInLine ? '' : this.#copy;
    if (this.#isInLine) this.#fate = 'kept';
    this.#copy = '';
    return copy;
  }

  #nextFate({ drop, double }: NoiseShares): Fate {
    const line = this.#lines;
    this.#lines += 1;
    if (uniformAt(this.#dropKey, line) < drop) return 'dropped';
    return uniformAt(this.#doubleKey, line) < double ? 'doubled' : 'kept';
  }

  #flipped(text: string, share: number): string {
    let flipped = '';
    for (let index = 0; index < text.length; index += 1) {
      const draw = uniformAt(this.#flipKey, this.#bytes);
      this.#bytes += 1;
      // The draw below the share is uniform there, so it also tells which of the eight bits it is.
      const mask = draw < share ? 1 << Math.floor((draw / share) * 8) : 0;
      flipped += String.fromCharCode(text.charCodeAt(index) ^ mask);
    }
    return flipped;
  }
}
