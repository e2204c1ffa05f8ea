// The arguments of a command at the moment it runs: numbers read, places found, bounds kept.
import { assert } from '../../../src/base/assert.ts';
import { boundBroken } from './references.ts';
import type { CommandSpec } from './command-table.ts';
import type { ErrorCode } from './error-codes.ts';
import type { Place, ScriptMemory } from './memory.ts';
import type { Argument, Command } from './script.ts';
import type { Value } from './value.ts';

type Slot =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'word'; readonly argument: Argument };

export type EvaluationResult =
  | { readonly ok: true; readonly args: EvaluatedArguments }
  | { readonly ok: false; readonly code: ErrorCode };

/** Arguments by position; asking for what an argument is not is a mistake in the command table. */
export class EvaluatedArguments {
  readonly #slots: readonly Slot[];
  readonly #memory: ScriptMemory;

  constructor(slots: readonly Slot[], memory: ScriptMemory) {
    this.#slots = slots;
    this.#memory = memory;
  }

  value(index: number): Value {
    const slot = this.#slots[index];
    assert(slot?.kind === 'value', `argument ${index} is no value`);
    return slot.value;
  }

  number(index: number): number {
    return this.value(index).value;
  }

  place(index: number): Place {
    const slot = this.#slots[index];
    assert(slot?.kind === 'place', `argument ${index} is no place`);
    return slot.place;
  }

  type(index: number): string {
    const argument = this.#word(index);
    assert(argument.kind === 'type', `argument ${index} is no type`);
    return argument.type;
  }

  arrayName(index: number): string {
    const argument = this.#word(index);
    assert(argument.kind === 'array', `argument ${index} is no array`);
    return argument.name;
  }

  array(index: number): Value[] {
    return this.#memory.array(this.arrayName(index));
  }

  #word(index: number): Argument {
    const slot = this.#slots[index];
    assert(slot?.kind === 'word', `argument ${index} is no word`);
    return slot.argument;
  }
}

export function evaluate(command: Command, spec: CommandSpec, memory: ScriptMemory): EvaluationResult {
  const slots: Slot[] = [];
  for (const [index, argument] of command.args.entries()) {
    const expected = spec.args[Math.min(index, spec.args.length - 1)];
    if (expected?.kind === 'value') {
      const read = memory.read(argument);
      if (!read.ok) return read;
      const broken = boundBroken(read.value.value, expected);
      if (broken !== null) return { ok: false, code: broken };
      slots.push({ kind: 'value', value: read.value });
    } else if (expected?.kind === 'out') {
      const found = memory.place(argument);
      if (!found.ok) return found;
      slots.push({ kind: 'place', place: found.place });
    } else slots.push({ kind: 'word', argument });
  }
  return { ok: true, args: new EvaluatedArguments(slots, memory) };
}
