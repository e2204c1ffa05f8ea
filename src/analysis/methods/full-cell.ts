// Full cells: capacity, retention and efficiencies of cycles between two voltages, and intermittent
// titration. Plate and strip refer to the zinc: charging is the positive current. Pure over the record.
import { meanOf, medianOf, sumOf } from './arithmetic.ts';
import { type Figure, figure, missing } from './figure.ts';
import { type EndedStep, isNamed, type RunRecord } from './run-record.ts';

/** Steps of one cycle, those without current left out. */
interface FullCycle {
  readonly cycle: number;
  readonly charging: readonly EndedStep[];
  readonly discharging: EndedStep;
}

/**
 * Discharged charge per area of the first and the last whole cycle, retention = last/first, CE = discharged/
 * charged, EE = energy out/energy in of the last cycle, energy by trapezoids over V I dt (notes 6). A held
 * voltage at the end of charge belongs to the charge.
 */
export function capacityFigures(record: RunRecord): readonly Figure[] {
  const cycles = fullCycles(record);
  const [first, last] = [cycles[0], cycles.at(-1)];
  const name = 'dischargeCapacity';
  if (first === undefined || last === undefined) {
    return [missing(name, 'mAh/cm2', 'no cycle was charged and discharged to its voltages')];
  }
  const { areaCm2, currentGainPpm } = record.measurement;
  const capacityOf = ({ discharging }: FullCycle): number => chargeOf([discharging]) / 3.6e9 / areaCm2;
  const offset = offsetShare(last, record);
  const relative = Math.hypot(currentGainPpm / 1e6, offset);
  const capacities = [first, last].map((cycle) =>
    figure(name, [capacityOf(cycle), 'mAh/cm2'], {
      uncertainty: capacityOf(cycle) * relative,
      at: { cycle: cycle.cycle },
    }),
  );
  // The first charge begins where the cell was assembled, not where a discharge left it.
  const settled = cycles.length > 1 ? cycles.slice(1) : cycles;
  const ratios = settled.map(({ charging, discharging }) => chargeOf([discharging]) / chargeOf(charging));
  const efficiency = Math.hypot(Math.SQRT2 * (currentGainPpm / 1e6), 2 * offset);
  return [
    ...capacities,
    figure('retention', [(capacityOf(last) / capacityOf(first)) * 100, '%'], {
      at: { cycle: last.cycle, ofCycle: first.cycle },
    }),
    figure('coulombicEfficiency', [meanOf(ratios) * 100, '%'], {
      uncertainty: meanOf(ratios) * efficiency * 100,
      at: { cycles: settled.length, fromCycle: settled[0]?.cycle ?? 0 },
    }),
    figure('energyEfficiency', [energyRatio(last, record) * 100, '%'], { at: { cycle: last.cycle } }),
  ];
}

function fullCycles(record: RunRecord): readonly FullCycle[] {
  const byCycle = new Map<number, EndedStep[]>();
  for (const step of record.steps()) {
    const isPart = step.cycle > 0 && (step.half !== null || step.mode === 'cv');
    if (isPart) byCycle.set(step.cycle, [...(byCycle.get(step.cycle) ?? []), step]);
  }
  return [...byCycle].flatMap(([cycle, steps]) => {
    const discharging = steps.find(({ half, reason }) => half === 'strip' && reason === 'voltage-min');
    const charging = steps.filter(({ half }) => half !== 'strip');
    const isWhole = charging.some(({ half, reason }) => half === 'plate' && reason === 'voltage-max');
    return discharging !== undefined && isWhole ? [{ cycle, charging, discharging }] : [];
  });
}

function chargeOf(steps: readonly EndedStep[]): number {
  return sumOf(steps.map((step) => Math.abs(step.endNetChargeNc - step.startNetChargeNc)));
}

/** What the offset of the meter is of the current. */
function offsetShare({ discharging }: FullCycle, { measurement }: RunRecord): number {
  const { currentOffsetPpmOfRange, rangeFullScalePa } = measurement;
  const currentPa = Math.abs(discharging.setpointPa ?? 0);
  return ((currentOffsetPpmOfRange / 1e6) * rangeFullScalePa) / currentPa;
}

function energyRatio({ charging, discharging }: FullCycle, record: RunRecord): number {
  const energyIn = sumOf(charging.map((step) => energyJ(step, record)));
  return Math.abs(energyJ(discharging, record) / energyIn);
}

function energyJ(step: EndedStep, record: RunRecord): number {
  const samples = record.samplesOf(step);
  return sumOf(
    samples.slice(1).map((sample, index) => {
      const before = samples[index] ?? sample;
      const power = (sample.voltageV * sample.currentA + before.voltageV * before.currentA) / 2;
      return power * (sample.elapsedS - before.elapsedS);
    }),
  );
}

const GITT = [
  { direction: 'discharge', pulse: 'discharge-pulse', pause: 'discharge-pause' },
  { direction: 'charge', pulse: 'charge-pulse', pause: 'charge-pause' },
] as const;

/**
 * For each direction the open-circuit voltage at the end of its pauses against the charge that was passed by
 * then, and the median over its pulses of R = (V at the end of a pulse - V at the end of its pause)/I: what
 * relaxes. A diffusion coefficient would need the thickness of the host, which nothing here knows.
 */
export function gittFigures(record: RunRecord): readonly Figure[] {
  const figures = GITT.flatMap((names) => titration(record, names));
  return figures.length === 0
    ? [missing('openCircuit', 'V', 'no pulse has a whole pause behind it')]
    : figures;
}

function titration(record: RunRecord, names: (typeof GITT)[number]): Figure[] {
  const steps = record.steps();
  const { areaCm2 } = record.measurement;
  const points = steps.flatMap((pause, index) => {
    const pulse = steps[index - 1];
    if (pulse === undefined || !isNamed(pause, names.pause) || !isNamed(pulse, names.pulse)) return [];
    const { endVoltageNv: restedNv } = pause;
    const { endVoltageNv, endCurrentPa } = pulse;
    if (restedNv === null || endVoltageNv === null || endCurrentPa === null) return [];
    const ohm = (endVoltageNv - restedNv) / 1e9 / (endCurrentPa / 1e12);
    return [{ restedV: restedNv / 1e9, netMAh: pause.endNetChargeNc / 3.6e9 / areaCm2, ohm }];
  });
  if (points.length === 0) return [];
  const { direction } = names;
  return [
    ...points.map(({ restedV, netMAh }) =>
      figure('openCircuit', [restedV, 'V'], {
        uncertainty:
          record.voltage === null ? null : Math.hypot(record.voltage.offsetV, record.voltage.gain * restedV),
        at: { direction, netMAhPerCm2: Number(netMAh.toPrecision(6)) },
      }),
    ),
    figure('pulseResistance', [medianOf(points.map(({ ohm }) => ohm)) * areaCm2, 'ohm cm2'], {
      at: { direction, pulses: points.length },
    }),
  ];
}
