// The whole page: the newest run of each channel as a card, fed from the stream. stream messages -> run
// models -> cards. Subscribes to cards in view only, since a connection may hold eight.
import type { RunInfo, ServerMessage } from '../stream/messages.ts';
import { Card } from './card.ts';
import { Connection, type LinkState } from './connection.ts';
import { requireElement, setData, setText } from './dom.ts';
import { formatWall } from './format.ts';
import { type Curve, isEnded, RunModel, type Span } from './run-model.ts';

const SUBSCRIPTIONS_MAX = 8;
/** Enough for the eye; more would only be drawn over. */
const MAX_HZ = 8;
const RECENT_POINTS = 1500;

export class Bench {
  readonly #cards = new Map<string, Card>();
  readonly #models = new Map<string, RunModel>();
  readonly #visible = new Set<string>();
  readonly #subscribed = new Set<string>();
  readonly #connection: Connection;
  readonly #observer: IntersectionObserver;
  #span: Span = 'recent';
  #link: LinkState = { kind: 'connecting' };
  /** Server's wall time minus the page's monotonic time: no clock of the page is trusted. */
  #serverOffsetMs = Date.now() - performance.now();

  constructor(url: string) {
    this.#connection = new Connection(url, {
      onMessage: (message) => this.#receive(message),
      onLink: (state) => this.#linkChanged(state),
    });
    this.#observer = new IntersectionObserver((entries) => this.#viewChanged(entries), {
      rootMargin: '200px',
    });
  }

  start(): void {
    this.#connection.open();
  }

  showSpan(span: Span): void {
    this.#span = span;
    for (const card of this.#cards.values()) card.showSpan(span);
  }

  refresh(): void {
    const serverNowMs = performance.now() + this.#serverOffsetMs;
    const isConnected = this.#link.kind === 'connected';
    for (const card of this.#cards.values()) card.refresh({ serverNowMs, isConnected });
    setData(document.documentElement, 'link', this.#link.kind);
    const link = requireElement('link');
    setData(link, 'link', this.#link.kind);
    setText(link, linkText(this.#link));
    this.#showCounts();
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case 'hello':
        this.#greeted(message.wall_ms, message.runs);
        return;
      case 'runs':
        for (const run of message.gone) this.#models.delete(run);
        this.#replaceRuns(message.runs);
        this.#subscribeVisible();
        return;
      case 'ping':
        this.#serverOffsetMs = message.wall_ms - performance.now();
        return;
      case 'alarm':
        this.#showAlarm(message.message);
        return;
      case 'error':
        console.warn(`galvanode: ${message.message}`);
        return;
      case 'half_cycle':
      case 'gap':
        return;
      case 'past':
      case 'samples':
      case 'state':
      case 'step':
        this.#receiveOfRun(message);
    }
  }

  /** Every curve is asked for again: what was shown beyond the last commit may be void under a new epoch. */
  #greeted(serverWallMs: number, runs: readonly RunInfo[]): void {
    this.#serverOffsetMs = serverWallMs - performance.now();
    const listed = new Set(runs.map((info) => info.run));
    for (const run of this.#models.keys()) if (!listed.has(run)) this.#models.delete(run);
    this.#replaceRuns(runs);
    this.#subscribed.clear();
    this.#subscribeVisible();
  }

  #receiveOfRun(message: Extract<ServerMessage, { type: 'past' | 'samples' | 'state' | 'step' }>): void {
    const model = this.#models.get(message.run);
    if (model === undefined) return;
    if (message.type === 'past') this.#receivePast(model, message);
    else if (message.type === 'samples') model.receiveSamples(message);
    else if (message.type === 'state') model.receiveState(message);
    else model.receiveStep(message);
    const card = this.#cards.get(channelOf(model.info));
    if (card?.model === model) card.curveChanged();
  }

  #receivePast(model: RunModel, past: Curve): void {
    const fromS = model.receivePast(past);
    if (fromS === null) return;
    readCurve(model.info.run, fromS).then(
      (curve) => {
        model.receiveRecent(curve);
        this.#cards.get(channelOf(model.info))?.curveChanged();
      },
      (reason: unknown) => console.warn('galvanode: detail of the last hours could not be read', reason),
    );
  }

  /** Models of known runs live on with their curves; a channel shows its newest run (ids sort by time). */
  #replaceRuns(infos: readonly RunInfo[]): void {
    for (const info of infos) {
      const known = this.#models.get(info.run);
      if (known === undefined) this.#models.set(info.run, new RunModel(info));
      else known.info = { ...info, position: info.position ?? known.info.position };
    }
    const newest = new Map<string, RunModel>();
    for (const model of [...this.#models.values()].toSorted(byRun)) newest.set(channelOf(model.info), model);
    for (const [channel, card] of this.#cards) if (!newest.has(channel)) this.#removeCard(channel, card);
    for (const [channel, model] of newest) this.#showModel(channel, model);
    const order = [...this.#cards].toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
    const cards = requireElement('cards');
    const isInOrder = order.every(([, card], index) => cards.children[index] === card.element);
    if (!isInOrder) cards.replaceChildren(...order.map(([, card]) => card.element));
    requireElement('empty').hidden = order.length > 0;
    this.refresh();
  }

  #showModel(channel: string, model: RunModel): void {
    const known = this.#cards.get(channel);
    if (known === undefined) {
      const card = new Card(model, this.#span);
      card.element.dataset['channel'] = channel;
      this.#cards.set(channel, card);
      this.#observer.observe(card.element);
    } else if (known.model !== model) known.replaceModel(model);
  }

  #removeCard(channel: string, card: Card): void {
    this.#observer.unobserve(card.element);
    this.#cards.delete(channel);
    this.#visible.delete(channel);
    card.element.remove();
  }

  #viewChanged(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const channel = target instanceof HTMLElement ? (target.dataset['channel'] ?? '') : '';
      if (isIntersecting) this.#visible.add(channel);
      else this.#visible.delete(channel);
    }
    this.#subscribeVisible();
  }

  #subscribeVisible(): void {
    const wanted = [...this.#visible].flatMap((channel) => this.#cards.get(channel)?.model.info.run ?? []);
    const runs = new Set(wanted.slice(0, SUBSCRIPTIONS_MAX));
    for (const run of this.#subscribed) {
      if (runs.has(run)) continue;
      this.#subscribed.delete(run);
      this.#connection.send({ v: 1, type: 'unsubscribe', run });
    }
    for (const run of runs) {
      if (this.#subscribed.has(run)) continue;
      this.#subscribed.add(run);
      this.#connection.send({ v: 1, type: 'subscribe', run, max_hz: MAX_HZ });
    }
  }

  #linkChanged(state: LinkState): void {
    this.#link = state;
    this.refresh();
  }

  #showAlarm(text: string): void {
    const alarm = requireElement('alarm');
    alarm.hidden = false;
    setText(alarm, text);
  }

  #showCounts(): void {
    const states = [...this.#cards.values()].map((card) => card.model.info.state);
    const active = states.filter((state) => !isEnded(state)).length;
    const text = `${states.length} ${states.length === 1 ? 'channel' : 'channels'} · ${active} active`;
    setText(requireElement('bench'), states.length === 0 ? '' : text);
    const title = active === 0 ? 'galvanode' : `${active} active · galvanode`;
    if (document.title !== title) document.title = title;
  }
}

function channelOf(info: RunInfo): string {
  return `${info.cycler} ${info.channel}`;
}

function byRun(a: RunModel, b: RunModel): number {
  return a.info.run < b.info.run ? -1 : 1;
}

function linkText(link: LinkState): string {
  if (link.kind === 'connecting') return 'connecting …';
  if (link.kind === 'connected') return 'live';
  return `not connected since ${formatWall(link.sinceMs, Date.now())}`;
}

async function readCurve(run: string, fromS: number): Promise<Curve> {
  const response = await fetch(`/api/runs/${run}/plot?from=${fromS.toFixed(3)}&points=${RECENT_POINTS}`);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return parseCurve(await response.json());
}

/** From our own server, of the same build. */
function parseCurve(body: unknown): Curve {
  return body as Curve;
}
