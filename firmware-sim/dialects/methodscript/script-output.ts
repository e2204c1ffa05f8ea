// What a running script sends: loop marks, texts and data packages, put together piece by piece. The output
// mode silences packages and texts; marks are always sent, so that a reader's nesting stays balanced
// (inferred: pypalmsens' battery script switches output off inside a loop whose end its reader needs).
import { ERRORS, type ErrorCode } from './error-codes.ts';
import { variableText } from './package.ts';
import type { Value } from './value.ts';

/** The vendor's C client holds eight. */
const PACKAGE_VARIABLES_MAX = 8;
/** `set_script_output`: bit 0 the line, bit 1 storage. */
const MODE_STORAGE = 2;
const MODE_MAX = 3;

export class ScriptOutput {
  readonly #emit: (line: string) => void;
  readonly #noise: string | null;
  #isSpeaking = true;
  #package: string[] | null = null;

  constructor(options: { readonly emit: (line: string) => void; readonly noise: string | null }) {
    this.#emit = options.emit;
    this.#noise = options.noise;
  }

  mark(line: string): void {
    this.#emit(line);
  }

  text(line: string): void {
    if (this.#isSpeaking) this.#emit(`T${line}`);
  }

  setMode(mode: number): ErrorCode | null {
    if (mode > MODE_MAX) return ERRORS.unknownOutputMode;
    // Nothing can be stored where no file can be opened.
    if (mode >= MODE_STORAGE) return ERRORS.noFileOpen;
    this.#isSpeaking = mode === 1;
    return null;
  }

  startPackage(): ErrorCode | null {
    if (this.#package !== null) return ERRORS.badPackageSequence;
    this.#package = [];
    return null;
  }

  addToPackage(value: Value): ErrorCode | null {
    if (this.#package === null) return ERRORS.badPackageSequence;
    if (this.#package.length === PACKAGE_VARIABLES_MAX) return ERRORS.tooManyInPackage;
    this.#package.push(variableText(value, this.#noise));
    return null;
  }

  endPackage(): ErrorCode | null {
    if (this.#package === null) return ERRORS.badPackageSequence;
    if (this.#isSpeaking) this.#emit(`P${this.#package.join(';')}`);
    this.#package = null;
    return null;
  }
}
