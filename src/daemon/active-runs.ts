// The runs that are conducted on this bench, by run and by place: one channel, one run. Keeps who waits for
// an end; decides nothing about runs.
import type { RunChannel } from './channel.ts';

export interface Place {
  readonly cycler: string;
  readonly channel: number;
}

export interface ActiveRun {
  readonly place: Place;
  readonly channel: RunChannel;
}

type OnClosed = (problem: string | null) => void;

export class ActiveRuns {
  readonly #runs = new Map<string, ActiveRun & { readonly onClosed: OnClosed[] }>();
  /** Places of runs that are not conducted yet: being started, or being taken over. */
  readonly #claimed = new Map<string, string | null>();

  [Symbol.iterator](): IterableIterator<[string, ActiveRun]> {
    return this.#runs.entries();
  }

  get size(): number {
    return this.#runs.size;
  }

  get(run: string): ActiveRun | null {
    return this.#runs.get(run) ?? null;
  }

  add(run: string, active: ActiveRun): void {
    this.#claimed.delete(keyOf(active.place));
    this.#runs.set(run, { ...active, onClosed: [] });
  }

  /** Nobody else may use the place; `run`: what will be there, if it has a name yet. */
  claim(place: Place, run: string | null): void {
    this.#claimed.set(keyOf(place), run);
  }

  unclaim(place: Place): void {
    this.#claimed.delete(keyOf(place));
  }

  /** Who has the place: its run, or null for one without a name yet; undefined: it is free. */
  holderOf(place: Place): string | null | undefined {
    const key = keyOf(place);
    const run = [...this.#runs].find(([, active]) => keyOf(active.place) === key)?.[0];
    return run ?? this.#claimed.get(key);
  }

  *on(cycler: string): IterableIterator<RunChannel> {
    for (const { place, channel } of this.#runs.values()) if (place.cycler === cycler) yield channel;
  }

  /** `tell` hears the end, once. */
  whenClosed(run: string, tell: OnClosed): void {
    this.#runs.get(run)?.onClosed.push(tell);
  }

  closed(run: string, problem: string | null): void {
    const active = this.#runs.get(run);
    this.#runs.delete(run);
    for (const tell of active?.onClosed ?? []) tell(problem);
  }
}

function keyOf({ cycler, channel }: Place): string {
  return `${cycler}/${channel}`;
}
