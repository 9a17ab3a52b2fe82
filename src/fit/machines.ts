import { GoodputError } from '../errors.ts';
import { parseHardwareFlag } from '../machine/flags.ts';
import { type Hardware, type HardwareSettings, resolveHardware } from '../machine/hardware.ts';
import type { HourlyPrices } from './prices.ts';

/**
 * Returns the machines to compare: each device with its own number, or with each of `counts`.
 * @param prices those of devices without a stated price
 * @param option its name in errors
 * @throws {GoodputError} kind `usage` for a device that is unknown or stated wrongly
 */
export function machinesOf(
  devices: readonly HardwareSettings[],
  counts: readonly number[],
  prices: HourlyPrices,
  option: string,
): Hardware[] {
  const machines: Hardware[] = [];
  for (const device of devices) {
    for (const count of device.count === undefined ? counts : [device.count]) {
      const hardware = resolveHardware({ ...device, count });
      if ('problem' in hardware)
        throw new GoodputError(
          'usage',
          `${option}: ${device.accelerator}: ${hardware.key} ${hardware.problem}`,
        );
      machines.push(withPrice(hardware, prices));
    }
  }
  return machines;
}

/** Returns hardware with the price of the file, if none is stated. */
export const withPrice = (hardware: Hardware, { perHour }: HourlyPrices): Hardware => ({
  ...hardware,
  pricePerHour: hardware.pricePerHour ?? perHour.get(hardware.accelerator) ?? null,
});

/**
 * Reads devices: `h100-sxm,l40s:2`.
 * @throws {GoodputError} kind `usage`
 */
export function parseDevices(text: string, option: string): HardwareSettings[] {
  const parsed = parseHardwareFlag(text);
  if (!parsed.ok) throw new GoodputError('usage', `${option}: ${parsed.problem}`);
  return parsed.value;
}

/**
 * Reads numbers of devices: `1,2,4,8`.
 * @throws {GoodputError} kind `usage`
 */
export function parseCounts(text: string, option: string): number[] {
  const counts = text.split(',').map((part) => Number(part.trim() || NaN));
  if (counts.every((count) => Number.isSafeInteger(count) && count > 0)) return [...new Set(counts)];
  throw new GoodputError(
    'usage',
    `${option}: expected numbers of devices, like 1,2,4,8, not ${JSON.stringify(text)}`,
  );
}

/** Returns a machine as `--hardware` names it: `h100-sxm:4`. */
export const machineText = ({ accelerator, count }: Pick<Hardware, 'accelerator' | 'count'>): string =>
  `${accelerator}:${count}`;
