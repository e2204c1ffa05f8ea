// One card per channel: what runs there, in which state and since when, its values with their age, its curve.
// Shows a run model; asks nobody. Never shows an old value as if it were new.
import { createElement, setData, setText } from './dom.ts';
import {
  currentMeaning,
  formatCurrent,
  formatDuration,
  formatVoltage,
  formatWall,
  type Quantity,
} from './format.ts';
import { Plot } from './plot.ts';
import { type Freshness, type RunModel, type Span } from './run-model.ts';

export interface CardView {
  readonly serverNowMs: number;
  readonly isConnected: boolean;
}

class Value {
  readonly #number = createElement('span', { class: 'value-number', text: '–' });
  readonly #unit = createElement('span', { class: 'value-unit' });
  readonly note = createElement('span', { class: 'value-note' });
  readonly element: HTMLElement;

  constructor(label: string) {
    const line = createElement('span', { class: 'value-line' }, [this.#number, this.#unit]);
    const name = createElement('span', { class: 'value-label', text: label });
    this.element = createElement('div', { class: 'value' }, [name, line, this.note]);
  }

  show({ value, unit }: Quantity): void {
    setText(this.#number, value);
    setText(this.#unit, unit);
  }
}

const NOTHING: Quantity = { value: '–', unit: '' };

export class Card {
  readonly element: HTMLElement;
  readonly #title = createElement('h2', { class: 'card-title' });
  readonly #where = createElement('p', { class: 'card-where' });
  readonly #state = createElement('span', { class: 'state' });
  readonly #badge = createElement('span', { class: 'badge' });
  readonly #reason = createElement('p', { class: 'card-reason' });
  readonly #voltage = new Value('Voltage');
  readonly #current = new Value('Current');
  readonly #progressText = createElement('p', { class: 'progress-text' });
  readonly #progress = createElement('progress', { class: 'progress' });
  readonly #plot: Plot;
  #model: RunModel;
  #span: Span;

  constructor(model: RunModel, span: Span) {
    this.#model = model;
    this.#span = span;
    this.#plot = new Plot(model.curves[span]);
    const names = createElement('div', { class: 'card-names' }, [this.#title, this.#where]);
    const pills = createElement('div', { class: 'card-pills' }, [this.#state, this.#badge]);
    this.#voltage.note.classList.add('age');
    const values = createElement('div', { class: 'values' }, [this.#voltage.element, this.#current.element]);
    const progress = createElement('div', { class: 'card-progress' }, [this.#progressText, this.#progress]);
    this.element = createElement('article', { class: 'card' }, [
      createElement('header', { class: 'card-head' }, [names, pills]),
      this.#reason,
      values,
      this.#plot.element,
      progress,
    ]);
  }

  get model(): RunModel {
    return this.#model;
  }

  /** Another run on the same channel. */
  replaceModel(model: RunModel): void {
    this.#model = model;
    this.#plot.show(model.curves[this.#span]);
  }

  showSpan(span: Span): void {
    this.#span = span;
    this.#plot.show(this.#model.curves[span]);
  }

  curveChanged(): void {
    this.#plot.changed();
  }

  /** Called a few times a second: ages grow without any message. */
  refresh(view: CardView): void {
    this.#showNames(view);
    this.#showReading(view);
    this.#showProgress();
  }

  #showNames({ serverNowMs }: CardView): void {
    const { info } = this.#model;
    const where = `${info.cycler} · channel ${info.channel}`;
    setText(this.#title, info.cell ?? where);
    setText(this.#where, `${info.cell === null ? '' : `${where} · `}${info.protocol}`);
    this.#title.title = `run ${info.run}`;
    setText(this.#state, info.state);
    setData(this.#state, 'state', info.state);
    this.#badge.hidden = !info.is_simulated;
    setText(this.#badge, info.time_scale === 1 ? 'simulated' : `simulated · ${info.time_scale}×`);
    const sinceMs = serverNowMs - info.since_ms;
    const since = `since ${formatWall(info.since_ms, serverNowMs)} (${formatDuration(sinceMs)})`;
    const verdict = info.verdict === null ? [] : [`verdict: ${info.verdict}`];
    setText(this.#reason, [...verdict, info.reason, since].filter((part) => part !== '').join(' · '));
  }

  #showReading({ serverNowMs, isConnected }: CardView): void {
    const { reading, info } = this.#model;
    const freshness = this.#model.freshness(serverNowMs);
    setText(this.#voltage.note, ageText(freshness, isConnected));
    setData(this.element, 'freshness', isConnected ? freshness.kind : 'stale');
    if (reading === null) return;
    const { voltageNv, currentPa } = reading;
    this.#voltage.show(voltageNv === null ? NOTHING : formatVoltage(voltageNv, info.voltage_error_nv));
    this.#current.show(currentPa === null ? NOTHING : formatCurrent(currentPa, info.current_error_pa));
    const meaning = currentPa === null ? 'not measured' : currentMeaning(currentPa, info.current_error_pa);
    setText(this.#current.note, meaning);
    setData(this.#current.element, 'meaning', meaning);
  }

  #showProgress(): void {
    const { position, parameters } = this.#model.info;
    const cycles = Number(parameters['cycles'] ?? Number.NaN);
    const hasCycles = Number.isFinite(cycles) && cycles > 0;
    const cycle = position?.cycle ?? 0;
    const ofCycles = hasCycles ? ` of ${cycles}` : '';
    const parts = [
      cycle > 0 ? `cycle ${cycle}${ofCycles}` : hasCycles && `${cycles} cycles to come`,
      position !== null && `step ${position.step_number}, ${position.program_step}`,
    ];
    setText(this.#progressText, parts.filter((part) => part !== false).join(' · ') || 'not started');
    this.#progress.hidden = !hasCycles;
    this.#progress.max = hasCycles ? cycles : 1;
    this.#progress.value = this.#model.info.verdict === 'completed' ? cycles : doneCycles(position);
  }
}

function doneCycles(position: RunModel['info']['position']): number {
  if (position === null || position.cycle === 0) return 0;
  // What is measured between cycles has the number of the one that it follows.
  if (position.phase === 'diagnostic' && position.half === null) return position.cycle;
  return position.cycle - 1 + (position.half === 'strip' ? 0.5 : 0);
}

function ageText(freshness: Freshness, isConnected: boolean): string {
  if (freshness.kind === 'none') return 'no value yet';
  if (freshness.kind === 'ended') return 'last value of the run';
  if (freshness.kind === 'stored')
    return isConnected ? 'last stored value; nothing live yet' : 'last stored value';
  // Tenths would only flicker.
  const age = freshness.ageMs < 1000 ? '< 1\u202fs old' : `${formatDuration(freshness.ageMs)} old`;
  if (!isConnected) return `${age}: this page is not connected`;
  return freshness.kind === 'stale' ? `stale: ${age}` : age;
}
