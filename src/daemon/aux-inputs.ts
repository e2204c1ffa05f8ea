// The auxiliary inputs of a bench: a source for each port, a reader for each input, and every value handed to
// the runs of the channels it belongs to. Must never stop a run: an input that fails is a line in the log.
import type { OpenPort } from '../base/byte-port.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { GalvanodeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { openPort, parsePortAddress } from '../bytes/port-address.ts';
import type { AuxConfig } from '../config/aux-schema.ts';
import { AuxReader } from '../device/aux-reader.ts';
import { AuxSource, type AuxSourceState } from '../device/aux-source.ts';
import type { AuxReading } from './aux-recorder.ts';

export interface AuxInputsOptions {
  readonly inputs: readonly AuxConfig[];
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the port of an input, as `auxPorts` has found it. */
  readonly portOf: (port: string) => OpenPort;
  /** Records a reading in every run that it belongs to. */
  readonly record: (reading: AuxReading, belongs: (place: AuxPlace) => boolean) => void;
}

export interface AuxPlace {
  readonly cycler: string;
  readonly channel: number;
}

/** A thermometer of which nothing was stored for so long is dead, or says what nobody understands. */
const SILENT_MS = 60_000;

/** Ports of the inputs, ready to be opened; throws CONFIG_INVALID for what is no port. */
export function auxPorts(inputs: readonly AuxConfig[]): AuxInputsOptions['portOf'] {
  const ports = new Map<string, OpenPort>();
  for (const { name, port } of inputs) {
    const parsed = parsePortAddress(port);
    if (!parsed.ok) throw new GalvanodeError('CONFIG_INVALID', `"aux": port of "${name}": ${parsed.detail}`);
    ports.set(port, openPort(parsed.address));
  }
  return (port) => {
    const known = ports.get(port);
    return known ?? ((done) => done({ ok: false, reason: 'absent', detail: `no input is on ${port}` }));
  };
}

/** Starts listening; inputs that name the same port share it. */
export function startAuxInputs(options: AuxInputsOptions): { close(): void } {
  const { clock, inputs, log, portOf } = options;
  const readers = inputs.map((input) => new InputReader(options, input));
  const ports = [...new Set(inputs.map(({ port }) => port))];
  const sources = ports.map((port) => {
    const own = readers.filter(({ input }) => input.port === port);
    return new AuxSource({
      clock,
      openPort: portOf(port),
      onLine: (line) => own.forEach((reader) => reader.hear(line)),
      onState: (state) => tellState(log, port, state),
    });
  });
  for (const source of sources) source.start();
  return {
    close: () => {
      for (const source of sources) source.close();
      for (const reader of readers) reader.close();
    },
  };
}

function tellState(log: Logger, port: string, state: AuxSourceState): void {
  if (state.type === 'up') log.info({ port }, 'auxiliary input up');
  else log.warn({ port, detail: state.detail }, 'auxiliary input lost; it is tried again');
}

class InputReader {
  readonly input: AuxConfig;
  readonly #options: AuxInputsOptions;
  readonly #reader: AuxReader;
  #silence: Timer | null = null;
  #isImplausible = false;

  constructor(options: AuxInputsOptions, input: AuxConfig) {
    this.input = input;
    this.#options = options;
    this.#reader = new AuxReader(input);
    this.#watch();
  }

  hear(line: string): void {
    const { clock, log, record } = this.#options;
    const { name } = this.input;
    const heard = this.#reader.read(line, clock.nowMs());
    if (heard.ok) {
      this.#isImplausible = false;
      this.#watch();
      return record({ name, value: heard.value }, (place) => this.#belongsTo(place));
    }
    if (heard.why !== 'implausible') return;
    // Once, not for each line of a broken sensor.
    if (!this.#isImplausible) log.warn({ input: name, line: heard.line }, 'implausible value left out');
    this.#isImplausible = true;
  }

  close(): void {
    this.#silence?.cancel();
  }

  #watch(): void {
    this.#silence?.cancel();
    const { kind, name, every } = this.input;
    if (kind === 'marker') return;
    const { clock, log } = this.#options;
    this.#silence = clock.after(Math.max(SILENT_MS, 3 * every), () =>
      log.warn({ input: name }, 'auxiliary input gives no value'),
    );
  }

  #belongsTo({ cycler, channel }: AuxPlace): boolean {
    const { channels } = this.input;
    return (
      channels === undefined || channels.some((place) => [cycler, `${cycler}/${channel}`].includes(place))
    );
  }
}
