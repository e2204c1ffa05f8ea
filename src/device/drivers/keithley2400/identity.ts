// The answer to `*IDN?`: which instrument of the series it is, or why it is none that this driver knows.
import { randomKey } from '../../../base/prng.ts';
import type { IdentityReply } from '../../../frames/dialects/keithley2400/replies.ts';
import type { Identity } from '../../cycler.ts';
import { MODELS, type Model } from './models.ts';

export const DIALECT = 'keithley2400';

export type Introduction =
  | { readonly ok: true; readonly model: Model }
  | { readonly ok: false; readonly detail: string };

/** Emulators say so in their serial number. */
const SIMULATED = 'SIM';

export function introductionFrom({ model }: IdentityReply): Introduction {
  const found = Object.hasOwn(MODELS, model) ? MODELS[model] : undefined;
  if (found !== undefined) return { ok: true, model: found };
  const known = Object.keys(MODELS).join(', ');
  return { ok: false, detail: `it is a MODEL ${model}; this dialect drives ${known}` };
}

/**
 * `restarts`: power-ups that this process has seen. The instrument counts none, so one that happened
 * between two processes goes unseen.
 */
export function identityFrom({ model, serial, firmware }: IdentityReply, restarts: number): Identity {
  return {
    dialect: DIALECT,
    deviceId: serial,
    model: serial.includes(SIMULATED) ? `${model}-sim` : model,
    firmware,
    bootId: randomKey(restarts, serial),
  };
}
