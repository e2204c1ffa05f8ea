// How long to wait before the next connection attempt: doubling, and bounded so that a cable that is back is
// seen within a second. Pure; the link's timer waits.

const FIRST_MS = 250;
const LONGEST_MS = 500;

/** `failures`: connections in a row that did not come up; 0 right after a loss. */
export function backOffMs(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
}
