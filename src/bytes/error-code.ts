// The system's short word for an error, `ENOENT` and the like, of whatever a socket or binding handed over.

/** Undefined where there is none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
