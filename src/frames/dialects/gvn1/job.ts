// A job of gvn1 (GVN1.md §6.4): bounded steps as node texts, and the job id that covers them.
// The id is the CRC-32 of the texts as they are sent, so texts are made once and never again.
import { crc32OfText, hexFromCrc32 } from '../../crc32.ts';
import { encodeCommand, type CommandValues } from './commands.ts';

export interface EncodedJob {
  /** 8 hex digits. */
  readonly id: string;
  /** Payloads of the `node` frames, in order of rising node id. */
  readonly nodePayloads: readonly string[];
}

export type JobResult =
  | { readonly ok: true; readonly job: EncodedJob }
  | { readonly ok: false; readonly detail: string };

/** Stands in for the job id until the id can be computed from the texts behind it. */
const NO_JOB = '00000000';

/** Fields of each node without `ch` and `job`, in order of rising `id`. */
export function encodeJob(channel: number, nodes: readonly CommandValues[]): JobResult {
  const texts: string[] = [];
  for (const values of nodes) {
    const encoded = encodeCommand('node', { ch: channel, job: NO_JOB, ...values });
    if (!encoded.ok) return encoded;
    texts.push(encoded.payload.slice(encoded.payload.indexOf(' id=') + 1));
  }
  const id = jobIdOf(texts);
  return { ok: true, job: { id, nodePayloads: texts.map((text) => `ch=${channel} job=${id} ${text}`) } };
}

/** Node texts from `id=` on, in order of rising id. */
export function jobIdOf(texts: readonly string[]): string {
  return hexFromCrc32(crc32OfText(texts.map((text) => `${text}\n`).join('')));
}
