// Where an instrument is to be found: a pty or a TCP port for each of its lines, and how it goes elsewhere,
// as a USB device that comes back under another name. Must never touch what the instrument does meanwhile.
//
//   pty  PATH, PATH.data   -> PATH.2, PATH.2.data -> PATH.3 …
//   tcp  PORT, PORT + 1    -> the next free pair beyond (one port where there is one line)
import type { Clock } from '../../src/base/clock.ts';
import type { SimulatedInstrument } from '../simulated-instrument.ts';
import { attachPty } from './pty.ts';
import { attachTcp } from './tcp.ts';

export type Place =
  | { readonly kind: 'pty'; readonly path: string }
  /** Port 0: any that is free. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** What a host opens. */
export interface Whereabouts {
  readonly port: string;
  /** Of instruments that have a second line. */
  readonly dataPort?: string;
}

export interface Attachment {
  readonly whereabouts: Whereabouts;
  /**
   * Takes the lines away and, a second later, brings them back elsewhere. Rejects where that is taken;
   * null where it was closed meanwhile.
   */
  moveOn(): Promise<Whereabouts | null>;
  close(): Promise<void>;
}

type Lines = Pick<SimulatedInstrument, 'attach' | 'dataLine'>;

interface Held {
  readonly whereabouts: Whereabouts;
  /** Where it would go next. */
  readonly next: Place;
  close(): Promise<void>;
}

/** What a USB device takes to be there again, about. */
const AWAY_MS = 1000;
const PORT_MAX = 65_535;
/** How often a pair of neighbouring free ports is looked for. */
const PAIR_TRIES = 20;

/** Resolves when every line can be opened; rejects with a message that says what is in the way. */
export async function attachAt(instrument: Lines, place: Place, clock: Clock): Promise<Attachment> {
  let held = await hold(instrument, { place, number: 1 }, clock);
  let number = 1;
  let isClosed = false;
  let moving: Promise<void> = Promise.resolve();
  const move = async (): Promise<void> => {
    await held.close();
    await new Promise<void>((resolve) => clock.after(AWAY_MS, resolve));
    if (isClosed) return;
    number += 1;
    held = await hold(instrument, { place: held.next, number }, clock);
  };
  return {
    get whereabouts() {
      return held.whereabouts;
    },
    async moveOn() {
      moving = moving.then(move);
      await moving;
      return isClosed ? null : held.whereabouts;
    },
    async close() {
      isClosed = true;
      await moving.catch(() => undefined);
      await held.close();
    },
  };
}

/** `number` counts the names that a pty has had; 1: as it was asked for. */
async function hold(
  instrument: Lines,
  { place, number }: { readonly place: Place; readonly number: number },
  clock: Clock,
): Promise<Held> {
  if (place.kind === 'tcp') return holdTcp(instrument, place);
  const path = number === 1 ? place.path : `${place.path}.${number}`;
  const main = await attachPty(instrument, { path, clock });
  const next = place;
  const { dataLine } = instrument;
  if (dataLine === null) return { whereabouts: { port: path }, next, close: () => main.close() };
  const dataPath = `${path}.data`;
  const data = await attachPty(dataLine, { path: dataPath, clock }).catch(async (thrown: unknown) => {
    await main.close();
    throw thrown;
  });
  const close = async (): Promise<void> => {
    await Promise.all([main.close(), data.close()]);
  };
  return { whereabouts: { port: path, dataPort: dataPath }, next, close };
}

async function holdTcp(instrument: Lines, place: Extract<Place, { readonly kind: 'tcp' }>): Promise<Held> {
  const { host } = place;
  const { dataLine } = instrument;
  for (let tryNumber = 1; ; tryNumber += 1) {
    const main = await attachTcp(instrument, { host, port: place.port });
    const nextOf = (port: number): Place => ({ kind: 'tcp', host, port: port < PORT_MAX ? port + 1 : 0 });
    const port = `tcp://${host}:${main.port}`;
    if (dataLine === null)
      return { whereabouts: { port }, next: nextOf(main.port), close: () => main.close() };
    try {
      const data = await attachTcp(dataLine, { host, port: main.port + 1 });
      const close = async (): Promise<void> => {
        await Promise.all([main.close(), data.close()]);
      };
      return {
        whereabouts: { port, dataPort: `tcp://${host}:${data.port}` },
        next: nextOf(data.port),
        close,
      };
    } catch (thrown) {
      await main.close();
      // A port that was asked for is that one or none.
      if (place.port !== 0 || tryNumber === PAIR_TRIES) throw thrown;
    }
  }
}
