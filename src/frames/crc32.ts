// CRC-32 of zip and Ethernet over a line of text, by zlib. Used by dialects that end their frames in one.
// Text must be ASCII: other characters would be counted as their UTF-8 bytes, not as the bytes of the line.
import { crc32 } from 'node:zlib';

/** 0 to 2^32 - 1. */
export function crc32OfText(text: string): number {
  return crc32(text);
}

/** 8 lower-case hex digits. */
export function hexFromCrc32(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
