// States, events and effects of the link (link.ts): plain data. `F` is a frame, opaque to the link.
import type { LinkLossReason } from './cycler.ts';

export interface Command {
  readonly type: string;
  readonly payload: string;
  /** Silence that this one is allowed instead of `retryMs`: it is answered when its work is done. */
  readonly answerMs?: number;
}

export interface Request {
  readonly id: number;
  readonly command: Command;
  /** Goes ahead of all that is queued, behind the one outstanding; taken while identifying, too. */
  readonly isUrgent: boolean;
}

export interface LinkRules {
  readonly hello: Command;
  readonly keepAlive: Command;
  /** Silence after which a command is sent again. */
  readonly retryMs: number;
  /** How often a command is sent, the first time included, before the link is lost. */
  readonly sendsMax: number;
  /** Sends `keepAlive` when nothing was sent for so long; null: never (virtual time). */
  readonly keepAliveMs: number | null;
  readonly openMs: number;
  /** Before connection attempt `failures` (0: the first after a loss). */
  readonly backOffMs: (failures: number) => number;
  /** Before trying a device again that is not what it should be. */
  readonly nonsenseRetryMs: number;
  readonly seqModulus: number;
  readonly encode: (seq: number, command: Command) => string;
}

export interface Outstanding {
  readonly request: Request;
  readonly seq: number;
  readonly bytes: string;
  readonly sends: number;
}

export interface LinkState {
  readonly phase: 'closed' | 'opening' | 'identifying' | 'up';
  readonly isWanted: boolean;
  readonly outstanding: Outstanding | null;
  readonly queue: readonly Request[];
  readonly nextSeq: number;
  /** The device's own frame counter; null until its first frame of a connection. */
  readonly nextTxSeq: number | null;
  readonly hasHeardFrame: boolean;
  readonly hasHeardGarbage: boolean;
  /** Connections in a row that did not come up. */
  readonly failures: number;
  /** The loss told last, so that an absent port is told once and not at every attempt. */
  readonly toldLoss: LinkLossReason | null;
  readonly framesLost: number;
  readonly retries: number;
}

export type LinkEvent<F> =
  | { readonly type: 'link.started' }
  | { readonly type: 'link.ended' }
  | { readonly type: 'port.opened' }
  | { readonly type: 'port.failed'; readonly reason: LinkLossReason; readonly detail: string }
  | { readonly type: 'port.closed'; readonly detail: string }
  | { readonly type: 'deadline.passed' }
  | { readonly type: 'request.made'; readonly request: Request }
  | { readonly type: 'request.withdrawn'; readonly id: number }
  | { readonly type: 'answer.heard'; readonly seq: number; readonly frame: F }
  | { readonly type: 'report.heard'; readonly txSeq: number; readonly frame: F }
  | { readonly type: 'garbage.heard' }
  | { readonly type: 'device.identified' }
  | {
      readonly type: 'device.refused';
      readonly reason: 'nonsense' | 'busy' | 'denied';
      readonly detail: string;
    }
  | { readonly type: 'session.lost'; readonly detail: string };

export type RequestFailure = 'timeout' | 'closed' | 'nonsense' | 'withdrawn';

export type LinkEffect<F> =
  | { readonly type: 'openPort' }
  | { readonly type: 'closePort' }
  | { readonly type: 'write'; readonly bytes: string; readonly isRepeat: boolean }
  /** Replaces the deadline that was armed before. */
  | { readonly type: 'armDeadline'; readonly delayMs: number }
  | { readonly type: 'disarmDeadline' }
  | { readonly type: 'deliverAnswer'; readonly requestId: number; readonly frame: F }
  | { readonly type: 'deliverReport'; readonly frame: F }
  | {
      readonly type: 'fail';
      readonly requestId: number;
      readonly reason: RequestFailure;
      readonly detail: string;
    }
  | { readonly type: 'tellLost'; readonly reason: LinkLossReason; readonly detail: string };

export interface LinkStep<F> {
  readonly state: LinkState;
  readonly effects: readonly LinkEffect<F>[];
}

/** Requests of the link itself; those of its users count from 1. */
export const HELLO_ID = 0;
export const KEEP_ALIVE_ID = -1;
