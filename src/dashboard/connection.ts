// The page's WebSocket: connects, says since when it is not connected, tries again ever more slowly.
// Sits below the bench. Never gives up, and never keeps a silent connection: the server pings every 15 s.
import type { ClientMessage, ServerMessage } from '../stream/messages.ts';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** Two pings missed. */
const SILENCE_LIMIT_MS = 35_000;

export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'lost'; readonly sinceMs: number };

export interface ConnectionHandlers {
  readonly onMessage: (message: ServerMessage) => void;
  readonly onLink: (state: LinkState) => void;
}

export class Connection {
  readonly #url: string;
  readonly #handlers: ConnectionHandlers;
  #socket: WebSocket | null = null;
  #retryMs = FIRST_RETRY_MS;
  #lostSinceMs: number | null = null;
  #silence: number | undefined;

  constructor(url: string, handlers: ConnectionHandlers) {
    this.#url = url;
    this.#handlers = handlers;
  }

  open(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener('message', (event) => {
      this.#watchSilence(socket);
      const message = parseServerMessage(event.data);
      if (message === null) return;
      if (message.type === 'hello') this.#connected();
      this.#handlers.onMessage(message);
    });
    socket.addEventListener('close', () => this.#lost());
    this.#watchSilence(socket);
  }

  /** Silently nothing while not connected: `hello` is followed by whatever is wanted then. */
  send(message: ClientMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #connected(): void {
    this.#retryMs = FIRST_RETRY_MS;
    this.#lostSinceMs = null;
    this.#handlers.onLink({ kind: 'connected' });
  }

  #lost(): void {
    window.clearTimeout(this.#silence);
    this.#lostSinceMs ??= Date.now();
    this.#handlers.onLink({ kind: 'lost', sinceMs: this.#lostSinceMs });
    window.setTimeout(() => this.open(), this.#retryMs);
    this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
  }

  #watchSilence(socket: WebSocket): void {
    window.clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => socket.close(), SILENCE_LIMIT_MS);
  }
}

/** The page comes from the same build as the server, so version and tag are all that is checked. */
function parseServerMessage(data: unknown): ServerMessage | null {
  if (typeof data !== 'string') return null;
  const message: unknown = JSON.parse(data);
  if (typeof message !== 'object' || message === null || !('v' in message) || !('type' in message))
    return null;
  return message.v === 1 ? (message as ServerMessage) : null;
}
