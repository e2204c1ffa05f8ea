// Protocols resolved for the cell of the demo, and short ways through their machines.
import type { CellGeometry, PreparedProtocol, Protocol } from '../../src/steps/protocol.ts';
import type { StepEndedEvent } from '../../src/steps/machine.ts';
import { createRunner, type Runner, type RunnerState } from '../../src/steps/runner.ts';
import type { ProgramEndReason } from '../../src/steps/step.ts';
import { symmetricCycling } from '../../protocols/symmetric-cycling.ts';

/** A 12 mm disc, in 1e-6 cm2. */
export const COIN_CELL: CellGeometry = { areaUcm2: 1_130_000 };

export type Parameters = Readonly<Record<string, unknown>>;

/** Throws with the problems where the parameters are refused. */
export function prepared(
  parameters: Parameters = {},
  protocol: Protocol = symmetricCycling,
): PreparedProtocol {
  const result = protocol.prepare(parameters, COIN_CELL);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.prepared;
}

export function stepEnded(
  reason: ProgramEndReason,
  values: Partial<Omit<StepEndedEvent, 'type' | 'reason'>> = {},
): StepEndedEvent {
  return { type: 'step.ended', reason, voltageNv: 0, currentPa: 0, chargeNc: 0, ...values };
}

/** A good cell in the contact check: 100 ohm cm2 on 1.13 cm2. */
const CONTACT_OHM = 88.5;

/** A runner whose pre-flight has passed: it wants the protocol's first step. */
export function afterPreflight(protocol: PreparedProtocol): {
  readonly runner: Runner;
  readonly state: RunnerState;
} {
  const runner = createRunner(protocol);
  const { contact, contactCurrentPa, ocvMinNv, ocvMaxNv } = protocol.preflight;
  const ocvNv = (ocvMinNv + ocvMaxNv) / 2;
  const pulse = (sign: number): StepEndedEvent => {
    const currentPa = sign * contactCurrentPa;
    const voltageNv = ocvNv + Math.round((currentPa * CONTACT_OHM) / 1000);
    return stepEnded('duration', { currentPa, voltageNv });
  };
  const rest = stepEnded('duration', { voltageNv: ocvNv });
  const events = {
    'both-directions': [rest, pulse(1), pulse(-1)],
    'plating-only': [rest, pulse(-1), rest],
    none: [rest],
  }[contact];
  const state = events.reduce((at, event) => runner.advance(at, event), runner.start());
  return { runner, state };
}
