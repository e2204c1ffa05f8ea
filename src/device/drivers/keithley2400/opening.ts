// How the cell is opened: past whatever is under way, as far as a serial line allows, and not believed
// until the instrument has said so.
import { COMMANDS, QUERIES } from '../../../frames/dialects/keithley2400/commands.ts';
import type { Done } from '../../cycler.ts';
import type { Session } from './session.ts';

/** The answer of `:OUTP?` may be damaged on its way; the output is off by then. */
const PROOFS_MAX = 3;

/** When the cell opened, on the channel's clock. */
type OpenDone = Done<{ readonly openUs: number }>;

/**
 * Off. While an answer is awaited the order would stand behind it (a reading: 0.1 s), so a device clear
 * goes first; else it is the next message, dated by the instrument. An output that stays on costs the link:
 * it is told again at the next one.
 */
export function openCell(session: Session, done: OpenDone): void {
  const isCleared = session.isWaiting && session.clearAndSend(COMMANDS.outputOff);
  confirmOpen(session, isCleared ? session.time.nowUs() : null, done);
}

/** The same for a cell that was told to open out of band at `orderedUs`; null: it was not told yet. */
export function confirmOpen(session: Session, orderedUs: number | null, done: OpenDone): void {
  session.carryOut(
    [COMMANDS.outputOff],
    (moment) => {
      if (!moment.ok && moment.reason !== 'stale') return done(moment);
      const openUs = orderedUs ?? (moment.ok ? moment.value.atUs : session.time.nowUs());
      prove(session, PROOFS_MAX, (result) => {
        done(result.ok ? { ok: true, value: { openUs } } : result);
        if (!result.ok) session.giveUp(result.detail);
      });
    },
    { isUrgent: true },
  );
}

/** With level 0: a key pressed on the front panel drives nothing then. */
function prove(session: Session, left: number, done: Done<null>): void {
  const messages = [COMMANDS.outputOff, COMMANDS.levelZero];
  session.ask({ query: QUERIES.isOutputOn, messages, isUrgent: true }, (result) => {
    const canAskAgain = !result.ok && (result.reason === 'nonsense' || result.reason === 'stale');
    if (canAskAgain && left > 1) return prove(session, left - 1, done);
    if (!result.ok) return done(result);
    const isOff = result.value.kind === 'integer' && result.value.value === 0;
    if (isOff) return done({ ok: true, value: null });
    done({ ok: false, reason: 'refused', detail: 'its output stays on; switch it off at its front panel' });
  });
}
