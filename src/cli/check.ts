// One line of `galvanode doctor`.

export interface Check {
  readonly name: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do; shown unless all is well. */
  readonly fix: string;
}
