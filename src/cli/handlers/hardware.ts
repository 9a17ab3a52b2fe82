import { EXIT, GoodputError } from '../../errors.ts';
import { type Accelerator, accelerators, findAccelerator, SOURCES } from '../../machine/accelerators.ts';
import { ridgeByPrecision } from '../../machine/floors.ts';
import { renderCatalogue } from '../../render/hardware/catalogue.ts';
import { renderDevice } from '../../render/hardware/device.ts';
import { styleOf } from '../../render/layout/style.ts';
import { renderJson } from '../../render/writers/json.ts';
import type { Io } from '../console/io.ts';

/** Own options of `goodput hardware` as given. */
export interface HardwareFlags {
  roofline?: true;
  json?: true;
}

/**
 * `goodput hardware`: the catalogue of accelerators, or one of them.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for an accelerator that is not in it
 */
export function hardwareCommand(name: string | undefined, own: HardwareFlags, io: Io): number {
  const style = styleOf(io.stdout, io.env, { color: true });
  if (name === undefined) {
    if (own.roofline === true) {
      throw new GoodputError('usage', '--roofline: no accelerator given', {
        hint: 'name one, like goodput hardware h100-sxm --roofline',
      });
    }
    io.stdout.write(
      own.json === true
        ? renderJson({ schemaVersion: 1, sources: SOURCES, devices: accelerators() })
        : renderCatalogue(accelerators(), style),
    );
    return EXIT.ok;
  }
  const device = named(name);
  io.stdout.write(
    own.json === true
      ? renderJson({ ...device, ridge: ridgeByPrecision(device) })
      : renderDevice(device, { roofline: own.roofline === true }, style),
  );
  return EXIT.ok;
}

function named(name: string): Accelerator {
  const found = findAccelerator(name);
  if (!('nearest' in found)) return found;
  const meant = found.nearest.length === 0 ? '' : ` (did you mean ${found.nearest.join(', ')}?)`;
  throw new GoodputError('usage', `unknown accelerator ${JSON.stringify(name)}${meant}`, {
    hint: 'goodput hardware lists all of them',
  });
}
