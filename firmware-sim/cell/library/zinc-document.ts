// A zinc cell as it stands in a cell file, and the way to the parameters of the model and back.
import { z } from 'zod';
import { assert } from '../../../src/base/assert.ts';
import { suggestion } from '../../../src/base/suggestion.ts';
import {
  BARE_ZINC_SHORTS,
  type ScriptedEvent,
  ZINC_DEFAULTS,
  type ZincCellParameters,
} from '../zinc-parameters.ts';
import { type Field, type FieldsOf, givenFrom, type GivenValue, internalFrom } from './cell-fields.ts';
import { completeShape, sectionShape, shown, strict } from './field-schema.ts';
import {
  CELL_FIELDS,
  DEPOSIT_FIELDS,
  ELECTRODE_FIELDS,
  ELECTROLYTE_FIELDS,
  FILM_FIELDS,
  KINETICS_FIELDS,
  LOSS_FIELDS,
  SCRIPT_FIELDS,
  SHORT_FIELDS,
} from './zinc-fields.ts';

type Values = Readonly<Record<string, GivenValue>>;

/** An event of the script: its name under `event`, its numbers under their keys. */
type EventValues = Readonly<Record<string, string | number | readonly number[]>>;

/** A zinc cell in the units of a file, complete. */
export interface ZincValues {
  readonly area_cm2: number;
  readonly temperature_C: number;
  readonly kinetics: Values;
  readonly electrolyte: Values;
  readonly film: Values;
  readonly working: Values;
  readonly counter: Values;
  readonly deposit: Values;
  readonly losses: Values;
  readonly shorts: 'none' | Values;
  readonly script: readonly EventValues[];
}

/** What a file may say of one; everything else it takes from the cell that it is based on. */
export type ZincChanges = {
  readonly [Section in keyof ZincValues]?: ZincValues[Section] | undefined;
};

/** An electrolyte may be given by its conductivity; its resistance then follows from the separator. */
const CONDUCTIVITY_FIELDS: Readonly<Record<'conductivity' | 'contact', Field>> = {
  conductivity: {
    key: 'conductivity_S_m',
    symbol: 'κ',
    unit: { name: 'S/m' },
    within: [1e-4, 200],
    usual: '0.139–8.48; 5.5 (2 M ZnSO₄)',
    source: 'M; c089, c100, c104, c105',
    about: 'of the electrolyte at 25 °C; R_Ω = Lτ/(κε) + contacts, in place of resistance_ohm_cm2',
  },
  contact: {
    key: 'contact_ohm_cm2',
    symbol: 'R_c',
    unit: { name: 'ohm cm2' },
    within: [0, 1000],
    usual: '0.5–3',
    source: 'estimate',
    about: 'contacts and leads, where the conductivity is given; 1.4 where nothing is said',
  },
};
const CONTACT_OHM_CM2 = 1.4;

const shortsSchema = z
  .unknown()
  .transform((value) => (value === 'bare-zinc-law' ? givenFrom(SHORT_FIELDS, BARE_ZINC_SHORTS) : value))
  .pipe(
    z.union([z.literal('none'), strict(sectionShape(SHORT_FIELDS))], {
      error: ({ input }) => `${shown(input)} is no short law; write none, bare-zinc-law, or keys and values`,
    }),
  );

const EVENT_NAMES = Object.keys(SCRIPT_FIELDS);

/** Chosen by its `event`, so that what is wrong is said about that event. */
const anyEvent = z.looseObject(
  { event: z.unknown() },
  { error: ({ input }) => `${shown(input)} is no event; write { event: …, at_plated_mAh_cm2: … }` },
);
const eventSchema = anyEvent.superRefine((given, context) => {
  const { event } = given;
  if (typeof event !== 'string' || !isEventName(event)) {
    const advice = suggestion(typeof event === 'string' ? event : '', EVENT_NAMES);
    context.addIssue({ code: 'custom', path: ['event'], message: `${shown(event)} is no event; ${advice}` });
    return;
  }
  const parsed = strict({ event: z.string(), ...completeShape(SCRIPT_FIELDS[event]) }).safeParse(given);
  for (const issue of parsed.error?.issues ?? []) {
    const { path, message } = issue;
    if (issue.code !== 'unrecognized_keys') context.addIssue({ code: 'custom', path, message });
    else context.addIssue({ code: 'custom', path: issue.keys, message: `unknown key; ${message}` });
  }
});

function isEventName(name: string): name is keyof typeof SCRIPT_FIELDS {
  return Object.hasOwn(SCRIPT_FIELDS, name);
}

export const ZINC_SHAPE = {
  ...sectionShape(CELL_FIELDS),
  kinetics: strict(sectionShape(KINETICS_FIELDS)).optional(),
  electrolyte: strict({ ...sectionShape(ELECTROLYTE_FIELDS), ...sectionShape(CONDUCTIVITY_FIELDS) })
    .refine((given) => !('conductivity_S_m' in given && 'resistance_ohm_cm2' in given), {
      message: 'conductivity_S_m and resistance_ohm_cm2 say the same twice; keep one of them',
    })
    .optional(),
  film: strict(sectionShape(FILM_FIELDS)).optional(),
  working: strict(sectionShape(ELECTRODE_FIELDS)).optional(),
  counter: strict(sectionShape(ELECTRODE_FIELDS)).optional(),
  deposit: strict(sectionShape(DEPOSIT_FIELDS)).optional(),
  losses: strict(sectionShape(LOSS_FIELDS)).optional(),
  shorts: shortsSchema.optional(),
  script: z
    .array(eventSchema, {
      error: ({ input }) => `${shown(input)} is no list; write one event a line after "- "`,
    })
    .max(10_000, 'holds more than 10000 events; keep those that matter')
    .optional(),
} as const satisfies Readonly<Record<string, z.ZodType>>;

/** The values of a file laid over those of the cell it is based on. */
export function mergeZinc(base: ZincChanges, changes: ZincChanges): ZincChanges {
  const sections = [...new Set([...Object.keys(base), ...Object.keys(changes)])] as (keyof ZincValues)[];
  return Object.fromEntries(sections.map((section) => [section, mergedSection(section, base, changes)]));
}

function mergedSection(section: keyof ZincValues, base: ZincChanges, changes: ZincChanges): unknown {
  const [before, after] = [base[section], changes[section]];
  if (after === undefined) return before;
  // A list of events is one story, and a word is a word: neither is mixed with what was there.
  if (!isSection(after)) return after;
  const lawless = section === 'shorts' && !isSection(before);
  const under = lawless ? givenFrom(SHORT_FIELDS, BARE_ZINC_SHORTS) : isSection(before) ? before : {};
  const isTold = section === 'electrolyte' && 'resistance_ohm_cm2' in after;
  return { ...(isTold ? withoutConductivity(under) : under), ...after };
}

function isSection(value: ZincValues[keyof ZincValues] | undefined): value is Values {
  return typeof value === 'object' && !Array.isArray(value);
}

function withoutConductivity(electrolyte: Values): Values {
  const shorthand = Object.values(CONDUCTIVITY_FIELDS).map(({ key }) => key);
  return Object.fromEntries(Object.entries(electrolyte).filter(([key]) => !shorthand.includes(key)));
}

/** What nobody said otherwise. */
export const ZINC_DEFAULT_VALUES: ZincValues = zincValues(ZINC_DEFAULTS);

/** What no section can tell by itself, since half of it may come from the cell that a file is based on. */
export function zincProblems({ electrolyte = {} }: ZincChanges): string[] {
  const { conductivity, contact } = CONDUCTIVITY_FIELDS;
  if (!(contact.key in electrolyte) || conductivity.key in electrolyte) return [];
  const advice = `give ${conductivity.key} too, or put everything into resistance_ohm_cm2`;
  return [`"electrolyte.${contact.key}": counts only beside ${conductivity.key}; ${advice}`];
}

/** Parameters of the model, from values that the schema has passed. */
export function zincParameters(changes: ZincChanges): ZincCellParameters {
  // Merged with the defaults, each section is complete.
  const values = mergeZinc(ZINC_DEFAULT_VALUES, changes) as ZincValues;
  return {
    ...internalFrom(CELL_FIELDS, { area_cm2: values.area_cm2, temperature_C: values.temperature_C }),
    kinetics: internalFrom(KINETICS_FIELDS, values.kinetics),
    electrolyte: internalFrom(ELECTROLYTE_FIELDS, withResistance(values.electrolyte)),
    film: internalFrom(FILM_FIELDS, values.film),
    working: internalFrom(ELECTRODE_FIELDS, values.working),
    counter: internalFrom(ELECTRODE_FIELDS, values.counter),
    deposit: internalFrom(DEPOSIT_FIELDS, values.deposit),
    losses: internalFrom(LOSS_FIELDS, values.losses),
    shorts: values.shorts === 'none' ? null : internalFrom(SHORT_FIELDS, values.shorts),
    script: values.script.map(eventFrom),
  };
}

/** R = L tau / (kappa epsilon) + contacts, where the conductivity is given; 1e4 cm2 are 1 m2. */
function withResistance(electrolyte: Values): Values {
  const number = (key: string): number => Number(electrolyte[key]);
  if (!('conductivity_S_m' in electrolyte)) return electrolyte;
  const pathM = (number('separator_um') / 1e6) * number('tortuosity');
  const ionic = (1e4 * pathM) / (number('conductivity_S_m') * number('porosity'));
  const contact = 'contact_ohm_cm2' in electrolyte ? number('contact_ohm_cm2') : CONTACT_OHM_CM2;
  return { ...electrolyte, resistance_ohm_cm2: Number((ionic + contact).toPrecision(6)) };
}

function eventFrom({ event, ...given }: EventValues): ScriptedEvent {
  assert(typeof event === 'string' && isEventName(event), 'the schema knows its events');
  const fields: FieldsOf<Record<string, number>> = SCRIPT_FIELDS[event];
  // The fields of an event are those of its kind: the compiler has checked it where they are listed.
  return { kind: event, ...internalFrom(fields, given as Values) } as unknown as ScriptedEvent;
}

/** A zinc cell in the units of a file, complete: parsing it gives the same parameters. */
export function zincValues(parameters: ZincCellParameters): ZincValues {
  const { areaCm2, temperatureK, shorts, script } = parameters;
  const cell = givenFrom(CELL_FIELDS, { areaCm2, temperatureK });
  return {
    area_cm2: Number(cell['area_cm2']),
    temperature_C: Number(cell['temperature_C']),
    kinetics: givenFrom(KINETICS_FIELDS, parameters.kinetics),
    electrolyte: givenFrom(ELECTROLYTE_FIELDS, parameters.electrolyte),
    film: givenFrom(FILM_FIELDS, parameters.film),
    working: givenFrom(ELECTRODE_FIELDS, parameters.working),
    counter: givenFrom(ELECTRODE_FIELDS, parameters.counter),
    deposit: givenFrom(DEPOSIT_FIELDS, parameters.deposit),
    losses: givenFrom(LOSS_FIELDS, parameters.losses),
    shorts: shorts === null ? 'none' : givenFrom(SHORT_FIELDS, shorts),
    script: script.map(({ kind, ...rest }) => {
      const fields: FieldsOf<Record<string, number>> = SCRIPT_FIELDS[kind];
      return { event: kind, ...givenFrom(fields, rest) };
    }),
  };
}
