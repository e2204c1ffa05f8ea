// Chunks of text in, whole lines out: first stage behind a BytePort of a dialect that speaks in lines.
// A length guard stands in front of the package's parser, which has no limit and is quadratic in chunks.
// Must never keep more than `lengthMax` of an unfinished line, and never guess at a line it had to cut.
import { ReadlineParser } from '@serialport/parser-readline';
import { assert } from '../base/assert.ts';

export interface LineFramerOptions {
  /** Longest line that is let through, in bytes, its delimiter included. */
  readonly lengthMax: number;
  /** Receives each line with its delimiter, an empty line too: in some dialects that is a message. */
  readonly onLine: (line: string) => void;
}

const DELIMITER = '\n';

export class LineFramer {
  readonly #lengthMax: number;
  readonly #onLine: (line: string) => void;
  readonly #parser = new ReadlineParser({ encoding: 'latin1', delimiter: DELIMITER, includeDelimiter: true });
  /** Lines out of the parser. A receiver that throws loses its own line, not the ones behind it. */
  readonly #ready: string[] = [];
  #deliveredCount = 0;
  #begun: string[] = [];
  #begunLength = 0;
  #isSkipping = false;
  #tooLong = 0;

  constructor(options: LineFramerOptions) {
    assert(options.lengthMax >= 2, `lengthMax must be at least 2 bytes, found ${options.lengthMax}`);
    this.#lengthMax = options.lengthMax;
    this.#onLine = options.onLine;
    this.#parser.on('data', (line: string) => this.#ready.push(line));
  }

  /** Lines that were longer than `lengthMax` and were dropped up to their delimiter. */
  get tooLong(): number {
    return this.#tooLong;
  }

  /** Takes a chunk of latin1 text and delivers the lines it ends, at once. */
  push(chunk: string): void {
    const whole = this.#guard(chunk);
    if (whole !== '') this.#parser.write(whole, 'latin1');
    while (this.#deliveredCount < this.#ready.length) {
      const line = this.#ready[this.#deliveredCount];
      this.#deliveredCount += 1;
      if (line !== undefined) this.#onLine(line);
    }
    this.#ready.length = 0;
    this.#deliveredCount = 0;
  }

  /** Returns the lines that end in this chunk and are not too long; keeps the beginning of a next one. */
  #guard(chunk: string): string {
    let whole = '';
    let start = 0;
    for (let at = chunk.indexOf(DELIMITER); at !== -1; at = chunk.indexOf(DELIMITER, start)) {
      const end = at + DELIMITER.length;
      this.#extend(chunk, start, end);
      if (this.#isSkipping) this.#isSkipping = false;
      else whole += this.#begun.length === 1 ? (this.#begun[0] ?? '') : this.#begun.join('');
      this.#forget();
      start = end;
    }
    this.#extend(chunk, start, chunk.length);
    return whole;
  }

  #extend(chunk: string, start: number, end: number): void {
    if (this.#isSkipping || end === start) return;
    this.#begunLength += end - start;
    if (this.#begunLength <= this.#lengthMax) {
      this.#begun.push(chunk.slice(start, end));
      return;
    }
    this.#tooLong += 1;
    this.#isSkipping = true;
    this.#forget();
  }

  #forget(): void {
    this.#begun = [];
    this.#begunLength = 0;
  }
}
