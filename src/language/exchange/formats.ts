// The languages that protocols are exchanged in, by the names that the command line knows them by. A new one
// is a line here and files of its own.
import { exportBattinfo } from './battinfo-export.ts';
import { importBattinfo } from './battinfo-import.ts';
import type { Carried } from './exchange-from-tree.ts';
import type { Exported, ExchangeTree, Imported } from './exchange-tree.ts';
import { exportMethodscript } from './methodscript-export.ts';
import { exportPybamm } from './pybamm-export.ts';
import { importPybamm } from './pybamm-import.ts';
import { exportUnicycler } from './unicycler-export.ts';
import { importUnicycler } from './unicycler-import.ts';

export interface ExportOptions {
  /** One line: what the protocol is called. */
  readonly title: string;
  /** Whole seconds since 1970, for formats that say when they were written. */
  readonly unixS: number;
}

export interface ExchangeFormat {
  readonly name: string;
  /** Whose language it is. */
  readonly owner: string;
  readonly write: (exchange: ExchangeTree, options: ExportOptions) => Exported;
  /** null: it is only written. */
  readonly read: ((text: string) => Imported) | null;
}

export const EXCHANGE_FORMATS: readonly ExchangeFormat[] = [
  { name: 'unicycler', owner: 'aurora-unicycler', write: exportUnicycler, read: importUnicycler },
  { name: 'pybamm', owner: 'PyBaMM', write: exportPybamm, read: importPybamm },
  { name: 'battinfo', owner: 'BattINFO', write: exportBattinfo, read: importBattinfo },
  { name: 'methodscript', owner: 'PalmSens', write: exportMethodscript, read: null },
];

export type ExportResult =
  | ({ readonly ok: true } & Exported)
  | { readonly ok: false; readonly dropped: readonly string[] };

/** Not ok: nothing of the protocol can be said in another language; `dropped` tells of each step. */
export function exportAs(
  { write }: ExchangeFormat,
  { exchange, dropped }: Carried,
  options: ExportOptions,
): ExportResult {
  if (exchange.items.length === 0) return { ok: false, dropped };
  const written = write(exchange, options);
  return { ok: true, text: written.text, dropped: [...new Set([...dropped, ...written.dropped])] };
}
