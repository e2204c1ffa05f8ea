// A cycler with the tap on its ports, and how it was set up, so that a replay can set one up in the same way.
import { z } from 'zod';
import { DIALECT_NAMES } from '../config/dialect-names.ts';
import type { Cycler } from './cycler.ts';
import type { CyclerOptions, Dialect } from './dialect.ts';
import { WireRecorder } from './wire-recorder.ts';
import { TIMERS_LATE_MS, WireTap } from './wire-tap.ts';

const setupSchema = z.object({
  dialect: z.enum(DIALECT_NAMES),
  name: z.string(),
  hasDataPort: z.boolean(),
  keepAliveMs: z.number().nullish(),
  isRemoteSensing: z.boolean().optional(),
  /** A real timer is late by so much, ms; 0 in virtual time. */
  timersLateMs: z.number(),
});

/** What the mark `cycler` of the recorded wire says. */
export type CyclerSetup = z.output<typeof setupSchema>;

export function createTappedCycler(
  dialect: Dialect,
  options: CyclerOptions,
  { isVirtual = false }: { readonly isVirtual?: boolean } = {},
): Cycler {
  const { name, openPort, openDataPort, keepAliveMs, isRemoteSensing } = options;
  const tap = new WireTap({ clock: options.clock, language: dialect.wire });
  const inner = dialect.create({
    ...options,
    clock: tap.clock,
    openPort: tap.around(openPort, 0),
    ...(openDataPort === undefined ? {} : { openDataPort: tap.around(openDataPort, 1) }),
  });
  const setup: CyclerSetup = {
    ...{ dialect: nameOf(dialect), name, keepAliveMs, isRemoteSensing },
    hasDataPort: openDataPort !== undefined,
    timersLateMs: isVirtual ? 0 : TIMERS_LATE_MS,
  };
  return tapped(inner, tap, setup);
}

function tapped(inner: Cycler, tap: WireTap, setup: CyclerSetup): Cycler {
  return {
    name: inner.name,
    channel: (number) => inner.channel(number),
    onLink: (receive) =>
      inner.onLink((report) => {
        if (report.type === 'up') tap.linkUp();
        receive(report);
      }),
    start: () => inner.start(),
    readClock: (done) => inner.readClock(done),
    emergencyStop: () => inner.emergencyStop(),
    recordWire: (channel) => new WireRecorder(tap, setup, channel),
    get counters() {
      return inner.counters;
    },
    close: () => inner.close(),
  };
}

/** null: no such mark. */
export function parseCyclerSetup(text: string): CyclerSetup | null {
  const parsed = setupSchema.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : null;
}

function nameOf({ name }: Dialect): CyclerSetup['dialect'] {
  return z.enum(DIALECT_NAMES).parse(name);
}
