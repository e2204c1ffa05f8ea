// The wire of a Keithley 2400 for recording and replay: lines, answered in order. Reading its clock alone
// changes nothing; what goes with a message does.
import { MESSAGE_END, QUERIES } from '../../../frames/dialects/keithley2400/commands.ts';
import { POWER, scientificFrom } from '../../../frames/dialects/keithley2400/numbers.ts';
import { CLOCK_WRAP_US, parseReply } from '../../../frames/dialects/keithley2400/replies.ts';
import { createLineLanguage, type LatestAnswer, type WireLanguage } from '../../wire-language.ts';

const POLL = QUERIES.time.text + MESSAGE_END;

export const KEITHLEY2400_WIRE: WireLanguage = createLineLanguage({
  terminators: ['\r', '\n'],
  isPoll: (sent) => sent === POLL,
  substitute: (_kind, latest) => (latest === null ? null : timeNow(latest)),
});

/** A clock that stood still would pass for one that was set back. */
function timeNow({ text, agoMs }: LatestAnswer): string | null {
  const reply = parseReply('time', text.trim());
  if (reply?.kind !== 'time') return null;
  const timeUs = Math.round(reply.timeUs + agoMs * 1000) % CLOCK_WRAP_US;
  return `${scientificFrom(timeUs, POWER.us)}\n`;
}
