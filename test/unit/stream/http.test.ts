// Goal: only this machine's own pages and tools get an answer, each answer carries the policy, and ids never
// become paths. Method: the hono app without a socket (`app.request`), and the pure guard as a table.
import { describe, expect, it } from 'vitest';
import type { Assets } from '../../../src/stream/assets.ts';
import { ownAuthorities, refuseUpgrade } from '../../../src/stream/guard.ts';
import { createApp } from '../../../src/stream/http-app.ts';
import { OTHER_RUN, RUN, rig } from './rig.ts';

const PORT = 8733;
const authorities = ownAuthorities(PORT);

function httpRig() {
  const { hub, history, commit } = rig();
  const body = new TextEncoder().encode('<!doctype html>');
  const page = { body, contentType: 'text/html; charset=utf-8', isImmutable: false };
  const assets: Assets = new Map([
    ['/', page],
    ['/assets/a-1.js', { ...page, contentType: 'text/javascript', isImmutable: true }],
  ]);
  const app = createApp({ hub, history, assets, authorities: () => authorities });
  const request = async (path: string, init: { host?: string; method?: string } = {}) => {
    const { host = `127.0.0.1:${PORT}`, method = 'GET' } = init;
    return app.request(path, { method, headers: { host } });
  };
  return { history, commit, request };
}

describe('every answer', () => {
  it.each([
    ['/', 200],
    ['/assets/a-1.js', 200],
    ['/api/runs', 200],
    [`/api/runs/${RUN}`, 200],
    [`/api/runs/${RUN}/plot`, 200],
    ['/api/schema/stream', 200],
    ['/nothing', 404],
    ['/stream', 426],
  ])('%s is %i and carries the policy', async (path, status) => {
    const response = await httpRig().request(path);
    expect(response.status).toBe(status);
    const names = ['content-security-policy', 'x-content-type-options', 'referrer-policy'];
    const values = [...names, 'cross-origin-opener-policy', 'cross-origin-resource-policy'].map((name) =>
      response.headers.get(name),
    );
    expect(values).toEqual([
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
      'nosniff',
      'no-referrer',
      'same-origin',
      'same-origin',
    ]);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is 405', async (method) => {
    const response = await httpRig().request('/api/runs', { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('HEAD answers without a body', async () => {
    const response = await httpRig().request('/', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('a URL of more than 2048 characters is 414', async () => {
    expect((await httpRig().request(`/${'x'.repeat(3000)}`)).status).toBe(414);
  });
});

describe('Host', () => {
  it.each([
    [`127.0.0.1:${PORT}`, 200],
    [`localhost:${PORT}`, 200],
    [`LOCALHOST:${PORT}`, 200],
    [`[::1]:${PORT}`, 200],
    ['localhost', 421],
    ['localhost:8734', 421],
    [`localhost.evil.example:${PORT}`, 421],
    [`evil.example:${PORT}`, 421],
    [`0.0.0.0:${PORT}`, 421],
    [`127.0.0.1.nip.io:${PORT}`, 421],
    ['', 421],
  ])('%s is %i', async (host, status) => {
    const response = await httpRig().request('/api/runs', { host });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});

describe('Origin of an upgrade', () => {
  it.each([
    [undefined, null],
    [`http://127.0.0.1:${PORT}`, null],
    [`http://localhost:${PORT}`, null],
    [`http://[::1]:${PORT}`, null],
    ['null', 403],
    ['', 403],
    [`https://localhost:${PORT}`, 403],
    ['http://localhost', 403],
    ['http://localhost:8734', 403],
    [`http://sub.localhost:${PORT}`, 403],
    ['http://evil.example', 403],
    [`http://localhost:${PORT}.evil.example`, 403],
    [`http://localhost:${PORT}/`, 403],
  ])('%s is refused with %s', (origin, status) => {
    const facts = { method: 'GET', url: '/stream', host: `localhost:${PORT}`, origin };
    expect(refuseUpgrade(facts, authorities)?.status ?? null).toBe(status);
  });

  it('does not help with a foreign Host, another path or another method', () => {
    const own = { method: 'GET', url: '/stream', host: `localhost:${PORT}`, origin: undefined };
    const statuses = [
      { ...own, host: 'evil.example' },
      { ...own, host: undefined },
      { ...own, url: '/stream/../api' },
      { ...own, method: 'POST' },
    ].map((facts) => refuseUpgrade(facts, authorities)?.status);
    expect(statuses).toEqual([421, 421, 404, 405]);
  });
});

describe('runs over HTTP', () => {
  it('lists runs without their paths', async () => {
    const response = await httpRig().request('/api/runs');
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ v: 1, epoch: 'e1', runs: [{ run: RUN, state: 'running' }] });
    expect(text).not.toContain('secret');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    '/api/runs/..%2F..%2Fetc%2Fpasswd',
    '/api/runs/%00',
    '/api/runs/run.db',
    `/api/runs/${RUN.toLowerCase()}`,
    `/api/runs/${OTHER_RUN}`,
    `/api/runs/${RUN}x/plot`,
    '/..%2Fpackage.json',
    '/assets/..%2F..%2Fserver.js',
  ])('%s is 404', async (path) => {
    expect((await httpRig().request(path)).status).toBe(404);
  });

  it('plots a range in seconds', async () => {
    const { commit, request } = httpRig();
    commit(1, 5000);
    const response = await request(`/api/runs/${RUN}/plot?from=1&to=3&points=100`);
    const body: unknown = await response.json();
    expect(body).toMatchObject({ v: 1, type: 'plot', run: RUN, stored_seq: 5000 });
    expect(body).toHaveProperty('time_us.0', 1_000_000);
  });

  it.each([
    ['from=-1', 'from'],
    ['from=1e3', 'from'],
    ['from=5&to=4', 'to'],
    ['points=0', 'points'],
    ['points=100000', 'points'],
    ['point=100', 'point'],
  ])('names what is wrong with %s', async (query, field) => {
    const response = await httpRig().request(`/api/runs/${RUN}/plot?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { field } });
  });

  it('answers 503 where the file cannot be read', async () => {
    const { history, request } = httpRig();
    history.failure = 'database is locked';
    const response = await request(`/api/runs/${RUN}`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ v: 1, error: { field: 'id', message: 'database is locked' } });
  });
});
