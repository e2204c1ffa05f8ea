// Results of what may fail as expected: a value, never a throw.
import type { ErrorDetail } from './errors.ts';

export type Result<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & ErrorDetail);
