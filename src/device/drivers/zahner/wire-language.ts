// The wire of a Zahner potentiostat for recording and replay: lines of the text port, answered in order, and
// packets of the data port, which come unasked.
import { encodeCommand } from '../../../frames/dialects/zahner/commands.ts';
import { createLineLanguage, type WireLanguage } from '../../wire-language.ts';

const POLL = `${encodeCommand({ name: 'identify' })}\n`;

export const ZAHNER_WIRE: WireLanguage = createLineLanguage({
  terminators: ['\n'],
  isPoll: (sent) => sent === POLL,
});
