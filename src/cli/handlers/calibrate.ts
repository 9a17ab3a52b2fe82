import { calibrationFile, readCalibration, writeCeiling } from '../../calibrate/store.ts';
import { EXIT, GoodputError } from '../../errors.ts';
import { budgetFrom, measureMachine } from '../../library/calibrate.ts';
import { renderCeiling } from '../../render/ceiling.ts';
import { styleOf } from '../../render/layout/style.ts';
import { renderJson } from '../../render/writers/json.ts';
import { fitted } from '../console/fitted.ts';
import type { Io } from '../console/io.ts';

/**
 * `goodput calibrate`: measures the limits of this machine and stores them.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for an invalid duration or a damaged file of earlier results; `io` if the result cannot be stored
 */
export async function calibrateCommand(
  options: { duration: string; json?: boolean; quiet?: boolean },
  io: Io,
): Promise<number> {
  const file = calibrationFile(io.env);
  // A damaged file is an error before the time is spent.
  await readCalibration(file);
  const ceiling = await measureMachine(budgetFrom(options.duration, '--duration'), (text) => {
    if (options.quiet !== true) io.stderr.write(`${fitted(text, io.stderr)}\n`);
  });
  io.stdout.write(
    options.json === true
      ? renderJson(ceiling)
      : renderCeiling(ceiling, styleOf(io.stdout, io.env, { color: true })),
  );
  try {
    await writeCeiling(file, ceiling);
  } catch (error) {
    throw new GoodputError('io', `cannot store the calibration in ${file}: ${(error as Error).message}`, {
      hint: 'set GOODPUT_CACHE_DIR to another folder',
      cause: error,
    });
  }
  return EXIT.ok;
}
