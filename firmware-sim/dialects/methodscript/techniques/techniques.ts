// The measurement loops of the language by name: how each drives the cell, and what it holds meanwhile.
import { cyclePotential, sweepCurrent, sweepPotential, sweepWithAlternating } from './staircases.ts';
import { holdCurrent, holdPotential, pulsedAmperometry, watchOpenCircuit } from './holds.ts';
import { differentialPulse, normalPulse, squareWave } from './pulses.ts';
import { galvanostaticSpectrum, potentiostaticSpectrum } from './spectra.ts';
import type { TechniqueFactory } from './technique.ts';

export interface TechniqueEntry {
  readonly run: TechniqueFactory;
  /** How many of the arguments are output variables. */
  readonly outputs: number;
  /** What it sets itself, and a script may not set meanwhile (errors 4032 and 4033). */
  readonly holds: 'potential' | 'current' | 'nothing';
}

export const TECHNIQUES: Readonly<Record<string, TechniqueEntry>> = {
  meas_loop_lsv: { run: sweepPotential, outputs: 2, holds: 'potential' },
  meas_loop_dpv: { run: differentialPulse, outputs: 2, holds: 'potential' },
  meas_loop_swv: { run: squareWave, outputs: 4, holds: 'potential' },
  meas_loop_npv: { run: normalPulse, outputs: 2, holds: 'potential' },
  meas_loop_acv: { run: sweepWithAlternating, outputs: 6, holds: 'potential' },
  meas_loop_cv: { run: cyclePotential, outputs: 2, holds: 'potential' },
  meas_loop_ca: { run: holdPotential, outputs: 2, holds: 'potential' },
  meas_loop_pad: { run: pulsedAmperometry, outputs: 2, holds: 'potential' },
  meas_loop_cp: { run: holdCurrent, outputs: 2, holds: 'current' },
  meas_loop_ocp: { run: watchOpenCircuit, outputs: 1, holds: 'nothing' },
  meas_loop_eis: { run: potentiostaticSpectrum, outputs: 3, holds: 'potential' },
  meas_loop_geis: { run: galvanostaticSpectrum, outputs: 3, holds: 'current' },
  meas_loop_lsp: { run: sweepCurrent, outputs: 2, holds: 'current' },
};
