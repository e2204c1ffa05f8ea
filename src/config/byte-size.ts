// An amount of storage with a unit, as a field of the configuration: text in, whole bytes within bounds out.
import { z } from 'zod';

export interface ByteSizeField {
  readonly initial: string;
  readonly maxBytes: number;
  readonly about: string;
}

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** E.g. `64 MB`, as bytes; a problem names the units and the bound. */
export function byteSize({ initial, maxBytes, about }: ByteSizeField) {
  return z
    .string()
    .default(initial)
    .transform((text, context) => {
      const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text.trim()) ?? [];
      const factor = UNITS[unit];
      const bytes = factor === undefined ? Number.NaN : Math.round(Number(number) * factor);
      if (bytes <= maxBytes) return bytes;
      const units = Object.keys(UNITS).join(', ');
      const message = Number.isNaN(bytes)
        ? `"${text}" is no amount of storage; write a number and one of ${units}, e.g. "${initial}"`
        : `"${text}" is outside 0 … ${maxBytes / 1e9} GB`;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .describe(about);
}

/** `1.2 GB`, `64 MB`. */
export function sizeText(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.floor(bytes / 1e6)} MB`;
}
