// A script as it goes over the line: `e`, one command a line, and the empty line that ends it and starts it.
// Must never hold an empty line inside: the device would start what it has until then.
import { assert } from '../../../base/assert.ts';

/** Well below the 255 of the manual. */
export const SCRIPT_LINE_MAX = 128;

/** Opens the cell and does nothing else. */
export const CELL_OFF_SCRIPT = scriptText(['cell_off']);
/** Ends the running script at the end of its current interval; `on_finished:` is executed. */
export const ABORT = 'Z\n';

/** Load and run. Lines without their LF. */
export function scriptText(lines: readonly string[]): string {
  assert(lines.length > 0, 'a script must have a line');
  for (const line of lines) {
    assert(/^[!-~][ -~]*$/.test(line), `a script line must be printable and not empty, found "${line}"`);
    assert(
      line.length <= SCRIPT_LINE_MAX,
      `a script line must be at most ${SCRIPT_LINE_MAX} long, found "${line}"`,
    );
  }
  return `e\n${lines.join('\n')}\n\n`;
}
