// What the daemon and its writer process say to each other. Structured clone: typed arrays travel as they
// are. Each request is answered once, in order of the requests of its run (a seal may take longer than what
// follows it).
import type { Commit, OpenResult, RunDescription, StoreResult } from './run-store.ts';

export type WriterRequest =
  | { readonly type: 'create'; readonly id: number; readonly description: RunDescription }
  | { readonly type: 'open'; readonly id: number; readonly run: string }
  /** `number` counts the commits of the run; one that does not follow the last stored is refused. */
  | {
      readonly type: 'commit';
      readonly id: number;
      readonly run: string;
      readonly number: number;
      readonly commit: Commit;
    }
  | { readonly type: 'seal'; readonly id: number; readonly run: string }
  | { readonly type: 'close'; readonly id: number; readonly run: string };

export type WriterReply =
  | { readonly type: 'opened'; readonly id: number; readonly result: WriterOpenResult }
  | { readonly type: 'done'; readonly id: number; readonly result: StoreResult };

export type WriterOpenResult =
  | { readonly ok: true; readonly path: string; readonly commits: number; readonly nextSeq: number }
  | (Exclude<OpenResult, { ok: true }> & { readonly isSealed: boolean });

/** The writer process as the daemon holds it. Single use: what has ended is replaced by a new one. */
export interface WriterChannel {
  /** Never fails: what cannot be sent is answered by `onEnded`. */
  send(request: WriterRequest): void;
  onReply(receive: (reply: WriterReply) => void): void;
  /** Called once, with a sentence for the log. */
  onEnded(receive: (detail: string) => void): void;
  /** Lets the process finish what it was sent, and end. */
  disconnect(): void;
}

export type SpawnWriter = () => WriterChannel;

export function parseWriterRequest(message: unknown): WriterRequest | null {
  return hasTypeOf(message, ['create', 'open', 'commit', 'seal', 'close'])
    ? (message as WriterRequest)
    : null;
}

export function parseWriterReply(message: unknown): WriterReply | null {
  return hasTypeOf(message, ['opened', 'done']) ? (message as WriterReply) : null;
}

/** Both ends are of one build, so the shape is not checked further. */
function hasTypeOf(message: unknown, types: readonly string[]): boolean {
  if (typeof message !== 'object' || message === null || !('type' in message) || !('id' in message))
    return false;
  return typeof message.id === 'number' && typeof message.type === 'string' && types.includes(message.type);
}
