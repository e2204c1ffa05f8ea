// The answer to `hello` (GVN1.md §4): who the device is and what it can do, or why it is not one of ours.
import type { Frame } from '../../../frames/dialects/gvn1/frame.ts';
import {
  parseHello,
  parseNak,
  parseProtocol,
  type HelloReply,
} from '../../../frames/dialects/gvn1/replies.ts';
import type { Capabilities, Identity } from '../../cycler.ts';

export const DIALECT = 'gvn1';
export const VERSION = 1;

export type Introduction =
  | {
      readonly ok: true;
      readonly identity: Identity;
      readonly capabilities: Capabilities;
      readonly hello: HelloReply;
    }
  | { readonly ok: false; readonly reason: 'nonsense' | 'busy'; readonly detail: string };

export function introductionFrom(frame: Frame): Introduction {
  if (frame.type === 'nak') return refusal(frame.payload);
  const protocol = parseProtocol(frame.payload);
  if (protocol === null)
    return { ok: false, reason: 'nonsense', detail: 'its hello names no protocol and version' };
  if (protocol.proto !== DIALECT || protocol.v !== VERSION) {
    return foreign(`${protocol.proto} version ${protocol.v}`);
  }
  const reply = parseHello(frame.payload);
  if (reply === null) {
    return {
      ok: false,
      reason: 'nonsense',
      detail: 'its hello lacks a field or holds an odd one; update its firmware',
    };
  }
  return { ok: true, identity: identityFrom(reply), capabilities: capabilitiesFrom(reply), hello: reply };
}

function refusal(payload: string): Introduction {
  const nak = parseNak(payload);
  if (nak?.code === 'BUSY') {
    return {
      ok: false,
      reason: 'busy',
      detail: 'another host drives it; stop that one, or take it over by force',
    };
  }
  if (nak?.code === 'VERSION') return foreign(`${DIALECT} version ${nak.v ?? 'unknown'}`);
  return {
    ok: false,
    reason: 'nonsense',
    detail: `it refuses hello: ${nak?.code ?? payload}; update its firmware`,
  };
}

function foreign(found: string): Introduction {
  const detail = `it speaks ${found}, this is ${DIALECT} version ${VERSION}; update one of the two`;
  return { ok: false, reason: 'nonsense', detail };
}

function identityFrom(reply: HelloReply): Identity {
  return {
    dialect: DIALECT,
    deviceId: reply.dev,
    model: reply.model,
    firmware: reply.fw,
    bootId: reply.boot,
  };
}

/** Names of `feat` (GVN1.md §4). */
const FEATURES = { burst: 'burst', heldVoltage: 'cv' } as const;

/** Every gvn1 device enforces all limits and rules by itself: that is the point of the dialect. */
function capabilitiesFrom(reply: HelloReply): Capabilities {
  return {
    channels: reply.ch,
    modes: ['rest', 'cc', ...(reply.features.includes(FEATURES.heldVoltage) ? (['cv'] as const) : [])],
    limits: { voltage: 'device', charge: 'device', shortFloor: 'device' },
    recordRules: 'device',
    recordBursts: reply.features.includes(FEATURES.burst) ? { by: 'device', everyMinUs: reply.tickUs } : null,
    deadMan: 'device',
    hasChargeCounter: true,
    hasStepEndLog: true,
    ringSamples: reply.ring,
    lookAheadSlots: reply.slots,
    currentRangesPa: reply.rangesPa,
    voltageSpanNv: reply.vspanNv,
    accuracy: {
      currentGainPpm: reply.iaccPpm,
      currentOffsetPpmOfRange: reply.iofsPpm,
      voltageGainPpm: reply.vaccPpm,
      voltageOffsetNv: reply.vofsNv,
    },
    tickUs: reply.tickUs,
    ...(reply.twrapUs === null ? {} : { clockWrapUs: reply.twrapUs }),
    leaseMaxMs: reply.leaseUs / 1000,
    timeScale: reply.scale,
  };
}
