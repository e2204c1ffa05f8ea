// Goal: the page works in a real browser under its own content policy: cards, live values, curves, stale and
// lost states. Method: the real server on an ephemeral port, fed by this test in place of the core; Debian's
// chromium looks at it.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SystemClock, type Timer } from '../../src/base/clock.ts';
import { loadAssets } from '../../src/stream/assets.ts';
import type { RunSummary } from '../../src/stream/feed.ts';
import type { History, PlotRange, PlotSeries } from '../../src/stream/history.ts';
import { Hub } from '../../src/stream/hub.ts';
import { type StreamServer, startServer } from '../../src/stream/server.ts';

const root = resolve(import.meta.dirname, '../..');
const shots = join(root, 'test/reports');
const clock = new SystemClock();
const CHROMIUM_ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const RUNS = ['01JD8Z4N6XQ2V7S5T3R1P0M9KC', '01JD8Z4N6XQ2V7S5T3R1P0M9KD'] as const;
const PAST_HOURS = 31.4;
const TIME_SCALE = 600;
const RECORD_US = 10_000_000;

/** A Zn cell in shape: 1 h of plating, 1 h of stripping, a tip at each start, an arch towards its end. */
function cellAt(hours: number, channel: number): { voltageNv: number; currentPa: number } {
  const intoHalf = hours % 1;
  const sign = Math.floor(hours) % 2 === 0 ? -1 : 1;
  const overpotentialMv = 24 + channel * 9 + 22 * Math.exp(-intoHalf * 24) + 5 * intoHalf ** 4;
  return { voltageNv: Math.round(sign * overpotentialMv * 1e6), currentPa: sign * 1_130_000_000 };
}

function summary(index: number, changes: Partial<RunSummary> = {}): RunSummary {
  return {
    run: RUNS[index] ?? RUNS[0],
    path: '',
    cycler: 'sim0',
    channel: index + 1,
    protocol: 'symmetric-cycling',
    cellLabel: ['Zn-042 bare', 'Zn-043 MXene'][index] ?? null,
    state: 'running',
    reason: 'plating',
    sinceWallMs: clock.wallMs() - 190_000,
    isSimulated: true,
    timeScale: TIME_SCALE,
    verdict: null,
    position: {
      stepNumber: 32,
      programStep: 'plating',
      phase: 'cycling',
      cycle: 16,
      half: 'plate',
      recordEveryUs: RECORD_US,
    },
    parameters: { cycles: 50, current_density: '1 mA/cm2', areal_capacity: '1 mAh/cm2' },
    voltageErrorNv: 100_000,
    currentErrorPa: 1_000_000,
    ...changes,
  };
}

/** 31 h of stored samples, one each 10 s, read at any density. */
class StoredPast implements History {
  storedSeq() {
    return { ok: true, value: Math.floor((PAST_HOURS * 3.6e9) / RECORD_US) } as const;
  }

  samplesFrom() {
    return { ok: false, detail: 'not in this test' } as const;
  }

  plot(run: string, { fromUs, toUs, points }: PlotRange): { ok: true; value: PlotSeries } {
    const end = Math.min(toUs, PAST_HOURS * 3.6e9);
    const times = Array.from({ length: points }, (_, index) => fromUs + ((end - fromUs) * index) / points);
    const startUs = times.map((time) => Math.round(time));
    const rows = startUs.map((time) => cellAt(time / 3.6e9, run === RUNS[0] ? 1 : 2));
    const voltages = rows.map((row) => row.voltageNv);
    const currents = rows.map((row) => row.currentPa);
    const value = {
      startUs,
      endUs: startUs,
      count: startUs.map(() => 1),
      voltageMinNv: voltages,
      voltageMaxNv: voltages,
      currentMinPa: currents,
      currentMaxPa: currents,
    };
    return { ok: true, value };
  }

  gaps() {
    return { ok: true, value: [] } as const;
  }

  meta() {
    return { ok: true, value: {} } as const;
  }
}

/** In place of the core: a batch per channel every 100 ms, until told to stop. */
function startFeed(hub: Hub): () => void {
  let timer: Timer;
  let seq = Math.floor((PAST_HOURS * 3.6e9) / RECORD_US) + 1;
  const tick = (): void => {
    const timeUs = Array.from({ length: 6 }, (_, index) => (seq + index) * RECORD_US);
    RUNS.forEach((run, index) => {
      const rows = timeUs.map((time) => cellAt(time / 3.6e9, index + 1));
      hub.receive({
        type: 'live',
        run,
        firstSeq: seq,
        stepNumber: 32,
        timeUs,
        voltageNv: rows.map((row) => row.voltageNv),
        currentPa: rows.map((row) => row.currentPa),
        netChargeNc: timeUs.map(() => 0),
        flags: timeUs.map(() => 0),
        atWallMs: clock.wallMs(),
      });
    });
    seq += timeUs.length;
    timer = clock.after(100, tick);
  };
  timer = clock.after(0, tick);
  return () => timer.cancel();
}

interface Rig {
  readonly hub: Hub;
  readonly server: StreamServer;
  readonly page: Page;
  /** Whatever the browser complained about. */
  readonly complaints: string[];
}

let browser: Browser;
const endings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: CHROMIUM_ARGS });
});

afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end();
});

afterAll(async () => {
  await browser.close();
});

interface RigOptions {
  readonly runs: readonly RunSummary[];
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
}

async function rig({ runs, width = 1280, height = 800, colorScheme = 'light' }: RigOptions): Promise<Rig> {
  const history = new StoredPast();
  const hub = new Hub({ clock, history });
  hub.receive({ type: 'epoch', epoch: 'e1' });
  hub.receive({ type: 'runs', runs });
  const assets = loadAssets(join(root, 'dist/src/dashboard'));
  const started = await startServer({ hub, history, assets, port: 0, isPortFixed: true });
  if (!started.ok) throw new Error(started.detail);
  const { server } = started;
  endings.push(async () => {
    hub.close();
    await server.close();
  });
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  endings.push(async () => page.close());
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(server.url);
  return { hub, server, page, complaints };
}

/** Pixels of the first curve's canvas that are not transparent; as text, since it runs in the browser. */
async function paintedPixels(page: Page): Promise<number> {
  const script = `(() => {
    const canvas = document.querySelector('.card canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.reduce((count, value, index) => count + (index % 4 === 3 && value > 0 ? 1 : 0), 0);
  })()`;
  return Number(await page.evaluate(script));
}

describe('the dashboard', () => {
  it.each([
    { name: 'desktop', width: 1280, height: 800, colorScheme: 'light' },
    { name: 'desktop-dark', width: 1280, height: 800, colorScheme: 'dark' },
    { name: 'phone', width: 390, height: 844, colorScheme: 'light' },
  ] as const)(
    'shows a card per channel with live values and a curve on a $name',
    async ({ name, ...view }) => {
      const { hub, page, complaints } = await rig({ runs: [summary(0), summary(1)], ...view });
      const stopFeed = startFeed(hub);
      endings.push(async () => Promise.resolve(stopFeed()));
      await page.locator('.card[data-freshness="live"]').nth(1).waitFor();
      expect(await page.locator('.card-title').allTextContents()).toEqual(['Zn-042 bare', 'Zn-043 MXene']);
      await page.locator('.card', { hasText: 'cycle 16 of 50' }).first().waitFor();
      await page.locator('.badge', { hasText: 'simulated · 600×' }).first().waitFor();
      await page
        .locator('.value-note', { hasText: /plating|stripping/ })
        .first()
        .waitFor();
      await expect.poll(async () => paintedPixels(page)).toBeGreaterThan(2000);
      await page.waitForTimeout(600);
      await page.screenshot({ path: join(shots, `dashboard-${name}.png`), fullPage: name === 'phone' });
      const overflowPx = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      expect(overflowPx).toBeLessThanOrEqual(0);
      await page.getByRole('button', { name: 'whole run' }).click();
      await page.waitForTimeout(200);
      await page.screenshot({ path: join(shots, `dashboard-${name}-whole.png`) });
      expect(complaints).toEqual([]);
    },
  );

  it('greys values out and says so when the feed stops, and names the change of state', async () => {
    const { hub, page, complaints } = await rig({ runs: [summary(0), summary(1)] });
    const stopFeed = startFeed(hub);
    await page.locator('.card[data-freshness="live"]').first().waitFor();
    stopFeed();
    const sinceWallMs = clock.wallMs();
    const reason = 'no answer for 2 s; cell open by lease';
    hub.receive({ type: 'state', run: RUNS[0], state: 'link-lost', reason, sinceWallMs, verdict: null });
    await page.locator('.card[data-freshness="stale"]').nth(1).waitFor();
    await page
      .locator('.age', { hasText: /^stale: \d/ })
      .first()
      .waitFor();
    await page.locator('.state', { hasText: 'link-lost' }).waitFor();
    await page.screenshot({ path: join(shots, 'dashboard-stale.png') });
    expect(complaints).toEqual([]);
  });

  it('says since when it is not connected, and comes back by itself', async () => {
    const { server, page } = await rig({ runs: [summary(0)] });
    await page.locator('#link[data-link="connected"]').waitFor();
    await server.close();
    await page.locator('#link', { hasText: 'not connected since' }).waitFor();
    await page.screenshot({ path: join(shots, 'dashboard-lost.png') });
    const history = new StoredPast();
    const hub = new Hub({ clock, history });
    hub.receive({ type: 'epoch', epoch: 'e2' });
    hub.receive({
      type: 'runs',
      runs: [summary(0, { state: 'done', verdict: 'completed', reason: 'all cycles' })],
    });
    const assets = loadAssets(join(root, 'dist/src/dashboard'));
    const again = await startServer({ hub, history, assets, port: server.port, isPortFixed: true });
    if (!again.ok) throw new Error(again.detail);
    endings.push(async () => {
      hub.close();
      await again.server.close();
    });
    await page.locator('#link[data-link="connected"]').waitFor();
    expect(await page.locator('#link').textContent()).toBe('live');
    await page.locator('.card-reason', { hasText: 'verdict: completed' }).waitFor();
    await page.locator('.age', { hasText: 'last value of the run' }).waitFor();
  });

  it('says what to do when there is no run, and shows the first one without a reload', async () => {
    const { hub, page, complaints } = await rig({ runs: [], width: 390, height: 844 });
    await page.locator('#empty', { hasText: 'galvanode run start' }).waitFor();
    await page.screenshot({ path: join(shots, 'dashboard-empty.png') });
    hub.receive({ type: 'runs', runs: [summary(0)] });
    await page.locator('.card').waitFor();
    expect(await page.locator('#empty').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });
});
