// A protocol of ten years: groups within groups, more than a million cycles, ten thousand in each inner one.
// What takes long for it would take long for every protocol; its counts can be made small to compare. Also
// the checkpoint of a long run, as the daemon stored it. Never part of what is shipped.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describeCell } from '../../firmware-sim/cell/library/cell-library.ts';
import { symmetricCycling } from '../../protocols/symmetric-cycling.ts';
import { simulate } from '../../src/cli/simulation.ts';
import { protocolFromText } from '../../src/language/protocol-from-source.ts';
import type { Protocol } from '../../src/steps/protocol.ts';
import { openRunReader } from '../../src/store/readers.ts';
import type { Parameters } from './prepared.ts';

/** 120 x 10 000 cycles of 264 s: ten years. */
const TEN_YEARS = { inner: 10_000, outer: 120 } as const;

const TEN_YEARS_TEXT = `
galvanode: protocol/1
name: ten-years
version: 1
title: Ten years of cycles
about: Groups within groups.
cell: zn-zn
parameters:
  inner: { default: ${TEN_YEARS.inner}, min: 1, max: 1000000, about: cycles in a group }
  outer: { default: ${TEN_YEARS.outer}, min: 1, max: 1000000, about: groups }
values:
  i: 1 mA/cm2 * area
  q: i * 132 s
steps:
  - rest: 1 s
    phase: wetting
  - repeat: outer
    steps:
      - cycles: inner
        steps:
          - plate: i
            until:
              - net charge: -q
              - { voltage below: -0.5 V, for: 1 s, then: end run, verdict: voltage-limit }
            record: 1 h
          - strip: i
            until:
              - net charge: 0 mAh
              - { voltage above: 0.5 V, for: 1 s, then: end run, verdict: voltage-limit }
            record: 1 h
          - rest: 1 min
            every: 1000
      - repeat: 3
        each: { multiple: [1, 3] }
        steps:
          - pulse: multiple * i
            until: [{ time: 1 s }]
          - pulse: -multiple * i
            until: [{ time: 1 s }]
`;

/** Throws with what is wrong. */
export function tenYears(): Protocol {
  const result = protocolFromText(TEN_YEARS_TEXT.trimStart(), { fileName: 'ten-years.yaml' });
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.protocol;
}

/** Runs of many cycles with as few samples as there can be. */
const LONG_RUNS = {
  tree: [tenYears(), {}],
  'symmetric-cycling': [
    symmetricCycling,
    {
      ...{ cycles: 1_000_000, conditioning_cycles: 0, wetting: '0 s', areal_capacity: '0.04 mAh/cm2' },
      ...{ record_interval: '1 h', record_voltage_delta: '0 V' },
    },
  ],
} as const satisfies Readonly<Record<string, readonly [Protocol, Parameters]>>;

export type LongRun = keyof typeof LONG_RUNS;

export interface StoredCheckpoint {
  /** Of the JSON text in the run's file. */
  readonly bytes: number;
  readonly cycles: number;
}

/**
 * What the daemon stored last of a run that goes to its end or, where `stopBehind` says so, is broken off
 * once so many cycles are done (looked at now and then: some more may be).
 */
export async function lastCheckpoint(
  name: LongRun,
  folder: string,
  { parameters = {}, stopBehind = Number.POSITIVE_INFINITY }: LongRunOptions,
): Promise<StoredCheckpoint> {
  const [protocol, usual] = LONG_RUNS[name];
  const cellModel = describeCell('bare-zn');
  if (cellModel === null) throw new Error('the library has no zinc');
  const specimen = { sampleId: null, workingElectrode: null, counterElectrode: null, electrolyte: null };
  const { path, halfCycles } = await simulate({
    request: {
      ...{ protocol, parameters: { ...usual, ...parameters }, areaUcm2: 1_130_000, channel: 1 },
      cell: { ...specimen, separator: null, operator: null, notes: null },
    },
    ...{ seed: 7, cellModel, dialect: 'gvn1', instrument: 'bench', isDurable: false, logLevel: 'silent' },
    outPath: join(mkdtempSync(join(folder, 'long-')), 'run.db'),
    onProgress: ({ halfCycles: done }) => (done >= 2 * stopBehind ? 'stop' : 'go on'),
  });
  const reader = openRunReader(path);
  const { checkpoint } = reader.state();
  reader.close();
  if (checkpoint === null) throw new Error('the run has no checkpoint');
  const bytes = Buffer.byteLength(JSON.stringify(checkpoint.body));
  return { bytes, cycles: Math.floor(halfCycles.length / 2) };
}

interface LongRunOptions {
  readonly parameters?: Parameters;
  readonly stopBehind?: number;
}
