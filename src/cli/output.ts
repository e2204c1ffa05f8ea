// Output of commands: data on stdout, talk on stderr, nothing else anywhere. Colour and progress on a
// terminal only.
import { SystemClock } from '../base/clock.ts';

/** One JSON document on stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** One line of data on stdout. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** One line of talk on stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Rows under headings, columns as wide as needed. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = headings.map((heading, index) =>
    Math.max(heading.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  printLine(line(headings));
  for (const row of rows) printLine(line(row));
}

/** A line on stderr that is written over itself, at most five times a second; silent without a terminal. */
export function createProgressLine(): { show(text: string): void; end(): void } {
  const clock = new SystemClock();
  let shownMs = Number.NEGATIVE_INFINITY;
  let hasShown = false;
  return {
    show(text) {
      if (!process.stderr.isTTY || clock.nowMs() - shownMs < 200) return;
      shownMs = clock.nowMs();
      hasShown = true;
      process.stderr.write(`\r\u001B[K${text}`);
    },
    end() {
      if (hasShown) process.stderr.write('\r\u001B[K');
    },
  };
}
