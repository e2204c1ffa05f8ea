// The numbers and texts of the error queue (manual 2400S-900-01, table B-1), and the bit each sets in the
// standard event register. Negative ones are SCPI's, positive ones the instrument's own.

export const ERROR_TEXTS = {
  [-101]: 'Invalid character',
  [-102]: 'Syntax error',
  [-103]: 'Invalid separator',
  [-104]: 'Data type error',
  [-108]: 'Parameter not allowed',
  [-109]: 'Missing parameter',
  [-112]: 'Program mnemonic too long',
  [-113]: 'Undefined header',
  [-114]: 'Header suffix out of range',
  [-120]: 'Numeric data error',
  [-121]: 'Invalid character in number',
  [-131]: 'Invalid suffix',
  [-141]: 'Invalid character data',
  [-151]: 'Invalid string data',
  [-158]: 'String data not allowed',
  [-200]: 'Execution error',
  [-211]: 'Trigger ignored',
  [-213]: 'Init ignored',
  [-220]: 'Parameter error',
  [-221]: 'Settings conflict',
  [-222]: 'Parameter data out of range',
  [-223]: 'Too much data',
  [-224]: 'Illegal parameter value',
  [-230]: 'Data corrupt or stale',
  [-350]: 'Queue overflow',
  [-363]: 'Input buffer overrun',
  [-410]: 'Query INTERRUPTED',
  [-420]: 'Query UNTERMINATED',
  [-430]: 'Query DEADLOCKED',
  [-440]: 'Query UNTERMINATED after indefinite response',
  701: 'ASCII only with RS-232',
  800: 'Illegal with storage active',
  802: 'OUTPUT blocked by output enable',
  803: 'Not permitted with OUTPUT off',
  806: 'Expression not found',
  822: 'Too small for sense range',
  823: 'Invalid with source read-back on',
  824: 'Cannot exceed compliance range',
  825: 'Invalid with auto-ohms on',
  826: 'Attempt to exceed power limit',
  830: 'Invalid with INF ARM:COUNT',
} as const;

export type ErrorCode = keyof typeof ERROR_TEXTS;

const QUERY_ERROR_BIT = 4;
const DEVICE_ERROR_BIT = 8;
const EXECUTION_ERROR_BIT = 16;
const COMMAND_ERROR_BIT = 32;

/** Bit of the standard event register, as a weight (table B-1, column "Status register"). */
export function eventBitOf(code: ErrorCode): number {
  if (code <= -400) return QUERY_ERROR_BIT;
  if (code <= -300) return DEVICE_ERROR_BIT;
  if (code <= -200) return EXECUTION_ERROR_BIT;
  if (code <= -100) return COMMAND_ERROR_BIT;
  return code < 800 ? DEVICE_ERROR_BIT : EXECUTION_ERROR_BIT;
}
