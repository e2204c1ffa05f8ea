// One connection to a MethodSCRIPT instrument: its bytes to what the link hears. Replies carry no number and
// come in order, so each is handed the number of the one command that is outstanding.
// Until the greeting is over every line is its own; after that what answers nothing is output of a script.
import {
  decodeLine,
  LINE_BYTES_MAX,
  withoutFlowControl,
  type Line,
} from '../../../frames/dialects/methodscript/line.ts';
import { LineFramer } from '../../../frames/line-framer.ts';
import type { Heard } from '../../link-runner.ts';
import { SEQ_MODULUS, type Outstanding } from './link-rules.ts';
import type { Greeting } from './greeting.ts';

export interface ConversationOptions {
  readonly hear: (heard: Heard<Line>) => void;
  readonly greeting: Greeting;
  /** The command that waits for its reply; null: none does. */
  readonly outstanding: () => Outstanding | null;
  readonly onDropped: () => void;
}

/** Echo of the command that a reply begins with. */
const ECHO: Readonly<Record<Outstanding['type'], string | null>> = { hello: null, script: 'e', who: 't' };

export class Conversation {
  readonly #options: ConversationOptions;
  readonly #framer: LineFramer;
  #tooLong = 0;
  #reportCount = 0;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#framer = new LineFramer({ lengthMax: LINE_BYTES_MAX, onLine: (line) => this.#take(line) });
  }

  push(text: string): void {
    this.#framer.push(withoutFlowControl(text));
    for (; this.#tooLong < this.#framer.tooLong; this.#tooLong += 1) this.#drop();
  }

  #take(text: string): void {
    const line = decodeLine(text);
    const { greeting, hear, outstanding } = this.#options;
    if (line.kind === 'garbage') return this.#drop();
    if (!greeting.isDone) return greeting.take(line);
    const asked = outstanding();
    if (asked !== null && line.kind === 'reply' && line.command === ECHO[asked.type]) {
      return hear({ kind: 'answer', seq: asked.seq, frame: line });
    }
    if (line.kind === 'release') return;
    hear({ kind: 'report', txSeq: this.#reportCount, frame: line });
    this.#reportCount = (this.#reportCount + 1) % SEQ_MODULUS;
  }

  #drop(): void {
    this.#options.onDropped();
    this.#options.hear({ kind: 'garbage' });
  }
}
