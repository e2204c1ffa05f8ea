// Zinc cells for tests: parameters by what differs from the defaults, a cell in which nothing happens but the
// one thing a test is about, failing cells of every kind, and random lives. Must never read a clock.
import fc from 'fast-check';
import type { Drive } from '../../../../firmware-sim/cell/cell-model.ts';
import { ZincCell } from '../../../../firmware-sim/cell/zinc-cell.ts';
import {
  BARE_ZINC_SHORTS,
  type ScriptedEvent,
  ZINC_DEFAULTS,
  type ZincCellParameters,
} from '../../../../firmware-sim/cell/zinc-parameters.ts';

type Sections = Omit<ZincCellParameters, 'areaCm2' | 'temperatureK' | 'shorts' | 'script'>;
type Rest = Pick<ZincCellParameters, 'areaCm2' | 'temperatureK' | 'shorts' | 'script'>;
export type Changes = { readonly [K in keyof Sections]?: Partial<Sections[K]> } & Partial<Rest>;

export function changed(base: ZincCellParameters, changes: Changes): ZincCellParameters {
  return {
    ...base,
    ...changes,
    kinetics: { ...base.kinetics, ...changes.kinetics },
    electrolyte: { ...base.electrolyte, ...changes.electrolyte },
    film: { ...base.film, ...changes.film },
    working: { ...base.working, ...changes.working },
    counter: { ...base.counter, ...changes.counter },
    deposit: { ...base.deposit, ...changes.deposit },
    losses: { ...base.losses, ...changes.losses },
  };
}

/** Nothing but kinetics, double layers, diffusion and 2 ohm cm2: 1 cm2, so that A and A/cm2 are one. */
export const PLAIN: ZincCellParameters = changed(ZINC_DEFAULTS, {
  areaCm2: 1,
  film: { initialOhmCm2: 0, conditionedOhmCm2: 0 },
  deposit: { agedNucleationV: 0, freshActivity: 1, initialCoverage: 1, islandCPerCm2: 1e-9 },
  working: { nucleationV: 0 },
  counter: { nucleationV: 0 },
  losses: {
    deadFraction: 0,
    hydrogenExchangeAPerCm2: 0,
    corrosionAPerCm2: 0,
    restDeadPerDay: 0,
    gasPerCPerCm2: 0,
  },
});

/** A bare copper foil against zinc. */
export const COPPER: Changes = { working: { zincCPerCm2: 0 } };

export function zincCell(parameters: ZincCellParameters, seed = 1, cell = 1): ZincCell {
  return new ZincCell({ parameters, seed, cell });
}

export function current(currentA: number): Drive {
  return { kind: 'current', currentA };
}

export function held(voltageV: number): Drive {
  return { kind: 'voltage', voltageV };
}

const soft: ScriptedEvent = {
  kind: 'soft-short',
  atPlatedCPerCm2: 0.3,
  conductanceSPerCm2: 5e-3,
  onsetS: 2,
  lastsPlatedCPerCm2: 0.5,
};
const script: readonly ScriptedEvent[] = [
  { kind: 'gas', atPlatedCPerCm2: 0.1, coveredShare: 0.4, lastsPlatedCPerCm2: 0.3 },
  soft,
  { kind: 'contact', atPlatedCPerCm2: 0.5, changeOhmCm2: 7 },
  { kind: 'dry-out', atPlatedCPerCm2: 1, factor: 3 },
  { kind: 'hard-short', atPlatedCPerCm2: 3, conductanceSPerCm2: 0.7, onsetS: 1 },
  { kind: 'open-circuit', atPlatedCPerCm2: 10 },
];

/** Cells with every kind of failure, the first ones before 1 C/cm2 is plated. */
export const FAILING: Readonly<Record<string, ZincCellParameters>> = {
  healthy: changed(ZINC_DEFAULTS, { areaCm2: 1 }),
  ageing: changed(ZINC_DEFAULTS, {
    areaCm2: 1,
    shorts: { ...BARE_ZINC_SHORTS, scaleCPerCm2: 8, softEvents: 12, dissolutionSPerC: 4e-3 },
  }),
  thin: changed(ZINC_DEFAULTS, {
    areaCm2: 1,
    working: { zincCPerCm2: 1.2, tailFPerCm2: 10e-3 },
    counter: { zincCPerCm2: 4, tailFPerCm2: 1e-3 },
    losses: { deadFraction: 0.2, deadSpread: 0.5 },
  }),
  copper: changed(ZINC_DEFAULTS, { areaCm2: 1, ...COPPER, losses: { deadFraction: 0.05 } }),
  scripted: changed(ZINC_DEFAULTS, { areaCm2: 1, script }),
  'scripted copper': changed(ZINC_DEFAULTS, { areaCm2: 1, ...COPPER, script }),
  drying: changed(ZINC_DEFAULTS, {
    areaCm2: 1,
    losses: { hydrogenExchangeAPerCm2: 3e-9, dryOutCPerCm2: 0.02, gasPerCPerCm2: 5 },
  }),
  gel: changed(ZINC_DEFAULTS, {
    areaCm2: 1,
    electrolyte: { concentrationMolPerM3: 150, separatorM: 1e-3, diffusivityM2PerS: 2e-10 },
    deposit: { freshActivity: 0.4 },
    script: [soft],
  }),
};

export interface Stretch {
  readonly drive: Drive;
  readonly durationS: number;
}

/** Stretches under set currents up to 20 mA/cm2, rests, and (where wanted) held voltages up to 1 V. */
export function stretches(options: { readonly holds: boolean }): fc.Arbitrary<readonly Stretch[]> {
  const amps = fc.oneof(
    fc.double({ min: -20e-3, max: 20e-3, noNaN: true }),
    fc.constantFrom(-5e-3, -1e-3, 1e-3, 5e-3),
    fc.constant(0),
  );
  const currents = amps.map(current);
  const volts = fc.double({ min: -1, max: 1, noNaN: true }).map(held);
  const drive = options.holds ? fc.oneof({ weight: 3, arbitrary: currents }, volts) : currents;
  const anyS = fc.double({ min: -3, max: 3.6, noNaN: true }).map((exponent) => 10 ** exponent);
  const durationS = fc.oneof(anyS, fc.double({ min: 60, max: 900, noNaN: true }));
  return fc.array(fc.record({ drive, durationS }), { minLength: 1, maxLength: 10 });
}

export const failing: fc.Arbitrary<ZincCellParameters> = fc
  .constantFrom(...Object.keys(FAILING))
  .map((name) => FAILING[name] ?? PLAIN);
