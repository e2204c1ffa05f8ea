// Entry of the writer process: the only process of a bench that writes run files and the catalog.
// Requests (fork channel) -> inline store -> files; answers go back after COMMIT. It may die at any time.
// Never talks to an instrument, never outlives its parent's channel: when that closes it finishes and ends.
//
//   fork(path, [JSON.stringify({ dataPath, durability })], { serialization: 'advanced', detached: true })
import { z } from 'zod';
import { SystemClock } from '../base/clock.ts';
import { lockDataFolder } from '../store/writer-lock.ts';
import { parseWriterRequest, type WriterReply } from '../store/writer-messages.ts';
import { WriterService } from '../store/writer-service.ts';

const Options = z.strictObject({
  dataPath: z.string().min(1),
  durability: z.enum(['full', 'off']).default('full'),
});
type Options = z.infer<typeof Options>;

function main({ dataPath, durability }: Options): void {
  const reply = (message: WriterReply): void => {
    if (process.connected) process.send?.(message);
  };
  // A core that was killed while this process was being loaded has disconnected unheard.
  if (!process.connected) process.exit(0);
  // The writer of a daemon that was killed may still be storing what it was given: it goes first.
  const lock = lockDataFolder(dataPath);
  const service = new WriterService({ clock: new SystemClock(), durability, target: { dataPath } }, reply);
  // Ctrl-C and a supervisor's SIGTERM are for the core to judge: it may still have commits to send.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('message', (message) => {
    const request = parseWriterRequest(message);
    if (request !== null) service.receive(request);
  });
  // Requests that were in the channel have been delivered, and each commit is stored when `receive` returns.
  process.on('disconnect', () =>
    service.close(() => {
      lock.close();
      process.exit(0);
    }),
  );
}

if (process.send === undefined) throw new Error('the writer is started by the daemon; run: galvanode daemon');
main(Options.parse(JSON.parse(process.argv[2] ?? '{}')));
