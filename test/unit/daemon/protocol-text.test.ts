// Goal: a run of a text needs nothing but its own file: a daemon that follows goes on with it, and a replay
// replays it, though no registry has it, or has another of its name. Method: a daemon cut off in virtual
// time and followed by one that knows other protocols; a recorded simulation replayed without any.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeCell } from '../../../firmware-sim/cell/library/cell-library.ts';
import { simulate } from '../../../src/cli/simulation.ts';
import type { Protocol } from '../../../src/steps/protocol.ts';
import { replayed, scratchFolder } from '../../support/recorded-run.ts';
import { type Rig, rig } from '../../support/rig.ts';
import { protocolOf, protocolText } from '../../support/source-text.ts';

const ENDS =
  '{voltage above: 0.5 V, for: 1 s, then: end run}, {voltage below: -0.5 V, for: 1 s, then: end run}';
const TEXT = protocolText(`
steps:
  - cycles: 3
    steps:
      - {plate: 1 mA, until: [{net charge: -3 uAh}, ${ENDS}]}
      - {strip: 1 mA, until: [{net charge: 0 mAh}, ${ENDS}]}`);

/** Cut off in its first cycle, and followed by a daemon that knows these. */
function followed(protocolsLater: readonly Protocol[]): Rig {
  const onOutage = { continue_within_ms: 600_000 };
  const run = rig({ protocol: protocolOf(TEXT), parameters: {}, onOutage, protocolsLater });
  run.clock.advance(15_000);
  run.kill();
  run.clock.advance(1000);
  run.restart();
  return run;
}

describe('a run of a text', () => {
  it('is gone on with by a daemon that has never heard of its protocol', () => {
    const run = followed([]);
    run.runToEnd(300_000);
    expect(run.reader().state()).toMatchObject({ state: 'done', verdict: 'completed' });
    expect(run.told.halfCycles).toHaveLength(6);
  });

  it('is gone on with as it began where the protocol of its name has become another', () => {
    const run = followed([protocolOf(TEXT.replace('cycles: 3', 'cycles: 5'))]);
    run.runToEnd(300_000);
    expect(run.told.halfCycles).toHaveLength(6);
  });

  it('is replayed where no registry has it', async () => {
    const outPath = join(scratchFolder(), 'run.db');
    const cellModel = describeCell('bare-zn');
    if (cellModel === null) throw new Error('no cell bare-zn');
    const specimen = { sampleId: null, workingElectrode: null, counterElectrode: null, electrolyte: null };
    await simulate({
      request: {
        ...{ protocol: protocolOf(TEXT), parameters: {}, areaUcm2: 1_130_000, channel: 1 },
        cell: { ...specimen, separator: null, operator: null, notes: null },
      },
      ...{ seed: 3, cellModel, dialect: 'gvn1', instrument: 'bench', isDurable: false, logLevel: 'silent' },
      ...{ outPath, isWireRecorded: true, onProgress: () => 'go on' as const },
    });
    expect(await replayed(outPath, [])).toMatchObject({ outcome: 'same', detail: 'the whole run' });
  });
});
