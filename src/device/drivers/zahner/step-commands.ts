// From steps and run set-ups to commands: what is said before a primitive, and once a run. Pure.
// The instrument keeps parameters from one primitive to the next (control.py, class doc), so each is said
// for every step: nothing of the step before may be in force.
import type { ZahnerCommand } from '../../../frames/dialects/zahner/commands.ts';
import type { HardLimits } from '../../cycler.ts';
import type { PlannedStep } from '../../hosted/step-actuator.ts';

/** The fastest sampling in the vendor's examples is 50 Hz; nothing public tells the limits. */
const PERIOD_MIN_US = 20_000;
const UHZ_US = 1e12;

/** Time between two samples of this step, us, as near as its frequency can be written. */
export function periodUsOf({ readingEveryUs }: PlannedStep): number {
  return Math.max(PERIOD_MIN_US, readingEveryUs);
}

/** The potentiostat is off; it stays off. Clears first: nothing is obeyed after an error that is latched. */
export function preparation(rangePa: number, limits: HardLimits): readonly ZahnerCommand[] {
  return [
    { name: 'clearState' },
    { name: 'potentiostat', value: false },
    { name: 'galvanostatic' },
    { name: 'autoRange', value: false },
    { name: 'currentRange', value: rangePa },
    { name: 'hardVoltageMax', value: limits.voltageMaxNv },
    { name: 'hardVoltageMin', value: limits.voltageMinNv },
    { name: 'hardVoltageCheck', value: true },
    { name: 'hardCurrentMax', value: limits.currentMaxPa },
    { name: 'hardCurrentMin', value: -limits.currentMaxPa },
    { name: 'hardCurrentCheck', value: true },
    { name: 'hardTolerance', value: 0 },
    { name: 'currentCheck', value: false },
    { name: 'driftCheck', value: false },
  ];
}

/**
 * All that is set for one step, the time limit first: no primitive may start without its own. Both sides of a
 * voltage limit are always checked; where the step has but one, the other is that of the hard limits, which
 * win.
 */
export function parametersOf(planned: PlannedStep, hard: HardLimits): readonly ZahnerCommand[] {
  const { step, durationUs, chargeNc } = planned;
  const { mode, limits } = step;
  const hasVoltageLimit = limits.voltageMaxNv !== null || limits.voltageMinNv !== null;
  const commands: ZahnerCommand[] = [
    { name: 'timeMax', value: durationUs },
    { name: 'samplingFrequency', value: Math.round(UHZ_US / periodUsOf(planned)) },
  ];
  if (hasVoltageLimit) {
    commands.push(
      { name: 'voltageMax', value: limits.voltageMaxNv ?? hard.voltageMaxNv },
      { name: 'voltageMin', value: limits.voltageMinNv ?? hard.voltageMinNv },
      { name: 'limitTolerance', value: limits.voltageDebounceUs },
    );
  }
  commands.push({ name: 'voltageCheck', value: hasVoltageLimit });
  if (mode.kind !== 'cc') return commands;
  commands.push({ name: 'current', value: mode.currentPa });
  if (chargeNc !== null) {
    // Both sides are always checked. The charge moves with the current, so the other one is never met.
    const limitNc = Math.ceil(chargeNc);
    commands.push({ name: 'chargeMax', value: limitNc }, { name: 'chargeMin', value: -limitNc });
  }
  return [...commands, { name: 'chargeCheck', value: chargeNc !== null }];
}

/** Runs the step: answered when it has ended. */
export function primitiveOf({ step }: PlannedStep): ZahnerCommand {
  return { name: step.mode.kind === 'rest' ? 'measureOpenCircuit' : 'polarise' };
}
