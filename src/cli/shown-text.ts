// Bytes of an instrument as text on a terminal: control characters are made visible, for they may be the
// point, and must never reach the terminal as such.

const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

/** latin1 text with everything but printable ASCII written as `\n`, `\x1b` and the like. */
export function shownText(text: string): string {
  return text.replaceAll(/[^ -[\]-~]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(2, '0');
    return NAMES[character] ?? `\\x${code}`;
  });
}
