// Starting a run: everything that can be refused is refused here, before anything is written or sent to the
// cell. The same function serves the daemon and `simulate`; what differs between them is in RunSettings and
// stored in `meta`.
import { createHash } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { formatQuantity } from '../base/quantity.ts';
import type { Capabilities, Cycler, Identity } from '../device/cycler.ts';
import { DEVICE_FRAME, FramedChannel } from '../device/framed-channel.ts';
import { checkProgram } from '../steps/check-program.ts';
import { describeParameters } from '../steps/parameters.ts';
import type { OutagePolicy } from '../steps/outage.ts';
import type { PreparedProtocol, Protocol } from '../steps/protocol.ts';
import { createRunner } from '../steps/runner.ts';
import type { CellDescription, RunDescription, Store } from '../store/run-store.ts';
import { limitsOn } from './cell-limits.ts';
import { RunChannel } from './channel.ts';
import type { ChannelFeed } from './channel-parts.ts';
import type { LeasePlan } from './lease-keeper.ts';
import type { Refusal } from './refusals.ts';

export interface RunRequest {
  readonly protocol: Protocol;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** 1e-6 cm2. */
  readonly areaUcm2: number;
  readonly cell: Omit<CellDescription, 'areaCm2'>;
  readonly channel: number;
}

export interface RunSettings {
  readonly lease: LeasePlan;
  readonly onOutage: OutagePolicy;
  readonly reporting: { readonly livePeriodMs: number; readonly flushMs: number };
  readonly commitEveryMs: number | null;
  /** The operator accepts an instrument without any dead-man. */
  readonly acceptsNoDeadMan: boolean;
  /** Goes into `meta`: seed, versions, what differs from the bench. */
  readonly meta: Readonly<Record<string, unknown>>;
}

export interface StartRunOptions {
  readonly run: string;
  readonly request: RunRequest;
  readonly settings: RunSettings;
  readonly cycler: Cycler;
  readonly identity: Identity;
  readonly capabilities: Capabilities;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly feed: ChannelFeed;
}

export type StartRunResult =
  | {
      readonly ok: true;
      readonly channel: RunChannel;
      readonly description: RunDescription;
      readonly path: string;
    }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

/** The part of a request that needs no device: parameters and protocol. */
export function prepareRun(
  request: RunRequest,
):
  | { readonly ok: true; readonly prepared: PreparedProtocol; readonly shown: Record<string, unknown> }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string } {
  const result = request.protocol.prepare(request.parameters, { areaUcm2: request.areaUcm2 });
  if (!result.ok) return { ok: false, code: 'PARAMS_INVALID', message: result.problems.join('; ') };
  return {
    ok: true,
    prepared: result.prepared,
    shown: describeParameters(request.protocol.parameters, result.values),
  };
}

/** Refuses, or creates the run's file and starts its channel. `done` is called once. */
export function startRun(options: StartRunOptions, done: (result: StartRunResult) => void): void {
  const { request, capabilities, cycler, store } = options;
  const prepared = prepareRun(request);
  if (!prepared.ok) return done(prepared);
  if (request.channel < 1 || request.channel > capabilities.channels) {
    const found = `"channel": ${request.channel} is outside 1 … ${capabilities.channels}`;
    return done({ ok: false, code: 'CHANNEL_UNKNOWN', message: `${found} of cycler "${cycler.name}"` });
  }
  const missing = missingCapability(capabilities);
  if (missing !== null) {
    const message = `cycler "${cycler.name}" lacks ${missing}, which every run needs; use another one`;
    return done({ ok: false, code: 'CAPABILITY_MISSING', message });
  }
  if (capabilities.deadMan === 'nobody' && !options.settings.acceptsNoDeadMan) {
    const found = `cycler "${cycler.name}" has nothing that opens the cell when this computer falls silent`;
    const advice = 'set "accept_no_dead_man: true" for it in the configuration, knowing that, or use another';
    return done({ ok: false, code: 'CAPABILITY_MISSING', message: `${found}; ${advice}` });
  }
  const range = chooseRange(prepared.prepared.currentMaxPa, capabilities, cycler.name);
  if (!range.ok) return done(range);
  const [problem] = checkProgram(prepared.prepared, {
    modes: capabilities.modes,
    currentMaxPa: range.fullScalePa,
    voltageSpanNv: capabilities.voltageSpanNv,
    recordBursts: capabilities.recordBursts,
  });
  if (problem !== undefined) return done({ ok: false, ...problem });
  const { run, settings, clock } = options;
  const { reporting, commitEveryMs } = settings;
  const wire = cycler.recordWire?.(request.channel) ?? null;
  wire?.note('started', { run, wallMs: clock.wallMs(), reporting, commitEveryMs });
  const refuse = (refusal: Refusal): void => {
    wire?.close();
    done(refusal);
  };
  freeChannel(options, (freed) => {
    if (!freed.ok) return refuse(freed);
    const description = describe(options, prepared, range);
    store.createRun(description, (opened) => {
      if (!opened.ok) return refuse({ ok: false, code: opened.code, message: opened.detail });
      const channel = new RunChannel({
        ...options.settings,
        run: options.run,
        clock: wire?.clock ?? clock,
        log: options.log.child({ run: options.run, cycler: cycler.name, channel: request.channel }),
        device: new FramedChannel(cycler.channel(request.channel), DEVICE_FRAME),
        readClock: (answer) => cycler.readClock(answer),
        capabilities,
        store: opened.store,
        cellLimits: limitsOn(capabilities, {
          wanted: prepared.prepared.cellLimits,
          fullScalePa: range.fullScalePa,
        }),
        shortFloor: prepared.prepared.shortFloor,
        program: { ...request, protocol: request.protocol },
        runner: createRunner(prepared.prepared),
        changed: null,
        rangeIndex: range.index,
        originN: freed.nextN,
        feed: options.feed,
        restored: null,
        wire,
      });
      channel.start();
      const { fullScalePa } = range;
      if (range.isPoorlyUsed) options.log.warn({ cycler: cycler.name, fullScalePa }, 'range poorly used');
      done({ ok: true, channel, description, path: opened.store.path });
    });
  });
}

/**
 * What a run needs of its instrument, whatever the protocol: in words, with nothing where all is there. What
 * the device cannot do the host may, as long as somebody does; `meta` says who.
 */
function missingCapability({ limits, recordRules }: Capabilities): string | null {
  if (limits.voltage === 'nobody' || limits.charge === 'nobody') return 'limits of voltage and charge';
  return recordRules === 'nobody' ? 'record rules' : null;
}

interface ChosenRange {
  readonly ok: true;
  readonly index: number;
  readonly fullScalePa: number;
  /**
   * The error of the offset counts for the range, not the reading: below a fifth of it the operator is told.
   */
  readonly isPoorlyUsed: boolean;
}

/**
 * The smallest range of at least 1.05 times the largest current, the same for both directions (electrochem
 * 2.6a).
 */
export function chooseRange(
  currentMaxPa: number,
  { currentRangesPa }: Capabilities,
  cyclerName: string,
): ChosenRange | { readonly ok: false; readonly code: 'RANGE_EXCEEDED'; readonly message: string } {
  const index = currentRangesPa.findIndex((fullScalePa) => fullScalePa >= 1.05 * currentMaxPa);
  const fullScalePa = currentRangesPa[index];
  if (fullScalePa !== undefined)
    return { ok: true, index, fullScalePa, isPoorlyUsed: currentMaxPa < 0.2 * fullScalePa };
  const asked = formatQuantity(currentMaxPa, 'current');
  const largest = formatQuantity(Math.max(...currentRangesPa), 'current');
  const found = `the largest current, ${asked}, is beyond the largest range (${largest})`;
  const advice = 'lower it (a range is used to 95 %), take a smaller cell, or use another instrument';
  const message = `${found} of cycler "${cyclerName}"; ${advice}`;
  return { ok: false, code: 'RANGE_EXCEEDED', message };
}

type Freed = { readonly ok: true; readonly nextN: number } | Refusal;

/**
 * The channel must be free. What an earlier run left there (it ended without its device) is switched off and
 * taken down: the session is ours, and none of our active runs is on this channel.
 */
function freeChannel(options: StartRunOptions, done: (result: Freed) => void): void {
  const { name } = options.cycler;
  const device = options.cycler.channel(options.request.channel);
  device.status((result) => {
    if (!result.ok) {
      return done({ ok: false, code: 'LINK_TIMEOUT', message: `cycler "${name}": ${result.detail}` });
    }
    const { run, nextN } = result.value;
    if (run === null) return done({ ok: true, nextN });
    device.off(() => undefined);
    device.release(run, (released) => {
      // Asked anew: switching off records a last sample, and with it the numbers go on.
      if (released.ok) return freeChannel(options, done);
      const message = `cycler "${name}" keeps run ${run}: ${released.detail}`;
      done({ ok: false, code: 'DEVICE_REFUSED', message });
    });
  });
}

function describe(
  options: StartRunOptions,
  prepared: { readonly prepared: PreparedProtocol; readonly shown: Record<string, unknown> },
  range: ChosenRange,
): RunDescription {
  const { request, identity, capabilities, settings, cycler, clock } = options;
  const { name, version, derives, source } = request.protocol;
  const sourceHash = hashOf(request.protocol, prepared);
  return {
    run: options.run,
    createdWallMs: clock.wallMs(),
    protocol: { name, version, sourceHash, derives, ...(source === undefined ? {} : { source }) },
    parameters: prepared.shown,
    cell: { ...request.cell, areaCm2: request.areaUcm2 / 1e6 },
    cycler: cycler.name,
    channel: request.channel,
    instrument: {
      identity,
      capabilities,
      rangeIndex: range.index,
      rangeFullScalePa: range.fullScalePa,
      currentMaxPa: prepared.prepared.currentMaxPa,
      isRangePoorlyUsed: range.isPoorlyUsed,
      voltageErrorNv: capabilities.accuracy.voltageOffsetNv,
      currentErrorPa: (capabilities.accuracy.currentOffsetPpmOfRange * range.fullScalePa) / 1e6,
    },
    isSimulated: capabilities.timeScale !== 1 || identity.model.endsWith('-sim'),
    timeScale: capabilities.timeScale,
    meta: {
      ...settings.meta,
      request: { parameters: request.parameters, areaUcm2: request.areaUcm2 },
      plan: prepared.prepared.plan,
      shortFloor: prepared.prepared.shortFloor,
      cellLimits: limitsOn(capabilities, {
        wanted: prepared.prepared.cellLimits,
        fullScalePa: range.fullScalePa,
      }),
      lease: grantedLease(settings.lease, capabilities.leaseMaxMs),
      onOutage: settings.onOutage,
      acceptsNoDeadMan: settings.acceptsNoDeadMan,
    },
  };
}

/**
 * SHA-256 of protocol, version, parameters and machine: tells whether a stored snapshot belongs to this very
 * program.
 */
export function hashOf(
  { name, version }: Protocol,
  { prepared, shown }: { readonly prepared: PreparedProtocol; readonly shown: Record<string, unknown> },
): string {
  const { diagnostics, machine } = prepared;
  const program = JSON.stringify({
    ...{ name, version, parameters: shown, machine: machine.definition },
    ...(diagnostics === null ? {} : { diagnostics: diagnostics.program.machine.definition }),
  });
  return createHash('sha256').update(program).digest('hex');
}

function grantedLease(plan: LeasePlan, leaseMaxMs: number): LeasePlan {
  return plan.kind === 'renewed' ? { ...plan, durationMs: Math.min(plan.durationMs, leaseMaxMs) } : plan;
}
