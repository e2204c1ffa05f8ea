// Payloads of what the device sends on its own, samples aside (GVN1.md section 10).
import type { ChannelFirmware } from '../../board/channel-firmware.ts';
import { TICK_US } from '../../board/device-clock.ts';
import type { FaultName, StepEnd } from '../../board/step-node.ts';

/** Device time as it is told: a clock of `wrapUs` starts again at 0 there; Infinity: never. */
export function deviceTimeUs(timeUs: number, wrapUs: number): number {
  return timeUs < wrapUs ? timeUs : timeUs % wrapUs;
}

export function stepEndText(channel: number, end: StepEnd, wrapUs: number): string {
  const startUs = deviceTimeUs(end.startUs, wrapUs);
  const endUs = deviceTimeUs(end.endUs, wrapUs);
  return (
    `${channel} n=${end.stepNumber} id=${end.nodeId} why=${end.reason} ` +
    `t0_us=${startUs} t_us=${endUs} q0_nc=${end.startNc} q_nc=${end.endNc} ` +
    `v_nv=${end.voltageNv} i_pa=${end.currentPa} last=${end.lastSample} next=${end.nextNodeId}`
  );
}

export function liveText(firmware: ChannelFirmware, wrapUs: number): string {
  const { tick, voltageNv, currentPa } = firmware.liveReading();
  const timeUs = deviceTimeUs(tick * TICK_US, wrapUs);
  const step = firmware.step?.node.stepNumber ?? 0;
  return (
    `${firmware.channel} n=${step} t_us=${timeUs} v_nv=${voltageNv} i_pa=${currentPa} ` +
    `q_nc=${firmware.netChargeNc()}`
  );
}

export function faultText(
  channel: number,
  latched: { readonly fault: FaultName; readonly step: number; readonly atUs: number },
  wrapUs: number,
): string {
  return `${channel} fault=${latched.fault} n=${latched.step} t_us=${deviceTimeUs(latched.atUs, wrapUs)}`;
}
