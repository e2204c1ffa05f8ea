// `hello` and `clock`: what the device is and what time it has (GVN1.md sections 3.1 and 4).
import { errorBounds } from '../../board/instrument.ts';
import { TICK_US } from '../../board/device-clock.ts';
import { ack, type Answer, nak } from './answer.ts';
import { deviceTimeUs } from './reports.ts';
import type { PortCommand, PortSession } from './session.ts';

export function readClock({ port }: PortCommand): Answer {
  return ack({ t_us: deviceTimeUs(port.clock.nowUs(), port.instrument.clockWrapUs) });
}

export function sayHello({ port, fields }: PortCommand): Answer {
  const token = fields.text('token');
  const isTaken = port.token !== null && port.token !== token;
  const isDriven = port.channels.some(({ firmware }) => firmware.lease.isLive());
  if (isTaken && isDriven && fields.integerOrNull('force') === null) return nak('BUSY');
  port.token = token;
  return ack(introduction(port));
}

function introduction({
  identity,
  instrument,
  clock,
  channels,
}: PortSession): Record<string, string | number> {
  const bounds = errorBounds(instrument);
  return {
    proto: 'gvn1',
    v: 1,
    dev: identity.dev,
    model: identity.model,
    fw: identity.firmware,
    boot: identity.bootId,
    cause: identity.cause,
    ch: channels.length,
    scale: identity.scale,
    t_us: deviceTimeUs(clock.nowUs(), instrument.clockWrapUs),
    ...(Number.isFinite(instrument.clockWrapUs) ? { twrap_us: instrument.clockWrapUs } : {}),
    tick_us: TICK_US,
    ring: identity.ringCapacity,
    log: identity.logCapacity,
    slots: identity.slots,
    ranges: instrument.rangesPa.join(','),
    vspan_nv: instrument.voltageSpanNv,
    iacc_ppm: bounds.currentGainPpm,
    iofs_ppm: bounds.currentOffsetPpmOfRange,
    vacc_ppm: bounds.voltageGainPpm,
    vofs_nv: bounds.voltageOffsetNv,
    lease_us: identity.leaseLongestUs,
    ...(instrument.features.length > 0 ? { feat: instrument.features.join(',') } : {}),
  };
}
