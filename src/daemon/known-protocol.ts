// Which protocol an order or a stored run means: the text that came with it, else the registry by name. A run
// of a text needs nothing but its own file to be gone on with, whatever has become of the registry since.
import { protocolFromText } from '../language/protocol-from-source.ts';
import type { Protocol, ProtocolSource } from '../steps/protocol.ts';

export type KnownProtocol =
  | { readonly ok: true; readonly protocol: Protocol }
  /** `problems` of the text, one line each; empty: nobody here knows the name. */
  | { readonly ok: false; readonly problems: readonly string[] };

export function knownProtocol(
  { name, source }: { readonly name: string; readonly source?: ProtocolSource | undefined },
  protocols: readonly Protocol[],
): KnownProtocol {
  if (source !== undefined) return protocolFromText(source.text, source);
  const protocol = protocols.find((candidate) => candidate.name === name);
  return protocol === undefined ? { ok: false, problems: [] } : { ok: true, protocol };
}
