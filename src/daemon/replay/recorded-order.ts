// What a run was told from outside, as its record has it: the start, an order, a stop. Parsed here, so that a
// record of another version is refused in words.
import { z } from 'zod';
import type { OutagePolicy } from '../../steps/outage.ts';
import type { Protocol } from '../../steps/protocol.ts';
import { knownProtocol } from '../known-protocol.ts';
import type { LeasePlan } from '../lease-keeper.ts';
import type { RunRequest, RunSettings } from '../start-run.ts';

const startedSchema = z.object({
  run: z.string(),
  wallMs: z.number(),
  reporting: z.object({ livePeriodMs: z.number(), flushMs: z.number() }),
  commitEveryMs: z.number().nullable(),
});
const orderSchema = z.object({
  order: z.string(),
  reason: z.string(),
  parameters: z.record(z.string(), z.unknown()).optional(),
});
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
const metaSchema = z.object({
  protocol: z.object({
    name: z.string(),
    source: z.object({ fileName: z.string(), text: z.string() }).optional(),
  }),
  request: z.object({ parameters: z.record(z.string(), z.unknown()), areaUcm2: z.number() }),
  channel: z.number().int(),
  lease: z.custom<LeasePlan>(isObject),
  onOutage: z.custom<OutagePolicy>((value) => typeof value === 'string' || isObject(value)),
  acceptsNoDeadMan: z.boolean(),
});

export type Started = z.output<typeof startedSchema>;

/** Throws where the mark is none: the file is not ours. */
export function parseStarted(text: string): Started {
  return startedSchema.parse(JSON.parse(text));
}

export function parseOrder(text: string): z.output<typeof orderSchema> {
  return orderSchema.parse(JSON.parse(text));
}

export type RecordedRun =
  | { readonly ok: true; readonly request: RunRequest; readonly settings: RunSettings }
  | { readonly ok: false; readonly detail: string };

/** How the run was asked for, as its `meta` has it. */
export function settingsFrom(
  meta: Readonly<Record<string, unknown>>,
  protocols: readonly Protocol[],
  { reporting, commitEveryMs }: Started,
): RecordedRun {
  const parsed = metaSchema.safeParse(meta);
  if (!parsed.success) return { ok: false, detail: 'its "meta" was written by another version of galvanode' };
  const { channel, lease, onOutage, acceptsNoDeadMan, request: asked } = parsed.data;
  const known = knownProtocol(parsed.data.protocol, protocols);
  if (!known.ok) {
    const [problem = 'is not here any more'] = known.problems;
    return { ok: false, detail: `its protocol "${parsed.data.protocol.name}" ${problem}` };
  }
  const { protocol } = known;
  const electrodes = { sampleId: null, workingElectrode: null, counterElectrode: null };
  const cell = { ...electrodes, electrolyte: null, separator: null, operator: null, notes: null };
  return {
    ok: true,
    request: { ...asked, protocol, channel, cell },
    settings: { lease, onOutage, reporting, commitEveryMs, acceptsNoDeadMan, meta: {} },
  };
}
