// A port of an instrument with somebody listening to what the host says on it, and what may come first on a
// connection of gvn1. Changes nothing that goes through.
import type { BytePort } from '../../src/base/byte-port.ts';

/** `hear` returns whether a chunk goes on to the receiver. */
export function overheard(port: BytePort, hear: (text: string) => boolean): BytePort {
  return {
    name: port.name,
    get isOpen() {
      return port.isOpen;
    },
    get pendingBytes() {
      return port.pendingBytes;
    },
    write: (text) => port.write(text),
    onBytes: (receive) =>
      port.onBytes((text) => {
        if (hear(text)) receive(text);
      }),
    onClosed: (receive) => port.onClosed(receive),
    close: () => port.close(),
  };
}

/** Frames that change what the cell sees, or whose it is. */
const SETTING = new Set(['open', 'close', 'job', 'node', 'commit', 'clr']);
const ASKING = 'stat';

/** Kinds of the frames that a host said; whatever is no frame stands as it is. */
export function frameTypes(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => /^@\d+ ([a-z]+)/.exec(line)?.[1] ?? line);
}

/** Hello first, and nothing that sets anything before the instrument was asked where it is. */
export function beginsWell(types: readonly string[]): boolean {
  const asked = types.indexOf(ASKING);
  const set = types.findIndex((type) => SETTING.has(type));
  return types[0] === 'hello' && (set === -1 || (asked !== -1 && asked < set));
}
