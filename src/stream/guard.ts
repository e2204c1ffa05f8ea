// Who may talk to the server at all: pure decisions on Host, Origin, method and URL, and the headers of every
// answer. Closed by default: what is not listed is refused. Forwarded-* headers are never looked at.

/** Sent with every answer, refusals included (pitfalls S8). */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

export const URL_LIMIT = 2048;

export interface Refusal {
  readonly status: 403 | 404 | 405 | 414 | 421 | 503;
  readonly text: string;
}

export interface RequestFacts {
  readonly method: string;
  readonly url: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** The names under which this server is reached: loopback only, with its own port. */
export function ownAuthorities(port: number): ReadonlySet<string> {
  return new Set([`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]);
}

/**
 * null: may go on. A page of another site reaches us under that site's name after DNS rebinding, so Host
 * decides.
 */
export function refuseRequest(facts: RequestFacts, authorities: ReadonlySet<string>): Refusal | null {
  if (facts.host === undefined || !authorities.has(facts.host.toLowerCase())) {
    return { status: 421, text: `Host is not one of ${[...authorities].join(', ')}` };
  }
  if (facts.url.length > URL_LIMIT) return { status: 414, text: `URL is longer than ${URL_LIMIT}` };
  if (facts.method !== 'GET' && facts.method !== 'HEAD') {
    return { status: 405, text: 'only GET and HEAD: nothing is controlled over HTTP' };
  }
  return null;
}

/**
 * null: may become a WebSocket. A browser always sends Origin, so a page of another site is refused.
 * No Origin means no browser: allowed for now, since the stream is read-only and bound to loopback;
 * as soon as anything can be controlled here, or another address is bound, it needs a token (pitfalls S3).
 */
export function refuseUpgrade(facts: RequestFacts, authorities: ReadonlySet<string>): Refusal | null {
  const refusal = refuseRequest(facts, authorities);
  if (refusal !== null) return refusal;
  if (facts.url !== '/stream') return { status: 404, text: 'the stream is at /stream' };
  if (facts.origin === undefined) return null;
  const isOwn = [...authorities].some((authority) => facts.origin === `http://${authority}`);
  return isOwn ? null : { status: 403, text: 'Origin is not this server' };
}
