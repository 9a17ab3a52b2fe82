import { calibrationFile, writeCeiling } from '../../calibrate/store.ts';
import { EXIT, GoodputError } from '../../errors.ts';
import { calibrate } from '../../library/calibrate.ts';
import { renderCeiling } from '../../render/ceiling.ts';
import { styleOf } from '../../render/layout/style.ts';
import { renderJson } from '../../render/writers/json.ts';
import { expectationText, parseDuration } from '../../units.ts';
import { fitted } from '../console/fitted.ts';
import type { Io } from '../console/io.ts';

/**
 * `goodput calibrate`: measures the limits of this machine and stores them.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for an invalid duration; `io` if the result cannot be stored
 */
export async function calibrateCommand(
  options: { duration: string; json?: boolean; quiet?: boolean },
  io: Io,
): Promise<number> {
  const budget = parseDuration(options.duration);
  if (!budget.ok)
    throw new GoodputError(
      'usage',
      `--duration: expected ${expectationText(budget.problem)}, not "${options.duration}"`,
    );
  const ceiling = await calibrate(budget.value, (text) => {
    if (options.quiet !== true) io.stderr.write(`${fitted(text, io.stderr)}\n`);
  });
  io.stdout.write(
    options.json === true
      ? renderJson(ceiling)
      : renderCeiling(ceiling, styleOf(io.stdout, io.env, { color: true })),
  );
  const file = calibrationFile(io.env);
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
