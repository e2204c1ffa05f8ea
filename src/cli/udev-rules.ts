// udev rules for the instruments that can be known by their USB ids: ModemManager keeps off, the group
// dialout may open them, and their names stay. Text for an administrator; nothing here writes to the system.
import type { Dialect, UsbId } from '../device/dialect.ts';

/**
 * One file for /etc/udev/rules.d. ModemManager probes serial ports with AT commands unless the device is
 * tagged (its "Modem filter" page: ID_MM_DEVICE_IGNORE, for `add|change|move`). All ATTRS of one rule must be
 * of one parent (udev(7)), so ids are matched at the USB device and the interface number is taken from its
 * property, which 60-serial.rules has set before.
 */
export function udevRules(dialects: readonly Dialect[]): string {
  const rules = dialects.flatMap((dialect) => dialect.usbIds.map((id) => rulesOf(dialect, id)));
  return `# galvanode: instruments known by their USB ids.
# /etc/udev/rules.d/70-galvanode.rules; then: sudo udevadm control --reload && sudo udevadm trigger
ACTION!="add|change|move", GOTO="galvanode_end"

${rules.join('\n')}
LABEL="galvanode_end"
`;
}

function rulesOf({ name }: Dialect, { vendorId, productId, product }: UsbId): string {
  const ids = [`ATTRS{idVendor}=="${vendorId}"`];
  if (productId !== null) ids.push(`ATTRS{idProduct}=="${productId}"`);
  const match = ids.join(', ');
  const symlink = `galvanode/${name}-%s{serial}-if%E{ID_USB_INTERFACE_NUM}`;
  return `# ${product} (${name})
${match}, ENV{ID_MM_DEVICE_IGNORE}="1"
SUBSYSTEM=="tty", ${match}, MODE="0660", GROUP="dialout", SYMLINK+="${symlink}"
`;
}
