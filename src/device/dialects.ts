// The dialects this build can drive. A new instrument adds one line here, one to config/dialect-names.ts, and
// files of its own.
import { assert } from '../base/assert.ts';
import type { DialectName } from '../config/dialect-names.ts';
import type { Dialect } from './dialect.ts';
import { GVN1 } from './drivers/gvn1.ts';
import { KEITHLEY2400 } from './drivers/keithley2400.ts';
import { METHODSCRIPT } from './drivers/methodscript.ts';
import { ZAHNER } from './drivers/zahner.ts';

export const DIALECTS: readonly Dialect[] = [GVN1, METHODSCRIPT, KEITHLEY2400, ZAHNER];

/** The dialect of a name that the configuration has let through. */
export function findDialect(name: DialectName): Dialect {
  const found = DIALECTS.find((dialect) => dialect.name === name);
  assert(found !== undefined, `dialect ${name} must have a driver`);
  return found;
}

/** What the USB descriptor of a serial port says of its maker. */
export interface UsbDescription {
  /** Four hex digits, lower case. */
  readonly vendorId: string;
  readonly productId: string;
}

/**
 * Dialects of which the descriptor makes one think, before anything is sent. An adapter of a cable vendor
 * tells of the cable only, so this is a guess.
 */
export function guessDialects(usb: UsbDescription | null): readonly Dialect[] {
  if (usb === null) return [];
  return DIALECTS.filter(({ usbIds }) =>
    usbIds.some(
      ({ vendorId, productId }) =>
        vendorId === usb.vendorId && (productId === null || productId === usb.productId),
    ),
  );
}
