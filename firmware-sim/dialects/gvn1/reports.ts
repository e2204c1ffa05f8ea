// Payloads of what the device sends on its own, samples aside (GVN1.md section 10).
import type { ChannelFirmware } from '../../board/channel-firmware.ts';
import { TICK_US } from '../../board/device-clock.ts';
import type { FaultName, StepEnd } from '../../board/step-node.ts';

export function stepEndText(channel: number, end: StepEnd): string {
  return (
    `${channel} n=${end.stepNumber} id=${end.nodeId} why=${end.reason} ` +
    `t0_us=${end.startUs} t_us=${end.endUs} q0_nc=${end.startNc} q_nc=${end.endNc} ` +
    `v_nv=${end.voltageNv} i_pa=${end.currentPa} last=${end.lastSample} next=${end.nextNodeId}`
  );
}

export function liveText(firmware: ChannelFirmware): string {
  const { tick, voltageNv, currentPa } = firmware.liveReading();
  const step = firmware.step?.node.stepNumber ?? 0;
  return (
    `${firmware.channel} n=${step} t_us=${tick * TICK_US} v_nv=${voltageNv} i_pa=${currentPa} ` +
    `q_nc=${firmware.netChargeNc()}`
  );
}

export function faultText(
  channel: number,
  latched: { readonly fault: FaultName; readonly step: number; readonly atUs: number },
): string {
  return `${channel} fault=${latched.fault} n=${latched.step} t_us=${latched.atUs}`;
}
