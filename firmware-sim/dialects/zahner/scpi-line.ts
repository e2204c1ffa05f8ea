// From characters to a command: lines cut at LF, mnemonics brought to their short form. Must never know what
// a command does, and must survive any bytes.

export interface ScpiLine {
  /** Short form in capitals, without the leading colon and with the question mark: `MEAS:VOLT?`. */
  readonly header: string;
  /** What stands behind the first blank, trimmed. */
  readonly argument: string;
}

/** Longer ones have no meaning here, and are answered like an unknown command. */
const LINE_MAX_CHARS = 256;

/**
 * Long forms of what the client sends in short form, where the word is a common SCPI one (SCPI-99, volume 1,
 * 6.2.1: either form, any case, nothing between) [inferred].
 */
const SHORT_FORMS: ReadonlyMap<string, string> = new Map([
  ['ABORT', 'ABOR'],
  ['ABSOLUTE', 'ABS'],
  ['CHARGE', 'CHAR'],
  ['COUPLING', 'COUP'],
  ['CURRENT', 'CURR'],
  ['FILTER', 'FILT'],
  ['INDEX', 'IDX'],
  ['MAXIMUM', 'MAX'],
  ['MEASURE', 'MEAS'],
  ['MINIMUM', 'MIN'],
  ['PARAMETER', 'PARA'],
  ['RELATIVE', 'REL'],
  ['SOFTWARE', 'SOFT'],
  ['STATE', 'STAT'],
  ['SYSTEM', 'SYST'],
  ['TEMPERATURE', 'TEMP'],
  ['TOLERANCE', 'TOL'],
  ['VOLTAGE', 'VOLT'],
]);

/** Cuts a stream into lines. An empty line is no command; CR before LF is let pass. */
export class LineSplitter {
  readonly #receive: (line: string) => void;
  #rest = '';
  #isTooLong = false;

  constructor(receive: (line: string) => void) {
    this.#receive = receive;
  }

  /** Forgets a line that was begun, as when the port is opened anew. */
  reset(): void {
    this.#rest = '';
    this.#isTooLong = false;
  }

  push(chunk: string): void {
    const pieces = chunk.split('\n');
    const rest = pieces.pop() ?? '';
    for (const piece of pieces) this.#end(this.#grown(piece));
    this.#rest = this.#grown(rest);
  }

  #grown(piece: string): string {
    const line = this.#rest + piece;
    this.#rest = '';
    if (line.length > LINE_MAX_CHARS) this.#isTooLong = true;
    return line.slice(0, LINE_MAX_CHARS);
  }

  #end(line: string): void {
    const trimmed = this.#isTooLong ? '?' : line.trim();
    this.#isTooLong = false;
    if (trimmed !== '') this.#receive(trimmed);
  }
}

export function parseScpiLine(line: string): ScpiLine {
  const [first = '', ...rest] = line.split(/\s+/);
  const word = first.toUpperCase();
  const isQuery = word.endsWith('?');
  const nodes = (isQuery ? word.slice(0, -1) : word).replace(/^:/, '').split(':');
  const header = nodes.map((node) => SHORT_FORMS.get(node) ?? node).join(':');
  return { header: isQuery ? `${header}?` : header, argument: rest.join(' ') };
}
