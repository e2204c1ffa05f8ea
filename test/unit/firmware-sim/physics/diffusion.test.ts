// Goal: the modes are the diffusion equation, at any instant and however often they are asked. Method:
// published figures (Sand's time, limiting current, steady overpotential), the square-root law, a
// Crank-Nicolson integration written here, and enclosures held against dense sampling.
import { describe, expect, test } from 'vitest';
import { DiffusionModes } from '../../../../firmware-sim/cell/physics/diffusion.ts';
import type { DiffusionOptions } from '../../../../firmware-sim/cell/physics/slab.ts';
import { randomKey, uniformAt } from '../../../../src/base/prng.ts';

const ROOM_K = 298.15;
const FARADAY = 96_485.33212;

/** A coin cell: 2 M ZnSO4 on glass fibre. */
const COIN: DiffusionOptions = {
  diffusivityM2PerS: 4.5e-10,
  separatorM: 250e-6,
  porosity: 0.9,
  tortuosity: 1.2,
  cationTransference: 0.35,
  chargeNumber: 2,
  concentrationMolPerM3: 2000,
};
/** Thick and dilute, so that 10 mA/cm2 empties the surface long before the far side is felt. */
const SAND: DiffusionOptions = {
  ...COIN,
  separatorM: 1e-3,
  porosity: 1,
  tortuosity: 1,
  concentrationMolPerM3: 100,
};

function running(options: DiffusionOptions, density: number): DiffusionModes {
  const modes = new DiffusionModes(options);
  modes.begin(0, density);
  return modes;
}

/** Surface deviation by Crank-Nicolson on finite volumes of one half of the slab; the other mirrors it. */
function integratedDeviation(
  options: DiffusionOptions,
  run: readonly { density: number; seconds: number }[],
): number {
  const cells = 400;
  const widthM = options.separatorM / 2 / cells;
  const diffusivity = options.diffusivityM2PerS / options.tortuosity;
  const profile = new Float64Array(cells);
  const upper = new Float64Array(cells);
  const right = new Float64Array(cells);
  const flux = (density: number): number =>
    ((1 - options.cationTransference) * density * 1e4) / (options.chargeNumber * FARADAY * options.porosity);
  for (const { density, seconds } of run) {
    const steps = 4000;
    const number = (diffusivity * (seconds / steps)) / (2 * widthM * widthM);
    const source = (flux(density) * (seconds / steps)) / widthM;
    for (let step = 0; step < steps; step += 1) {
      stepCrankNicolson({ profile, upper, right, number, source });
    }
  }
  const lastDensity = run.at(-1)?.density ?? 0;
  return (profile[0] ?? 0) + (flux(lastDensity) * widthM) / (2 * diffusivity);
}

/** Thomas' algorithm; the far wall is the middle of the slab, where the deviation is zero. */
function stepCrankNicolson(state: {
  profile: Float64Array;
  upper: Float64Array;
  right: Float64Array;
  number: number;
  source: number;
}): void {
  const { profile, upper, right, number, source } = state;
  const last = profile.length - 1;
  const losses = (n: number): number => (n === 0 ? 1 : n === last ? 3 : 2);
  for (let n = 0; n <= last; n += 1) {
    const here = profile[n] ?? 0;
    const neighbours = (n > 0 ? (profile[n - 1] ?? 0) : 0) + (n < last ? (profile[n + 1] ?? 0) : 0);
    const known = here + number * (neighbours - losses(n) * here) + (n === 0 ? source : 0);
    const lower = n > 0 ? -number : 0;
    const pivot = 1 + number * losses(n) - lower * (n > 0 ? (upper[n - 1] ?? 0) : 0);
    upper[n] = -number / pivot;
    right[n] = (known - lower * (n > 0 ? (right[n - 1] ?? 0) : 0)) / pivot;
  }
  profile[last] = right[last] ?? 0;
  for (let n = last - 1; n >= 0; n -= 1)
    profile[n] = (right[n] ?? 0) - (upper[n] ?? 0) * (profile[n + 1] ?? 0);
}

describe('steady state', () => {
  test('shows 0.2083, 1.0421 and 2.0861 mV at 1, 5 and 10 mA/cm2 in a coin cell', () => {
    const mv = (density: number): number => 1000 * running(COIN, density).potentialV(1e6, ROOM_K, 1);
    expect(mv(1e-3)).toBeCloseTo(0.2083, 4);
    expect(mv(5e-3)).toBeCloseTo(1.0421, 4);
    expect(mv(10e-3)).toBeCloseTo(2.0861, 4);
    expect(mv(-10e-3)).toBe(-mv(10e-3));
  });

  test('has a resistance of 0.20834 ohm cm2 and a slowest time constant of 16.887 s', () => {
    const modes = new DiffusionModes(COIN);
    expect(modes.resistanceOhmCm2(ROOM_K)).toBeCloseTo(0.20834, 5);
    expect(modes.slowestS).toBeCloseTo(16.887, 3);
  });

  test('is reached to the last bit, and 3/2 of the voltage comes with a factor of 3/2', () => {
    const modes = running(COIN, 3e-3);
    expect(modes.surfaceSum(745 * modes.slowestS)).toBe(1.5e-3);
    expect(modes.surfaceSum(1e12)).toBe(1.5e-3);
    expect(modes.potentialV(1e12, ROOM_K, 1.5)).toBeCloseTo(1.5 * modes.potentialV(1e12, ROOM_K, 1), 15);
  });

  test('2 M, 250 um and D of 3 to 6e-10 m2/s make a limit of 107 to 214 mA/cm2', () => {
    const limitMa = (diffusivityM2PerS: number): number =>
      1000 * new DiffusionModes({ ...COIN, diffusivityM2PerS }).limitCurrentDensity();
    expect(limitMa(3e-10)).toBeCloseTo(107, 0);
    expect(limitMa(6e-10)).toBeCloseTo(214, 0);
    expect(1000 * new DiffusionModes(SAND).limitCurrentDensity()).toBeCloseTo(2.6719, 4);
  });
});

describe('transient', () => {
  const flux = (0.65 * 100) / (2 * FARADAY);

  test('the surface empties at the time of Sand, 31.150 s, to 1e-6 mol/m3', () => {
    const sandS = Math.PI * 4.5e-10 * ((2 * FARADAY * 100) / (2 * 100 * 0.65)) ** 2;
    expect(sandS).toBeCloseTo(31.15, 3);
    expect(Math.abs(100 - running(SAND, 10e-3).surfaceDeviationMolPerM3(sandS))).toBeLessThan(1e-6);
    expect(running(SAND, -10e-3).depletionS({ density: -10e-3 })).toBeCloseTo(31.15, 3);
  });

  test('follows the square-root law 2 N sqrt(t/(pi D)) before the far side is felt', () => {
    const modes = running(SAND, 10e-3);
    for (const seconds of [3, 5, 10, 20]) {
      const law = 2 * flux * Math.sqrt(seconds / (Math.PI * 4.5e-10));
      expect(modes.surfaceDeviationMolPerM3(seconds) / law).toBeCloseTo(1, 6);
    }
  });

  test('16 modes are good to 4e-5 at 0.1 s in a coin cell; to 8.5e-6 in a straight path, 8 to 1.1 %', () => {
    const off = (modes: number, tortuosity: number): number => {
      const many = running({ ...COIN, tortuosity, modes: 400 }, 1e-3).surfaceSum(0.1);
      return Math.abs(running({ ...COIN, tortuosity, modes }, 1e-3).surfaceSum(0.1) / many - 1);
    };
    expect(off(16, 1.2)).toBeLessThan(4e-5);
    expect(off(16, 1)).toBeLessThan(8.5e-6);
    expect(off(8, 1)).toBeCloseTo(0.011, 3);
  });

  test('agrees with Crank-Nicolson through plating, rest and stripping', () => {
    const run = [
      { density: -10e-3, seconds: 20 },
      { density: 0, seconds: 8 },
      { density: 4e-3, seconds: 30 },
    ];
    const modes = new DiffusionModes(COIN);
    let elapsedS = 0;
    for (const [n, { density, seconds }] of run.entries()) {
      modes.begin(elapsedS, density);
      elapsedS = seconds;
      const reference = integratedDeviation(COIN, run.slice(0, n + 1));
      expect(Math.abs(modes.surfaceDeviationMolPerM3(seconds) - reference)).toBeLessThan(2e-3);
    }
    const sand = integratedDeviation(SAND, [{ density: 10e-3, seconds: 31.15 }]);
    expect(Math.abs(sand - 100)).toBeLessThan(1e-2);
  });

  test('cutting a stretch in pieces changes nothing but the last bits', () => {
    const whole = running(COIN, 2e-3);
    const cut = running(COIN, 2e-3);
    for (let piece = 0; piece < 1000; piece += 1) cut.begin(0.02, 2e-3);
    for (const seconds of [0, 1e-3, 0.5, 30]) {
      expect(Math.abs(cut.surfaceSum(seconds) - whole.surfaceSum(20 + seconds))).toBeLessThan(1e-17);
    }
  });

  test('the step response is the sum of 1 A/cm2 after a rest; shares of the mean follow from the sum', () => {
    const modes = running(SAND, 4e-3);
    for (const seconds of [0, 0.3, 20, 900, 1e9]) {
      const sum = modes.surfaceSum(seconds);
      expect(Math.abs(modes.stepResponse(seconds) * 4e-3 - sum)).toBeLessThan(1e-17);
      expect(100 * modes.relativeOfSum(sum)).toBeCloseTo(modes.surfaceDeviationMolPerM3(seconds), 12);
    }
  });

  test('asking changes nothing, and a copy goes its own way', () => {
    const modes = running(COIN, 2e-3);
    const before = modes.surfaceSum(3);
    const twin = modes.copy();
    twin.begin(3, -5e-3);
    for (let ask = 0; ask < 100; ask += 1) modes.sumRange(ask, ask + modes.surfaceSum(ask));
    expect(modes.surfaceSum(3)).toBe(before);
    expect(twin.surfaceSum(3)).not.toBe(before);
    expect(modes.copy().surfaceSum(3)).toBe(before);
  });
});

describe('depletion', () => {
  test('never comes at the limiting current or below', () => {
    const modes = new DiffusionModes(SAND);
    const limit = modes.limitCurrentDensity();
    expect(modes.depletionS({ density: 0 })).toBe(Number.POSITIVE_INFINITY);
    expect(modes.depletionS({ density: 0.999 * limit })).toBe(Number.POSITIVE_INFINITY);
    expect(modes.depletionS({ density: -limit })).toBe(Number.POSITIVE_INFINITY);
  });

  test('comes when the deviation reaches the mean concentration, just above the limit and far above', () => {
    for (const times of [1 + 1e-9, 1.001, 1.5, 4, 30]) {
      const density = times * new DiffusionModes(SAND).limitCurrentDensity();
      const modes = running(SAND, density);
      expect(modes.surfaceDeviationMolPerM3(modes.depletionS({ density }))).toBeCloseTo(100, 9);
    }
  });

  test('drives the voltage up continuously past any limit, never to NaN', () => {
    const modes = running(SAND, 10e-3);
    const emptyS = modes.depletionS({ density: 10e-3 });
    let lastV = modes.potentialV(0, ROOM_K, 1);
    for (let percent = 1; percent <= 200; percent += 1) {
      const nowV = modes.potentialV((percent / 100) * emptyS, ROOM_K, 1);
      expect(nowV).toBeGreaterThan(lastV);
      lastV = nowV;
    }
    expect(lastV).toBeGreaterThan(100);
    expect(Number.isFinite(modes.potentialOfSumV(1e6, ROOM_K, 1))).toBe(true);
    const edge = 1 / (2 / modes.limitCurrentDensity());
    const below = modes.potentialOfSumV(edge * (1 - 1.001e-9), ROOM_K, 1);
    const above = modes.potentialOfSumV(edge * (1 - 0.999e-9), ROOM_K, 1);
    expect(above).toBeGreaterThan(below);
    expect(above - below).toBeLessThan(1e-4);
    expect(modes.potentialOfSumV(-edge * 2, ROOM_K, 1)).toBe(-modes.potentialOfSumV(edge * 2, ROOM_K, 1));
  });
});

describe('enclosure of the surface sum', () => {
  const key = randomKey(7, 'diffusion-test');

  function expectEnclosed(modes: DiffusionModes, fromS: number, untilS: number): void {
    modes.sumRange(fromS, untilS);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let n = 0; n <= 200; n += 1) {
      const sum = modes.surfaceSum(fromS + (n / 200) * (untilS - fromS));
      low = Math.min(low, sum);
      high = Math.max(high, sum);
    }
    expect(modes.lowSum).toBeLessThanOrEqual(low);
    expect(modes.highSum).toBeGreaterThanOrEqual(high);
  }

  test('holds every value between its ends, after any history', () => {
    const modes = new DiffusionModes(COIN);
    for (let round = 0; round < 300; round += 1) {
      const draw = (n: number): number => uniformAt(key, 10 * round + n);
      modes.begin(60 * draw(0) ** 4, round % 3 === 0 ? 0 : 0.02 * (draw(1) - 0.5));
      const fromS = 40 * draw(2) ** 3;
      expectEnclosed(modes, fromS, fromS + 100 * draw(3) ** 5);
      expectEnclosed(modes, 0, 60 * draw(4));
    }
  });

  test('is the value itself where both ends are one instant', () => {
    const modes = running(COIN, 2e-3);
    modes.begin(7, 1e-3);
    modes.sumRange(0.3, 0.3);
    expect([modes.lowSum, modes.highSum]).toEqual([modes.surfaceSum(0.3), modes.surfaceSum(0.3)]);
  });

  test('is no wider than its ends while all modes move the same way', () => {
    const modes = running(COIN, 2e-3);
    modes.sumRange(0.5, 900);
    expect(modes.lowSum).toBeCloseTo(modes.surfaceSum(0.5), 16);
    expect(modes.highSum).toBeCloseTo(1e-3, 16);
  });

  test('closes in on a turning point as the interval shrinks', () => {
    const modes = running(COIN, 5e-3);
    modes.begin(4, 0);
    modes.begin(1, 3e-3);
    const widths = [4, 2, 1, 0.5].map((seconds) => {
      modes.sumRange(0.2, 0.2 + seconds);
      return modes.highSum - modes.lowSum;
    });
    for (const [n, width] of widths.entries()) {
      expect(width).toBeLessThan(n === 0 ? 5e-3 : (widths[n - 1] ?? 0));
    }
    expectEnclosed(modes, 0, 30);
  });
});
