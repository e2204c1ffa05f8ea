// Starts the writer process and gives it to the store as a channel. Single use, like a port: the store asks
// for a new one. Its own process group: Ctrl-C at the terminal is for the core alone, which closes files
// before it goes.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseWriterReply, type WriterChannel } from '../store/writer-messages.ts';

export function spawnWriter(dataPath: string): WriterChannel {
  const entry = fileURLToPath(new URL('./writer-process.js', import.meta.url));
  const child = fork(entry, [JSON.stringify({ dataPath })], {
    detached: true,

    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let tellEnd: ((detail: string) => void) | null = null;
  const end = (detail: string): void => {
    tellEnd?.(detail);
    tellEnd = null;
  };
  child.once('exit', (code, signal) => end(`the writer process ended (${signal ?? `code ${code ?? '?'}`})`));
  child.on('error', (error) => end(`the writer process failed: ${error.message}`));
  return {
    send(request) {
      // A send to a process that is gone is answered by its exit.
      if (child.connected) child.send(request, () => undefined);
    },
    onReply(receive) {
      child.on('message', (message) => {
        const reply = parseWriterReply(message);
        if (reply !== null) receive(reply);
      });
    },
    onEnded(receive) {
      tellEnd = receive;
    },
    disconnect() {
      if (child.connected) child.disconnect();
    },
  };
}
