// The thermocouple at the back of the instrument, read while nothing runs: it cannot be recorded during a
// measurement (vendor's control.py, getTemperature). Where there is none, it is asked for once a connection.
// Must never keep a step from running: only the loss of the link does that.
import type { ZahnerCommand } from '../../../frames/dialects/zahner/commands.ts';
import { parseNumber, type Reply } from '../../../frames/dialects/zahner/replies.ts';
import { parseTemperature } from '../../../samples/aux-value.ts';
import type { Done } from '../../cycler.ts';
import { DONE } from '../../hosted/answers.ts';
import type { StepListener } from '../../hosted/step-actuator.ts';
import type { Connection } from './connection.ts';
import { failureFrom } from './failures.ts';

export interface ThermometerOptions {
  readonly connection: Pick<Connection, 'ask'>;
  readonly listener: Pick<StepListener, 'beside'>;
}

const MEASURE: ZahnerCommand = { name: 'measureTemperature' };
/** What the record calls it. */
const NAME = 'instrument';

export class Thermometer {
  readonly #options: ThermometerOptions;
  #sensor: 'expected' | 'asked' | 'absent' = 'expected';
  #temperatureUk: number | null = null;
  #implausible = 0;

  constructor(options: ThermometerOptions) {
    this.#options = options;
  }

  /** Values that no lab can be at; they are left out. */
  get implausible(): number {
    return this.#implausible;
  }

  /**
   * A sensor may have been plugged in since. A question that was never answered has cost the link: it is not
   * put again, or the link would be lost at every step.
   */
  connected(): void {
    if (this.#sensor === 'absent') this.#sensor = 'expected';
  }

  /** With nothing running. Fails only where the link does. */
  measure(done: Done<null>): void {
    this.#temperatureUk = null;
    if (this.#sensor !== 'expected') return done(DONE);
    this.#sensor = 'asked';
    this.#options.connection.ask(MEASURE, (result) => {
      if (!result.ok) return done(result);
      this.#sensor = this.#judge(result.value);
      done(DONE);
    });
  }

  /**
   * Behind each reading: the first of a step tells what was measured before it, since a run has no time
   * before its first sample. Dated at the start of the step, us: it was measured moments earlier.
   */
  tell(startUs: number): void {
    const temperatureUk = this.#temperatureUk;
    if (temperatureUk === null) return;
    this.#temperatureUk = null;
    const value = { kind: 'temperature', temperatureUk } as const;
    this.#options.listener.beside({ type: 'aux', name: NAME, timeUs: startUs, value });
  }

  #judge(reply: Reply): 'expected' | 'absent' {
    const celsius = reply.kind === 'value' ? parseNumber(reply.text) : null;
    if (celsius !== null) {
      this.#temperatureUk = parseTemperature(celsius, 'degC');
      if (this.#temperatureUk === null) this.#implausible += 1;
      return 'expected';
    }
    // An error that is latched is that of a stop, and says nothing of the sensor.
    const failure = failureFrom(MEASURE, reply);
    return !failure.ok && failure.reason === 'fault' ? 'expected' : 'absent';
  }
}
