// ULID: 26 characters that sort by time of creation and are unique without asking anybody. Names of runs.
// Time and randomness are passed in: crypto.randomBytes on a bench, the seed's own stream in `simulate`.
import { assert } from './assert.ts';

/** Crockford's base 32: no I, L, O, U. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const ULID_PATTERN = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const RANDOM_BYTES = 10;

/** 48 bits of time, 80 bits of `random` (10 bytes). */
export function createUlid(source: { readonly wallMs: number; readonly random: Uint8Array }): string {
  const { random } = source;
  const wallMs = Math.floor(source.wallMs);
  assert(wallMs >= 0 && wallMs < 2 ** 48, `wallMs must fit into 48 bits, found ${wallMs}`);
  assert(random.length === RANDOM_BYTES, `random must be ${RANDOM_BYTES} bytes, found ${random.length}`);
  let bits = BigInt(wallMs);
  for (const byte of random) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let index = 0; index < 26; index += 1) {
    text = DIGITS.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}

export function isUlid(text: string): boolean {
  return ULID_PATTERN.test(text);
}
