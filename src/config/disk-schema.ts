// What the daemon does as the disk of the data folder fills: part of the configuration.
import { z } from 'zod';
import { byteSize } from './byte-size.ts';

export const diskSchema = z.strictObject({
  warn_percent: z.number().min(0).max(90).default(10).describe('warn below this share of the disk, 0 … 90 %'),
  warn_free: byteSize({ initial: '2 GB', maxBytes: 1e12, about: 'warn again below this' }),
  refuse_free: byteSize({ initial: '1 GB', maxBytes: 1e12, about: 'start no new run below this' }),
  ballast: byteSize({
    initial: '64 MB',
    maxBytes: 1e10,
    about: 'room kept in a file of the data folder and given up when the disk is full; 0 MB: none',
  }),
});

export type DiskConfig = z.output<typeof diskSchema>;
