// The HTTP side, read-only: the page, its assets, and what is known of runs. A hono app over hub and history.
// Never opens a file for a request: assets are read once, and runs are named by id.
import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import type { Asset, Assets } from './assets.ts';
import { type Refusal, refuseRequest, SECURITY_HEADERS } from './guard.ts';
import type { History } from './history.ts';
import type { Hub } from './hub.ts';
import { isRunId, streamJsonSchema } from './messages.ts';
import { plotMessage, runInfo } from './wire.ts';

export interface AppOptions {
  readonly hub: Hub;
  readonly history: History;
  readonly assets: Assets;
  /** Asked at each request: the port is known only once the server listens. */
  readonly authorities: () => ReadonlySet<string>;
}

const POINTS_RANGE = { min: 16, max: 4000 } as const;
const US_PER_S = 1_000_000;
const MAX_S = Math.floor(Number.MAX_SAFE_INTEGER / US_PER_S);

const Seconds = z
  .string()
  .regex(/^\d{1,10}(\.\d{1,6})?$/, 'must be seconds of run time, such as 3600 or 12.5');
const PlotQuery = z.strictObject({
  from: Seconds.optional(),
  to: Seconds.optional(),
  points: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a whole number')
    .optional(),
});

export function createApp(options: AppOptions): Hono {
  const app = new Hono();
  app.use('*', async (context, next) => {
    const { req } = context;
    const url = new URL(req.url);
    const facts = {
      method: req.method,
      url: url.pathname + url.search,
      host: req.header('host'),
      origin: req.header('origin'),
    };
    const refusal = refuseRequest(facts, options.authorities());
    if (refusal === null) await next();
    else context.res = refusalResponse(refusal);
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) context.res.headers.set(name, value);
  });
  addApi(app, options);
  app.get('/stream', (context) =>
    context.json(errorBody(null, 'this is a WebSocket: connect with ws://'), 426),
  );
  app.get('*', (context) => {
    const asset = options.assets.get(context.req.path);
    return asset === undefined ? context.json(errorBody(null, 'no such page'), 404) : assetResponse(asset);
  });
  app.onError((_error, context) => context.json(errorBody(null, 'this request failed; see the log'), 500));
  return app;
}

function addApi(app: Hono, { hub, history }: AppOptions): void {
  const schema = streamJsonSchema();
  app.use('/api/*', async (context, next) => {
    await next();
    context.res.headers.set('cache-control', 'no-store');
  });
  app.get('/api/schema/stream', (context) => context.json(schema));
  app.get('/api/runs', (context) =>
    context.json({ v: 1, epoch: hub.epoch, runs: hub.runs().map((summary) => runInfo(summary)) }),
  );
  app.get('/api/runs/:id', (context) => {
    const summary = findRun(hub, context.req.param('id'));
    if (summary === undefined) return context.json(UNKNOWN_RUN, 404);
    const meta = history.meta(summary.run);
    const stored = history.storedSeq(summary.run);
    if (!meta.ok) return context.json(errorBody('id', meta.detail), 503);
    if (!stored.ok) return context.json(errorBody('id', stored.detail), 503);
    return context.json({ v: 1, ...runInfo(summary), stored_seq: stored.value, meta: meta.value });
  });
  app.get('/api/runs/:id/plot', (context) => {
    const summary = findRun(hub, context.req.param('id'));
    if (summary === undefined) return context.json(UNKNOWN_RUN, 404);
    const range = parsePlotQuery(context.req.query());
    if (!range.ok) return context.json(errorBody(range.field, range.detail), 400);
    const answer = plotBody(history, summary.run, range.value);
    return context.json(answer.body, answer.status);
  });
}

const UNKNOWN_RUN = errorBody('id', 'no run of this id; ids are ULIDs and are listed at /api/runs');

function findRun(hub: Hub, id: string): ReturnType<Hub['find']> {
  return isRunId(id) ? hub.find(id) : undefined;
}

type PlotRangeResult =
  | {
      readonly ok: true;
      readonly value: { readonly fromUs: number; readonly toUs: number; readonly points: number };
    }
  | { readonly ok: false; readonly field: string | null; readonly detail: string };

/** `from` and `to` in seconds of run time, `points` buckets. Unknown keys are errors. */
export function parsePlotQuery(query: Readonly<Record<string, string>>): PlotRangeResult {
  const parsed = PlotQuery.safeParse(query);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.');
    return {
      ok: false,
      field: field ?? null,
      detail: `${field}: ${issue?.message}; allowed: from, to, points`,
    };
  }
  const fromS = Number(parsed.data.from ?? 0);
  const toS = Number(parsed.data.to ?? MAX_S);
  const points = Number(parsed.data.points ?? 1000);
  if (fromS >= toS || toS > MAX_S) {
    return { ok: false, field: 'to', detail: `to: must lie after from (${fromS} s) and before ${MAX_S} s` };
  }
  if (points < POINTS_RANGE.min || points > POINTS_RANGE.max) {
    const detail = `points: ${points} is outside ${POINTS_RANGE.min}..${POINTS_RANGE.max}`;
    return { ok: false, field: 'points', detail };
  }
  const [fromUs, toUs] = [Math.floor(fromS * US_PER_S), Math.ceil(toS * US_PER_S)];
  return { ok: true, value: { fromUs, toUs, points } };
}

function plotBody(
  history: History,
  run: string,
  range: Parameters<History['plot']>[1],
): { readonly body: object; readonly status: ContentfulStatusCode } {
  const stored = history.storedSeq(run);
  if (!stored.ok) return { body: errorBody('id', stored.detail), status: 503 };
  const series = history.plot(run, range);
  if (!series.ok) return { body: errorBody('id', series.detail), status: 503 };
  return { body: plotMessage('plot', { run, storedSeq: stored.value }, series.value), status: 200 };
}

function errorBody(field: string | null, message: string) {
  return { v: 1, error: { field, message } };
}

function refusalResponse({ status, text }: Refusal): Response {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    ...(status === 405 && { allow: 'GET, HEAD' }),
  };
  return new Response(`${text}\n`, { status, headers });
}

function assetResponse({ body, contentType, isImmutable }: Asset): Response {
  const cacheControl = isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache';
  return new Response(body, { headers: { 'content-type': contentType, 'cache-control': cacheControl } });
}
