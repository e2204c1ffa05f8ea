// Counter-based randomness: a draw is a pure function of (seed, key), so it never depends on how many draws
// came before. The same trace results whatever the sampling interval. Never Math.random.

/** A 32-bit hash of two 32-bit words (murmur3 finaliser over a Weyl sequence; public-domain constants). */
function mix(a: number, b: number): number {
  let h = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Folds a list of small integers and a purpose into one 32-bit key. */
export function randomKey(seed: number, purpose: string, ...indices: readonly number[]): number {
  let key = mix(seed >>> 0, 0x243f6a88);
  for (let i = 0; i < purpose.length; i += 1) key = mix(key, purpose.charCodeAt(i));
  for (const index of indices) key = mix(mix(key, index >>> 0), Math.floor(index / 0x1_0000_0000) >>> 0);
  return key;
}

/** Uniform in (0, 1), never 0 or 1: draw number `index` under `key`. */
export function uniformAt(key: number, index: number): number {
  const page = Math.floor(index / 0x1_0000_0000);
  const paged = page === 0 ? key : mix(key, page);
  const high = mix(paged, index >>> 0);
  const low = mix(high ^ 0x5bd1e995, paged);
  return ((high >>> 5) * 67_108_864 + (low >>> 6) + 0.5) / 9_007_199_254_740_992;
}

/** Standard normal by Box-Muller: draw number `index` under `key`. */
export function normalAt(key: number, index: number): number {
  const radius = Math.sqrt(-2 * Math.log(uniformAt(key, 2 * index)));
  return radius * Math.cos(2 * Math.PI * uniformAt(key, 2 * index + 1));
}
