// What noise makes of bytes on their way: turned, lost, doubled, added; chunks cut in two or held back for
// the next one. Draws go on from chunk to chunk, so equal traffic meets equal noise. Knows no language.
import type { Dice } from './dice.ts';
import type { NoiseShares } from './story.ts';

export const NO_NOISE: NoiseShares = { flip: 0, drop: 0, double: 0, insert: 0, split: 0, merge: 0 };

/** What arrives of a chunk. */
export function noisy(text: string, shares: NoiseShares, dice: Dice): string {
  const { flip, drop, double, insert } = shares;
  if (flip + drop + double + insert === 0) return text;
  let passed = '';
  for (const byte of text) {
    const draw = dice.share();
    if (draw < flip) passed += String.fromCharCode(byte.charCodeAt(0) ^ (1 << dice.below(8)));
    else if (draw < flip + drop) continue;
    else if (draw < flip + drop + double) passed += byte + byte;
    else if (draw < flip + drop + double + insert) passed += byte + String.fromCharCode(dice.below(256));
    else passed += byte;
  }
  return passed;
}

/** The pieces in which it arrives. */
export function piecesOf(text: string, { split }: NoiseShares, dice: Dice): string[] {
  if (split === 0 || text.length < 2 || !dice.chance(split)) return [text];
  const cut = 1 + dice.below(text.length - 1);
  return [text.slice(0, cut), text.slice(cut)];
}

/** Bytes of a line that nobody drives; no end of line among them, so that a reader must bound itself. */
export function babble(bytes: number, dice: Dice): string {
  return Array.from({ length: bytes }, () => String.fromCharCode(128 + dice.below(128))).join('');
}
