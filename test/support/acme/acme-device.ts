// An acme and the resistor in its holder: answers the language of acme-language.ts, knows what charge really
// flowed. Written without the driver's parts; shares nothing with it but the clock.
import type { BytePort } from '../../../src/base/byte-port.ts';
import type { Clock } from '../../../src/base/clock.ts';

export class AcmeDevice {
  readonly #clock: Clock;
  readonly #ohm: number;
  /** What it was told, in order. */
  readonly told: string[] = [];
  isRelayClosed = false;
  #currentPa = 0;
  #orderMs = 0;
  #chargeNc = 0;
  #line = '';

  constructor(clock: Clock, ohm: number) {
    [this.#clock, this.#ohm] = [clock, ohm];
  }

  /** When the port closes, it stands at its current for good: it has no watchdog. */
  attach(port: BytePort): void {
    this.#line = '';
    port.onClosed(() => undefined);
    port.onBytes((text) => {
      for (const character of text) this.#take(character, port);
    });
  }

  /** Strip minus plate, nC. */
  get netChargeNc(): number {
    return this.#chargeNc + (this.#flowingPa * this.#sinceUs) / 1e9;
  }

  get #flowingPa(): number {
    return this.isRelayClosed ? this.#currentPa : 0;
  }

  get #sinceUs(): number {
    return Math.round((this.#clock.nowMs() - this.#orderMs) * 1000);
  }

  #take(character: string, port: BytePort): void {
    if (character === '!') this.#order('!', false, 0);
    else if (character !== '\n') this.#line += character;
    else {
      const line = this.#line;
      this.#line = '';
      port.write(`${this.#answer(line)}\n`);
    }
  }

  #answer(line: string): string {
    const [word, value] = line.split(' ');
    if (word === 'id?') return 'acme A1 SIM7 1.0';
    if (word === 'off') return this.#order(line, false, 0);
    if (word === 'cur' && Math.abs(Number(value)) <= 10e9) return this.#order(line, true, Number(value));
    if (word !== 'meas?') return 'err not in this manual, or beyond 10 mA';
    const pa = this.#flowingPa;
    return `${this.#sinceUs} ${Math.round((pa * this.#ohm) / 1000)} ${pa}`;
  }

  #order(told: string, isRelayClosed: boolean, currentPa: number): string {
    this.told.push(told);
    this.#chargeNc = this.netChargeNc;
    this.#orderMs = this.#clock.nowMs();
    [this.isRelayClosed, this.#currentPa] = [isRelayClosed, currentPa];
    return 'ok';
  }
}
