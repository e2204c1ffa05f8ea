// Makes the channel of a run that an earlier daemon left open: its file says which program it is, and where
// it stands. What cannot be gone on with by this very program is not touched: the run stays as it is, with
// the reason.
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Capabilities, Cycler } from '../device/cycler.ts';
import { DEVICE_FRAME, FramedChannel } from '../device/framed-channel.ts';
import type { OutagePolicy } from '../steps/outage.ts';
import type { Protocol } from '../steps/protocol.ts';
import { createRunner } from '../steps/runner.ts';
import type { RunReader } from '../store/readers.ts';
import type { RunStore } from '../store/run-store.ts';
import { limitsOn } from './cell-limits.ts';
import { RunChannel } from './channel.ts';
import type { ChannelFeed } from './channel-parts.ts';
import { knownProtocol } from './known-protocol.ts';
import type { LeasePlan } from './lease-keeper.ts';
import { readRestoredRun } from './restored-run.ts';
import { parseCheckpoint } from './run-checkpoint.ts';
import { hashOf, prepareRun, type RunSettings } from './start-run.ts';

export interface RestoreOptions {
  readonly run: string;
  readonly reader: RunReader;
  readonly store: RunStore;
  readonly cycler: Cycler;
  readonly protocols: readonly Protocol[];
  /** Rhythms of this bench; the policy of the run stands in its file. */
  readonly settings: Pick<RunSettings, 'reporting' | 'commitEveryMs'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly feed: ChannelFeed;
}

export type RestoreResult =
  | { readonly ok: true; readonly channel: RunChannel }
  /**
   * In words for the operator: why this daemon cannot go on with it. `isOver`: nobody can, it never began.
   */
  | { readonly ok: false; readonly detail: string; readonly isOver?: true };

const metaSchema = z.object({
  protocol: z.object({
    ...{ name: z.string(), version: z.number(), sourceHash: z.string() },
    source: z.object({ fileName: z.string(), text: z.string() }).optional(),
  }),
  request: z.object({ parameters: z.record(z.string(), z.unknown()), areaUcm2: z.number() }),
  channel: z.number().int(),
  instrument: z.object({
    rangeIndex: z.number().int(),
    rangeFullScalePa: z.number(),
    capabilities: z.custom<Capabilities>((value) => typeof value === 'object' && value !== null),
  }),
  lease: z.custom<LeasePlan>((value) => typeof value === 'object' && value !== null),
  onOutage: z.custom<OutagePolicy>((value) => typeof value === 'string' || typeof value === 'object'),
});

/** Of the specimen nothing is needed to go on. */
const NOT_ASKED = {
  ...{ sampleId: null, workingElectrode: null, counterElectrode: null, electrolyte: null },
  ...{ separator: null, operator: null, notes: null },
};

/** Its channel waits for a link; the cell is in the hands of the device until then. */
export function restoreChannel(options: RestoreOptions): RestoreResult {
  try {
    return restoreFrom(options);
  } catch (thrown) {
    return { ok: false, detail: `its file cannot be read: ${messageOf(thrown)}` };
  }
}

function restoreFrom(options: RestoreOptions): RestoreResult {
  const { cycler, feed, log, protocols, reader, run, settings, store } = options;
  const { checkpoint: stored } = reader.state();
  if (stored === null) return { ok: false, detail: 'the daemon ended before the run began', isOver: true };
  const checkpoint = parseCheckpoint(stored);
  const parsed = metaSchema.safeParse(reader.meta());
  if (checkpoint === null || !parsed.success)
    return { ok: false, detail: 'it was recorded by another version of galvanode; go on with that one' };
  const { channel, instrument, lease, onOutage, request, protocol: wanted } = parsed.data;
  const known = knownProtocol(wanted, protocols);
  if (!known.ok) {
    const [problem = 'is not here'] = known.problems;
    return { ok: false, detail: `its protocol "${wanted.name}" ${problem}` };
  }
  const { protocol } = known;
  const order = { ...request, protocol, channel, cell: NOT_ASKED };
  const prepared = prepareRun(order);
  if (!prepared.ok) return { ok: false, detail: `its parameters are refused now: ${prepared.message}` };
  if (hashOf(protocol, prepared) !== wanted.sourceHash) {
    const detail = `its protocol "${wanted.name}" has changed; go on with the version that began it`;
    return { ok: false, detail };
  }
  const { capabilities, rangeFullScalePa: fullScalePa, rangeIndex } = instrument;
  const { parameters: given, change } = checkpoint.progress;
  const inForce = given === null ? prepared : prepareRun({ ...order, parameters: given });
  const changed = change === null ? null : prepareRun({ ...order, parameters: change.parameters });
  if (!inForce.ok || changed?.ok === false)
    return { ok: false, detail: 'parameters that were set while it ran are refused now' };
  const runner = createRunner(inForce.prepared);
  const wire = cycler.recordWire?.(channel) ?? null;
  const { reporting, commitEveryMs } = settings;
  const clock = wire?.clock ?? options.clock;
  wire?.hold();
  wire?.note('restarted', { run, wallMs: clock.wallMs(), reporting, commitEveryMs });
  const restored = new RunChannel({
    ...settings,
    ...{ run, clock, store, capabilities, lease, onOutage, rangeIndex, runner, feed, wire },
    log: log.child({ run, cycler: cycler.name, channel }),
    device: new FramedChannel(cycler.channel(channel), { ...DEVICE_FRAME, ...checkpoint.frame }),
    readClock: (answer) => cycler.readClock(answer),
    cellLimits: limitsOn(capabilities, { wanted: prepared.prepared.cellLimits, fullScalePa }),
    shortFloor: prepared.prepared.shortFloor,
    program: order,
    changed: changed === null ? null : createRunner(changed.prepared),
    originN: checkpoint.originN,
    restored: readRestoredRun(reader, checkpoint, runner),
  });
  restored.takeOver();
  return { ok: true, channel: restored };
}
