// Which commands of the wire languages the emulators know: rows of firmware-sim/dialects/README.md, each with
// lines that are sent to the emulator and what must come back, so that no row is a mere claim.
import { createMemoryPair } from '../../../firmware-sim/attach/memory.ts';
import { createInstrument } from '../../../firmware-sim/create-instrument.ts';
import type { DialectName } from '../../../firmware-sim/dialects/dialect-name.ts';
import type { LineEnd } from '../../../firmware-sim/simulated-instrument.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { tableOf } from './marked-part.ts';

export type CoverageState = 'emulated' | 'taken, no effect' | 'refused' | 'out of scope';

export interface Try {
  /** Bytes, as a host would send them, on a fresh instrument. */
  readonly sent: string;
  /** What came within a minute. */
  readonly answer: RegExp;
  /** Where it is listened for; it is sent on the first line of the instrument always. */
  readonly heardOn?: 'second line';
  /** Of `createInstrument`; default: the first of the family. */
  readonly profile?: string;
}

export interface CoverageRow {
  /** As the table shows it. */
  readonly commands: string;
  readonly state: CoverageState;
  readonly note?: string;
  readonly tries: readonly Try[];
}

const PATIENCE_MS = 60_000;

/** What an emulator with 10 ohm in its holder says. */
export function answerOf(dialect: DialectName, { sent, profile, heardOn }: Try): string {
  const clock = new VirtualClock();
  const instrument = createInstrument(dialect, {
    clock,
    seed: 7,
    cell: 'dummy-10-ohm',
    ...(profile === undefined ? {} : { profile }),
  });
  const first = listenTo(instrument, clock);
  const second = instrument.dataLine === null ? null : listenTo(instrument.dataLine, clock);
  first.write(sent);
  clock.advance(PATIENCE_MS);
  instrument.close();
  return (heardOn === undefined ? first : second)?.heard() ?? '';
}

function listenTo(line: LineEnd, clock: VirtualClock) {
  const { host, device } = createMemoryPair(clock);
  let heard = '';
  host.onBytes((text) => {
    heard += text;
  });
  host.onClosed(() => undefined);
  line.attach(device);
  return { write: (text: string) => void host.write(text), heard: () => heard };
}

export function coverageTable(rows: readonly CoverageRow[]): readonly string[] {
  return tableOf(
    ['command', 'here', ''],
    rows.map(({ commands, state, note = '' }) => [commands, state, note]),
  );
}
