// Where an order would run. Pure: refuses names that do not exist, and a link that is down.
import type { Cycler, LinkReport } from '../device/cycler.ts';
import { knownProtocol } from './known-protocol.ts';
import type { Protocol, ProtocolSource } from '../steps/protocol.ts';
import { notConnected, type Refusal, unknownName } from './refusals.ts';

/** A cycler of the bench, and the last that was heard of its link; null: nothing yet. */
export interface Attached {
  readonly cycler: Cycler;
  link: LinkReport | null;
}

export interface Found {
  readonly ok: true;
  readonly attached: Attached;
  readonly link: Extract<LinkReport, { type: 'up' }>;
  readonly protocol: Protocol;
}

export function findPlace(
  order: {
    readonly protocol: string;
    readonly protocolSource?: ProtocolSource | undefined;
    readonly cycler: string;
  },
  protocols: readonly Protocol[],
  cyclers: ReadonlyMap<string, Attached>,
): Found | Refusal {
  const known = knownProtocol({ name: order.protocol, source: order.protocolSource }, protocols);
  if (!known.ok && known.problems.length > 0) {
    return { ok: false, code: 'PROTOCOL_INVALID', message: known.problems.join('; ') };
  }
  if (!known.ok) {
    const what = { code: 'PROTOCOL_UNKNOWN', kind: 'protocol', name: order.protocol } as const;
    return unknownName(
      what,
      protocols.map(({ name }) => name),
    );
  }
  const attached = cyclers.get(order.cycler);
  if (attached === undefined) {
    const what = { code: 'CHANNEL_UNKNOWN', kind: 'cycler', name: order.cycler } as const;
    return unknownName(what, [...cyclers.keys()]);
  }
  const { link } = attached;
  return link?.type === 'up'
    ? { ok: true, attached, link, protocol: known.protocol }
    : notConnected(order.cycler, link);
}
