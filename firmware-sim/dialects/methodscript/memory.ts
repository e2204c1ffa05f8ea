// Variables and arrays of a running script. All memory of a script is given back when it ends.
import { assert } from '../../../src/base/assert.ts';
import { ERRORS, type ErrorCode } from './error-codes.ts';
import type { Argument, ElementArgument, LiteralArgument, VariableArgument } from './script.ts';
import { UNSET, type Value, type ValueResult } from './value.ts';

/** Where a command writes: a variable, or an element that exists. */
export interface Place {
  get(): Value;
  set(value: Value): void;
}

export type PlaceResult =
  | { readonly ok: true; readonly place: Place }
  | { readonly ok: false; readonly code: ErrorCode };

type ReadableArgument = LiteralArgument | VariableArgument | ElementArgument;

export class ScriptMemory {
  readonly #variables = new Map<string, Value>();
  readonly #arrays = new Map<string, Value[]>();
  readonly #elementsMax: number;
  #elements = 0;

  /** `elementsMax`: how many elements all arrays together may have. */
  constructor(elementsMax: number) {
    this.#elementsMax = elementsMax;
  }

  declare(name: string): void {
    this.#variables.set(name, UNSET);
  }

  /** Makes an array of zeros; one that exists is made anew. */
  declareArray(name: string, size: number): ErrorCode | null {
    const length = Math.trunc(size);
    const before = this.#arrays.get(name)?.length ?? 0;
    if (this.#elements - before + length > this.#elementsMax) return ERRORS.outOfVariableMemory;
    this.#elements += length - before;
    this.#arrays.set(
      name,
      Array.from({ length }, () => UNSET),
    );
    return null;
  }

  array(name: string): Value[] {
    const found = this.#arrays.get(name);
    // The parser knows the name; a declaration that was jumped over leaves it without elements.
    if (found !== undefined) return found;
    const empty: Value[] = [];
    this.#arrays.set(name, empty);
    return empty;
  }

  read(argument: Argument): ValueResult {
    assert(isReadable(argument), `a ${argument.kind} is no value`);
    if (argument.kind === 'literal') {
      const { value, isInteger } = argument;
      return { ok: true, value: { ...UNSET, value, isInteger } };
    }
    const found = this.place(argument);
    return found.ok ? { ok: true, value: found.place.get() } : found;
  }

  place(argument: Argument): PlaceResult {
    assert(argument.kind === 'variable' || argument.kind === 'element', `a ${argument.kind} is no place`);
    if (argument.kind === 'variable') {
      const { name } = argument;
      return {
        ok: true,
        place: {
          get: () => this.#variables.get(name) ?? UNSET,
          set: (value) => this.#variables.set(name, value),
        },
      };
    }
    const index = this.read(argument.index);
    return index.ok ? this.element(argument.name, index.value) : index;
  }

  element(name: string, { value: index, isInteger }: Value): PlaceResult {
    if (!isInteger) return { ok: false, code: ERRORS.wrongDatatype };
    const elements = this.array(name);
    const found = elements[index];
    if (found === undefined) return { ok: false, code: ERRORS.indexOutOfBounds };
    return {
      ok: true,
      place: {
        get: () => elements[index] ?? UNSET,
        set: (value) => {
          elements[index] = value;
        },
      },
    };
  }
}

function isReadable(argument: Argument): argument is ReadableArgument {
  return argument.kind === 'literal' || argument.kind === 'variable' || argument.kind === 'element';
}
