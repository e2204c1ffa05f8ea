// A file of JSON lines, one write call a line, so that what happened before a SIGKILL is in the file.
// It is what the simulator's own records are made of; it must never buffer.
import { closeSync, openSync, writeSync } from 'node:fs';

export interface LineFile<Entry> {
  write(entry: Entry): void;
  close(): void;
}

/** Opens `path`; throws what the file system says where it cannot be opened. */
export function createLineFile<Entry>(path: string, manner: 'append' | 'replace'): LineFile<Entry> {
  const file = openSync(path, manner === 'append' ? 'a' : 'w');
  let isOpen = true;
  return {
    write: (entry) => {
      if (isOpen) writeSync(file, `${JSON.stringify(entry)}\n`);
    },
    close: () => {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}
