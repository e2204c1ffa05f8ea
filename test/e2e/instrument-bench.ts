// One simulated instrument of each dialect for a system test, each a process of its own at the speed of life,
// and the configuration that names them: two ports of TCP, a pty, and one instrument with two ports.

import type { Rig, Running } from './rig.ts';

export const INSTRUMENTS = [
  { name: 'left', dialect: 'gvn1', place: 'tcp' },
  { name: 'palm', dialect: 'methodscript', place: 'pty' },
  { name: 'smu', dialect: 'keithley2400', place: 'tcp' },
  { name: 'xpot', dialect: 'zahner', place: 'tcp' },
] as const;

export type InstrumentName = (typeof INSTRUMENTS)[number]['name'];

export interface BenchInstrument extends Running {
  readonly name: InstrumentName;
  readonly dialect: (typeof INSTRUMENTS)[number]['dialect'];
  readonly port: string;
  readonly cellLog: string;
}

export interface InstrumentBench {
  readonly instruments: readonly BenchInstrument[];
  readonly config: { readonly cyclers: readonly Readonly<Record<string, unknown>>[] };
  of(name: InstrumentName): BenchInstrument;
}

/** Seeds 1 to 4; `extra` arguments go to each simulator. */
export async function startInstruments(rig: Rig, ...extra: readonly string[]): Promise<InstrumentBench> {
  const started = await Promise.all(
    INSTRUMENTS.map(async ({ name, dialect, place }, index) => {
      const where = place === 'pty' ? ['--pty', rig.file(name)] : ['--tcp', '0'];
      const cellLog = rig.file(`${name}.cell.jsonl`);
      const args = ['--dialect', dialect, '--seed', String(index + 1), '--cell-log', cellLog, ...extra];
      const running = rig.galvanode('sim', ...where, ...args);
      const whereabouts = whereaboutsOf(await running.says(/^\{.*\}$/m));
      const dataPort = whereabouts.dataPort === undefined ? {} : { data_port: whereabouts.dataPort };
      // Nothing on a source meter opens its output by itself; a run must accept that in so many words.
      const accepted = dialect === 'keithley2400' ? { accept_no_dead_man: true } : {};
      const { port } = whereabouts;
      const cycler = { name, dialect, port, ...dataPort, ...accepted };
      return { instrument: { ...running, name, dialect, port, cellLog }, cycler };
    }),
  );
  const instruments = started.map(({ instrument }) => instrument);
  return {
    instruments,
    config: { cyclers: started.map(({ cycler }) => cycler) },
    of: (name) => {
      const found = instruments.find((instrument) => instrument.name === name);
      if (found === undefined) throw new Error(`no instrument ${name}`);
      return found;
    },
  };
}

function whereaboutsOf(line: string): { readonly port: string; readonly dataPort?: string } {
  return JSON.parse(line) as { readonly port: string; readonly dataPort?: string };
}
