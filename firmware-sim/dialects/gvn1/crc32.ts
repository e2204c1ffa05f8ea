// CRC-32 of zip and Ethernet (0xEDB88320 reflected, initial value and final XOR 0xFFFFFFFF), over ASCII text.
// The emulator's own table: must never be shared with the host's codec, or a wrong one would agree with
// itself.

const TABLE = new Int32Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ 0xed_b8_83_20 : remainder >>> 1;
  }
  TABLE[byte] = remainder;
}

/** CRC of `text`, one byte a character, as an unsigned 32-bit number. */
export function crc32(text: string): number {
  let crc = -1;
  for (let i = 0; i < text.length; i += 1) {
    crc = (TABLE[(crc ^ text.charCodeAt(i)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

/** The same as the 8 lower-case hex digits that go on the wire. */
export function crc32Hex(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
