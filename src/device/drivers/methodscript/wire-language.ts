// The wire of a MethodSCRIPT instrument for recording and replay: lines, in order; what a script puts out
// follows the script. All scripts but the one that opens the cell are of one kind: which steps they hold is
// compared as steps, not as text.
import { CELL_OFF_SCRIPT } from '../../../frames/dialects/methodscript/script.ts';
import { createLineLanguage, type WireLanguage } from '../../wire-language.ts';
import { WHO_TEXT } from './link-rules.ts';

const SCRIPT_BEGINS = 'e\n';

export const METHODSCRIPT_WIRE: WireLanguage = createLineLanguage({
  terminators: ['\n'],
  isPoll: (sent) => sent === WHO_TEXT,
  kindOf: (sent) => (sent.startsWith(SCRIPT_BEGINS) && sent !== CELL_OFF_SCRIPT ? 'script' : sent),
});
