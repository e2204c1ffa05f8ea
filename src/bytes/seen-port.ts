// A serial port as the system describes it, before it is opened: names, USB descriptor, permissions, holders.
import type { PortHolders } from './port-holders.ts';

export interface UsbIdentity {
  /** Four hex digits, lower case. */
  readonly vendorId: string;
  readonly productId: string;
  readonly manufacturer: string | null;
  readonly product: string | null;
  readonly serial: string | null;
  /** Two hex digits; an instrument with two ports has two interfaces. */
  readonly interfaceNumber: string | null;
}

/** A port by its USB descriptor alone. */
export interface UsbPort {
  readonly path: string;
  readonly usb: UsbIdentity;
  /** Which device it is a port of: its folder in /sys; empty where the system does not tell. */
  readonly device: string;
}

export interface PortAccess {
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
  /** Whose members may, as a rule; null where the system does not tell. */
  readonly group: string | null;
}

export interface SeenPort {
  /** `/dev/ttyACM0`, `COM3`: changes with the order of plugging in. */
  readonly path: string;
  /** `/dev/serial/by-id/…`: stays; null: this port has none. */
  readonly stablePath: string | null;
  /** null: not on USB, or not told. */
  readonly usb: UsbIdentity | null;
  readonly access: PortAccess;
  readonly holders: PortHolders;
}
