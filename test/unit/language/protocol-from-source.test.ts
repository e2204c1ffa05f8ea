// Goal: a text becomes a protocol like those of the registry: pre-flight by the kind of cell, cell limits
// beyond every step, a plan, and problems with their place. Method: short texts, prepared for a 12 mm disc.
import { describe, expect, it } from 'vitest';
import { protocolFromText } from '../../../src/language/protocol-from-source.ts';
import { checkProgram } from '../../../src/steps/check-program.ts';
import type { PreparedProtocol } from '../../../src/steps/protocol.ts';
import { COIN_CELL, type Parameters, prepared } from '../../support/prepared.ts';
import { protocolOf, protocolText } from '../../support/source-text.ts';

const ENDS = '{voltage above: 0.5 V}, {voltage below: -0.5 V}';
const CYCLES = `
steps:
  - cycles: 10
    steps:
      - {plate: 1 mA, until: [{net charge: -1 mAh}, ${ENDS}]}
      - {strip: 1 mA, until: [{net charge: 0 mAh}, ${ENDS}]}`;

function preparedText(text: string, parameters: Parameters = {}): PreparedProtocol {
  return prepared(parameters, protocolOf(text));
}

function refusal(text: string, parameters: Parameters = {}): string {
  const result = protocolOf(text).prepare(parameters, COIN_CELL);
  return result.ok ? '' : result.problems.join('\n');
}

describe('a protocol of a text', () => {
  it('plans its steps, cycles, time and charge without going through them', () => {
    const { plan, currentMaxPa } = preparedText(protocolText(CYCLES.replace('10', '1000000')));
    expect(plan).toEqual({
      cycles: 1_000_000,
      steps: 2_000_000,
      durationUs: 2_000_000 * 3_600_000_000,
      platedChargeNc: 1_000_000 * 3_600_000_000,
    });
    expect(currentMaxPa).toBe(1_000_000_000);
  });

  it('keeps its text, so that a run of it can be gone on with from its own file', () => {
    const text = protocolText(CYCLES);
    const again = protocolFromText(text, { fileName: 'x.yaml' });
    expect(again.ok && again.protocol.source).toEqual({ fileName: 'x.yaml', text });
  });

  it('tells where something is wrong: file, line, column', () => {
    const broken = protocolFromText('galvanode: protocol/1\nname: [', { fileName: 'lab/x.yaml' });
    expect(broken.ok ? [] : broken.problems[0]).toMatch(/^lab\/x\.yaml:\d+:\d+: ./);
    const refused = refusal(
      protocolText('steps:\n  - {rest: 1 min}\n  - {cc: 1 mA - 1 mA, until: [{time: 1 h}]}'),
    );
    expect(refused).toMatch(/^sample\.yaml:9:\d+: this current is 0/);
  });

  it('refuses a parameter that it does not have, and one out of bounds', () => {
    const text = protocolText(`
parameters:
  pause: {default: 1 h, min: 1 s, max: 1 d, about: rest}
steps: [{rest: pause}]`);
    expect(refusal(text, { pauze: '1 h' })).toMatch(/unknown parameter "pauze"; did you mean "pause"\?/);
    expect(refusal(text, { pause: '2 d' })).toMatch(/^"pause": .* is outside/);
  });
});

describe('the check before the start', () => {
  it('sees a step that comes after more cycles than anybody would walk through', () => {
    const text = protocolText(`safety: {current: 20 mA}
${CYCLES.replace('10', '100000')}
  - {cv: 0.1 V, until: [{time: 1 h}]}`);
    const limits = { currentMaxPa: 1e12, voltageSpanNv: 1e10, recordBursts: null };
    const bounds = { ...limits, modes: ['rest', 'cc'] };
    expect(checkProgram(preparedText(text), bounds)).toMatchObject([{ code: 'CAPABILITY_MISSING' }]);
  });
});

describe('the pre-flight', () => {
  it.each<[string, object]>([
    ['zn-zn', { ocvMinNv: -50_000_000, ocvMaxNv: 50_000_000, contact: 'both-directions' }],
    ['zn-cu', { ocvMinNv: 200_000_000, ocvMaxNv: 1_200_000_000, contact: 'plating-only' }],
    [
      '{kind: full-cell, resting: [0.8 V, 1.9 V]}',
      { ocvMinNv: 8e8, ocvMaxNv: 1.9e9, contact: 'both-directions' },
    ],
    ['{kind: other, resting: [-1 V, 1 V]}', { ocvMinNv: -1e9, ocvMaxNv: 1e9, contact: 'none' }],
    ['{kind: zn-cu, contact: none}', { ocvMinNv: 200_000_000, contact: 'none' }],
  ])('of %s asks for its window and its contact check, at a tenth of the current', (cell, expected) => {
    const { preflight } = preparedText(protocolText(CYCLES, cell));
    expect(preflight).toMatchObject({ ...expected, contactCurrentPa: 100_000_000, areaUcm2: 1_130_000 });
  });

  it('needs a window where the kind has none', () => {
    const text = protocolText(CYCLES, 'other');
    const result = protocolFromText(text, { fileName: 'sample.yaml' });
    const found = result.ok ? refusal(text) : result.problems.join('\n');
    expect(found).toMatch(/resting/);
  });

  it('makes no contact check where no step says which current the cell may bear', () => {
    expect(preparedText(protocolText('steps: [{rest: 1 min}]')).preflight.contact).toBe('none');
  });
});

describe('the limits of the cell', () => {
  it('stand beyond every step: voltage, current, net charge', () => {
    const { cellLimits } = preparedText(protocolText(CYCLES));
    expect(cellLimits).toMatchObject({
      voltageMaxNv: 2_000_000_000,
      voltageMinNv: -2_000_000_000,
      currentMaxPa: 1_200_000_000,
    });
    expect(cellLimits.netChargeMaxNc).toBeGreaterThan(1.2 * 3_600_000_000);
    const high = preparedText(protocolText(CYCLES.replaceAll('0.5 V', '3 V')));
    expect(high.cellLimits.voltageMaxNv).toBe(3_600_000_000);
  });

  it('are those that the text gives, and refused where a step is beyond them', () => {
    const safe = 'safety: {voltage above: 1 V, voltage below: -1 V, current: 3 mA, net charge: 5 mAh}';
    expect(preparedText(protocolText(`${safe}${CYCLES}`)).cellLimits).toEqual({
      voltageMaxNv: 1_000_000_000,
      voltageMinNv: -1_000_000_000,
      currentMaxPa: 3_000_000_000,
      netChargeMaxNc: 18_000_000_000,
    });
    expect(refusal(protocolText(`safety: {current: 1 mA}${CYCLES}`))).toMatch(
      /asks for this current or more/,
    );
    expect(refusal(protocolText(`safety: {voltage above: 0.5 V}${CYCLES}`))).toMatch(
      /"voltage above" of "safety"/,
    );
    for (const charge of ['0 mAh', '-5 mAh'])
      expect(refusal(protocolText(`safety: {net charge: ${charge}}${CYCLES}`))).toMatch(
        /"net charge" of "safety" is more than nothing; found/,
      );
  });

  it('ask for a largest current where only voltages are held, and choose the range by it', () => {
    const held = 'steps: [{cv: 0.1 V, until: [{time: 1 h}]}]';
    expect(refusal(protocolText(held))).toMatch(/write "safety: \{current: 20 mA\}"/);
    const { cellLimits, currentMaxPa } = preparedText(protocolText(`safety: {current: 12 mA}\n${held}`));
    expect([cellLimits.currentMaxPa, currentMaxPa]).toEqual([12_000_000_000, 10_000_000_000]);
    // 12 mA for an hour: less would open a cell that does what it was asked for.
    expect(cellLimits.netChargeMaxNc).toBeGreaterThanOrEqual(43_200_000_000);
  });
});

describe('the short floor', () => {
  it('is watched in cycles of one current, and can be switched off', () => {
    expect(preparedText(protocolText(CYCLES)).shortFloor).toMatchObject({
      ratioPpm: 150_000,
      action: 'stop',
    });
    expect(preparedText(protocolText(CYCLES), { short_floor: '0 %' }).shortFloor).toBeNull();
  });

  it('is not watched where cycles have several currents, and no parameter where there are no cycles', () => {
    const two = CYCLES.replace('cycles: 10', 'cycles: 10\n    each: {j: [1 mA, 20 mA]}').replaceAll(
      ': 1 mA,',
      ': j,',
    );
    expect(preparedText(protocolText(two)).shortFloor).toBeNull();
    expect(protocolOf(protocolText('steps: [{rest: 1 min}]')).parameters).toEqual({});
    const full = protocolText(CYCLES, '{kind: full-cell, resting: [0 V, 2 V]}');
    expect(protocolOf(full).parameters).toEqual({});
  });
});
