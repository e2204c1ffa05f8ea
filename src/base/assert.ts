// Assertions: broken invariants, on in production. A failed assertion faults the channel it belongs to.
// Never use it for expected failures (bad input, link loss): those are values.

/** Thrown by `assert`; the supervisor turns it into cell off, journal, state `failed`. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed';
}

/** Throws `AssertionFailed` when `condition` is false. `message` says what should have held. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message);
}

/** Closes an exhaustive `switch`: a case that was forgotten is a type error here. */
export function assertNever(value: never, message: string): never {
  throw new AssertionFailed(`${message}: ${JSON.stringify(value)}`);
}

/**
 * Asserts a safe integer and returns it: every stored and sent quantity is one (uV would do, we use nV, pA,
 * us, nC).
 */
export function assertInteger(value: number, name: string): number {
  assert(Number.isSafeInteger(value), `${name} must be a safe integer, found ${value}`);
  return value;
}
