// Goal: a cell is data with units and sources, and a cell file is checked before anything starts. Method:
// every entry of the library and hand-written files through the one parser; numbers held against
// zinc-parameters.ts; every cited claim looked up in the transcribed review.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { CellDescription } from '../../../firmware-sim/cell/library/cell-description.ts';
import { cellFileOf, parseCellFile } from '../../../firmware-sim/cell/library/cell-file.ts';
import {
  CELL_LIBRARY,
  cellModelNames,
  createCellModel,
  describeCell,
  describeCellFile,
} from '../../../firmware-sim/cell/library/cell-library.ts';
import {
  BARE_ZINC_SHORTS,
  ZINC_DEFAULTS,
  type ZincCellParameters,
} from '../../../firmware-sim/cell/zinc-parameters.ts';

const root = resolve(import.meta.dirname, '../../..');
const names = cellModelNames();

function described(name: string): CellDescription {
  const cell = describeCell(name);
  if (cell === null) throw new Error(`no cell ${name}`);
  return cell;
}

/** The zinc cell in a file, by its YAML text under the two opening lines. */
function zincOf(text: string, basedOn = 'bare-zn'): ZincCellParameters {
  const result = describeCellFile(
    parseYaml(`schema: galvanode-cell-1\nbased_on: ${basedOn}\n${text}`),
    'my.yaml',
  );
  if (!result.ok) throw new Error(result.problems.join('\n'));
  if (result.cell.kind !== 'zinc') throw new Error(`found a ${result.cell.kind} cell`);
  return result.cell.parameters;
}

function problemsOf(text: string): readonly string[] {
  const result = describeCellFile(parseYaml(text), 'my.yaml');
  return result.ok ? [] : result.problems;
}

/** Names of the numbers that an entry gives, as its sources name them. */
function givenFields(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).flatMap(([section, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.keys(value).map((key) => `${section}.${key}`)
      : [section],
  );
}

describe('the library', () => {
  it('keeps the names that scripts already use, and names a cell for every case', () => {
    const expected = [
      ...[
        'bare-zn',
        'dummy-10-ohm',
        'open-leads',
        'battery-1v4',
        'bare-zn-ageing',
        'thin-foil-10um',
        'zn-cu',
      ],
      ...['zn-ti', 'zn-powder', 'zn-host-3d', 'zn-fibre-host', 'seawater', 'glass-fibre-700um'],
      ...['cellulose-18um', 'janus-separator', 'gel-bpvhf', 'gel-pazpm', 'gel-hydrophilic', 'gel-pam'],
      ...['eutectic-minus-50-C', 'eutectic-minus-20-C', 'eutectic-25-C', 'eutectic-50-C', 'hydrogel-60-C'],
      ...['soft-shorting', 'hard-shorting', 'polarising', 'hydrogen-only'],
      ...['zn-mno2', 'zn-voxide', 'zn-i2', 'zn-pani'],
    ];
    expect(names).toEqual(expect.arrayContaining(expected));
  });

  it('has bare-zn exactly as the defaults of the model, bit for bit', () => {
    expect(described('bare-zn')).toMatchObject({ kind: 'zinc', name: 'bare-zn' });
    expect(described('bare-zn').parameters).toEqual(ZINC_DEFAULTS);
  });

  it('has the life of bare zinc in bare-zn-ageing', () => {
    expect(described('bare-zn-ageing').parameters).toEqual({ ...ZINC_DEFAULTS, shorts: BARE_ZINC_SHORTS });
  });

  it.each(names)('makes %s, whose voltage is finite at rest and under a small current', (name) => {
    const cell = createCellModel(described(name), { seed: 7, cell: 0 });
    expect(Number.isFinite(cell.voltageV(0))).toBe(true);
    cell.switchTo(1, { kind: 'current', currentA: -1e-4 });
    expect(Number.isFinite(cell.voltageV(1))).toBe(true);
  });

  it.each(names)('says where each number of %s comes from, and nothing else', (name) => {
    const entry = CELL_LIBRARY[name];
    expect(Object.keys(entry?.sources ?? {}).sort()).toEqual(givenFields(entry?.values ?? {}).sort());
  });

  it('cites claims that the review makes', () => {
    const text = readFileSync(join(root, 'src/analysis/literature/text-claims.json'), 'utf8');
    const { claims } = JSON.parse(text) as { readonly claims: readonly { readonly id: string }[] };
    const known = new Set(claims.map(({ id }) => id));
    const cited = Object.values(CELL_LIBRARY).flatMap(({ sources }) =>
      Object.values(sources).flatMap((source) => source.match(/\bc\d{3}\b/g) ?? []),
    );
    expect(cited.length).toBeGreaterThan(15);
    expect(cited.filter((id) => !known.has(id))).toEqual([]);
  });

  it('refuses an entry whose number lies outside its bounds', () => {
    const broken = {
      kind: 'zinc',
      about: '',
      protocol: null,
      values: { film: { initial_ohm_cm2: -1 } },
    } as const;
    const library = { broken: { ...broken, sources: {} } };
    const file = { schema: 'galvanode-cell-1', based_on: 'broken' };
    expect(() => parseCellFile(file, { name: 'x.yaml', library })).toThrow(/-1 is outside 0/);
  });
});

describe('the stored form of a cell', () => {
  it.each(names)('of %s is a cell file that gives the same parameters, bit for bit', (name) => {
    const cell = described(name);
    const stored: unknown = JSON.parse(JSON.stringify(cellFileOf(cell)));
    const again = describeCellFile(stored, name);
    expect(again).toEqual({ ok: true, cell });
  });

  it('leaves no number out and none without a unit or a plain meaning', () => {
    const text = JSON.stringify(cellFileOf(described('soft-shorting')));
    expect(text).not.toContain('null');
    expect(text).toContain('"dry_out_mAh_cm2":"never"');
  });
});

describe('a cell file', () => {
  it('changes what it names, in the units of its keys, and keeps the rest', () => {
    const cell = zincOf(`
temperature_C: 40
kinetics: { exchange_current_density_mA_cm2: 0.3 }
working: { zinc_mAh_cm2: 5.855 }
losses: { dry_out_mAh_cm2: 2 }
`);
    expect(cell.temperatureK).toBe(313.15);
    expect(cell.kinetics).toEqual({ ...ZINC_DEFAULTS.kinetics, exchangeCurrentAPerCm2: 0.3e-3 });
    expect(cell.working).toEqual({ ...ZINC_DEFAULTS.working, zincCPerCm2: 5.855 * 3.6 });
    expect(cell.losses).toEqual({ ...ZINC_DEFAULTS.losses, dryOutCPerCm2: 7.2 });
    expect(cell.counter).toEqual(ZINC_DEFAULTS.counter);
  });

  it('inherits from any cell of the library', () => {
    const cell = zincOf('temperature_C: 10', 'zn-ti');
    expect(cell.working).toMatchObject({ zincCPerCm2: 0, tailFPerCm2: 1e-3, bareV: 0.8, nucleationV: 0.05 });
  });

  it('computes the ohmic resistance from a conductivity: L tau / (kappa epsilon) + contacts', () => {
    const cell = zincOf('electrolyte: { conductivity_S_m: 5.5 }');
    expect(cell.electrolyte.resistanceOhmCm2).toBeCloseTo((1e4 * 250e-6 * 1.2) / (5.5 * 0.9) + 1.4, 4);
    const thick = zincOf('electrolyte: { separator_um: 500 }', 'glass-fibre-700um');
    expect(thick.electrolyte.resistanceOhmCm2).toBeCloseTo((1e4 * 500e-6 * 1.2) / (5.5 * 0.9) + 1.4, 4);
    const told = zincOf('electrolyte: { resistance_ohm_cm2: 9 }', 'glass-fibre-700um');
    expect(told.electrolyte.resistanceOhmCm2).toBe(9);
    const bare = zincOf('electrolyte: { conductivity_S_m: 5.5, contact_ohm_cm2: 0 }');
    expect(bare.electrolyte.resistanceOhmCm2).toBeCloseTo(0.60606, 5);
  });

  it('takes none, bare-zinc-law, or a law that differs from it, for shorts', () => {
    expect(zincOf('shorts: none', 'bare-zn-ageing').shorts).toBeNull();
    expect(zincOf('shorts: bare-zinc-law', 'soft-shorting').shorts).toEqual(BARE_ZINC_SHORTS);
    const law = zincOf('shorts: { scale_Ah_cm2: 1.3, soft_onset_s: [1, 2] }').shorts;
    expect(law).toEqual({ ...BARE_ZINC_SHORTS, scaleCPerCm2: 1.3 * 3600, softOnsetS: [1, 2] });
  });

  it('scripts events at plated charge, the only clock that an ageing cell has', () => {
    const { script } = zincOf(`
script:
  - event: soft-short
    at_plated_mAh_cm2: 10
    conductance_S_cm2: 0.01
    onset_s: 1
    lasts_plated_mAh_cm2: never
  - { event: contact, at_plated_mAh_cm2: 20, change_ohm_cm2: -1 }
  - { event: open-circuit, at_plated_mAh_cm2: 30 }
`);
    expect(script).toEqual([
      {
        kind: 'soft-short',
        atPlatedCPerCm2: 36,
        conductanceSPerCm2: 0.01,
        onsetS: 1,
        lastsPlatedCPerCm2: Number.POSITIVE_INFINITY,
      },
      { kind: 'contact', atPlatedCPerCm2: 72, changeOhmCm2: -1 },
      { kind: 'open-circuit', atPlatedCPerCm2: 108 },
    ]);
  });
});

const HEAD = 'schema: galvanode-cell-1\nbased_on: bare-zn\n';

const slips: readonly (readonly [title: string, text: string, said: readonly string[]])[] = [
  ['nothing', '', ['"(file)": null is no cell', 'schema: galvanode-cell-1']],
  ['another schema', 'schema: galvanode-cell-9', ['"schema": "galvanode-cell-9" is not known']],
  ['a base that is missing', 'schema: galvanode-cell-1', ['"based_on": is missing', 'bare-zn']],
  [
    'an unknown base',
    'schema: galvanode-cell-1\nbased_on: bare-zm',
    ['"based_on": "bare-zm"', 'did you mean "bare-zn"?'],
  ],
  ['an unknown section', `${HEAD}flm: {}`, ['unknown key "flm"', 'did you mean "film"?']],
  [
    'a key of another unit',
    `${HEAD}working: { zinc_mAh_cm: 5 }`,
    ['unknown key "working.zinc_mAh_cm"', 'did you mean "zinc_mAh_cm2"?'],
  ],
  [
    'a key without its unit',
    `${HEAD}electrolyte: { separator: 250 }`,
    ['unknown key "electrolyte.separator"', 'did you mean "separator_um"?'],
  ],
  [
    'a value outside its bounds',
    `${HEAD}film: { initial_ohm_cm2: 50000 }`,
    ['"film.initial_ohm_cm2": 50000 is outside 0 … 10000 ohm cm2'],
  ],
  [
    'a temperature in kelvin',
    `${HEAD}temperature_C: 298.15`,
    ['"temperature_C": 298.15 is outside -60 … 90 °C'],
  ],
  [
    'a quantity in words',
    `${HEAD}electrolyte: { separator_um: 250 um }`,
    ['"electrolyte.separator_um": "250 um" is not a number; write a plain number, in um'],
  ],
  ['a section that is a number', `${HEAD}film: 3`, ['"film": 3 is no section', 'initial_ohm_cm2']],
  [
    'a resistance and a conductivity',
    `${HEAD}electrolyte: { resistance_ohm_cm2: 2, conductivity_S_m: 5 }`,
    ['"electrolyte"', 'say the same twice'],
  ],
  ['a misspelt law', `${HEAD}shorts: bare-zinc`, ['"shorts": "bare-zinc" is no short law', 'bare-zinc-law']],
  [
    'a misspelt key of a law',
    `${HEAD}shorts: { scale_mAh_cm2: 3 }`,
    ['unknown key "shorts.scale_mAh_cm2"', 'did you mean "scale_Ah_cm2"?'],
  ],
  [
    'a pair that runs backwards',
    `${HEAD}shorts: { soft_onset_s: [3, 1] }`,
    ['"shorts.soft_onset_s": [3,1] runs backwards'],
  ],
  [
    'an unknown event',
    `${HEAD}script: [{ event: hard-shrt, at_plated_mAh_cm2: 1 }]`,
    ['"script.0.event": "hard-shrt"', 'did you mean "hard-short"?'],
  ],
  [
    'an event without its charge',
    `${HEAD}script: [{ event: open-circuit }]`,
    ['"script.0.at_plated_mAh_cm2": is missing', 'mAh/cm2'],
  ],
  [
    'a key that another event has',
    `${HEAD}script: [{ event: open-circuit, at_plated_mAh_cm2: 1, onset_s: 2 }]`,
    ['"script.0.onset_s"', 'unknown key'],
  ],
  [
    'a curve that falls',
    'schema: galvanode-cell-1\nbased_on: zn-i2\nopen_circuit_share_V: [[0, 1.2], [0.5, 1.1], [1, 1.3]]',
    ['"open_circuit_share_V": does not rise at [0.5, 1.1]'],
  ],
  [
    'a key of another kind of cell',
    'schema: galvanode-cell-1\nbased_on: zn-mno2\nfilm: { initial_ohm_cm2: 1 }',
    ['unknown key "film"', 'known: schema, based_on'],
  ],
  [
    'a key that another key resembles more than its own unit',
    `${HEAD}shorts: { scale: 1 }`,
    ['unknown key "shorts.scale"', 'did you mean "scale_Ah_cm2"?'],
  ],
  [
    'a contact whose resistance would count nowhere',
    `${HEAD}electrolyte: { contact_ohm_cm2: 5 }`,
    ['"electrolyte.contact_ohm_cm2": counts only beside conductivity_S_m'],
  ],
  ['an infinite number', `${HEAD}temperature_C: .inf`, ['"temperature_C": "Infinity" is not a number']],
  ['no number at all', `${HEAD}temperature_C: .nan`, ['"temperature_C": "NaN" is not a number']],
  ['a script that is no list', `${HEAD}script: {}`, ['"script": {} is no list; write one event a line']],
  ['an event that is a number', `${HEAD}script: [5]`, ['"script.0": 5 is no event; write { event: …']],
  ['a source that is a number', `${HEAD}sources: { film: 3 }`, ['"sources.film": write text']],
  ['half a plating', `${HEAD}losses: { dead_exact_over_platings: 2.5 }`, ['2.5 is not a whole number']],
];

describe('contacts beside a conductivity that the base gives', () => {
  it('count, and count no more where the whole resistance is given', () => {
    const contacts = zincOf('electrolyte: { contact_ohm_cm2: 10 }', 'gel-pam').electrolyte;
    const bare = zincOf('', 'gel-pam').electrolyte;
    expect(contacts.resistanceOhmCm2 - bare.resistanceOhmCm2).toBeCloseTo(10 - 1.4, 4);
    const whole = zincOf('electrolyte: { resistance_ohm_cm2: 3 }', 'gel-pam').electrolyte;
    expect(whole.resistanceOhmCm2).toBe(3);
  });
});

describe('a cell file with a slip is refused in one line that says what is allowed', () => {
  it.each(slips)('%s', (_title, text, said) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    for (const part of said) expect(problems[0]).toContain(part);
    expect(problems[0]).not.toContain('\n');
  });
});
