import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ceiling } from '../calibrate/ceiling.ts';
import { measureCeiling } from '../calibrate/measure.ts';
import { calibrationFile, writeCeiling } from '../calibrate/store.ts';
import { Trials } from '../calibrate/trial.ts';
import { EXIT, GoodputError } from '../errors.ts';
import { renderCeiling } from '../render/ceiling.ts';
import { renderJson } from '../render/writers/json.ts';
import { styleOf } from '../render/layout/style.ts';
import { environment } from '../health/environment.ts';
import { INSTANT_DIGITS } from '../simulator/server/null-endpoint.ts';
import { startNullEndpoint } from '../simulator/server/null-start.ts';
import { expectationText, parseDuration } from '../units.ts';
import { fitted } from './fitted.ts';
import type { Io } from './io.ts';

/**
 * `goodput calibrate`: what this machine can do as the measuring side.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for a bad duration
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
  const { cpu, cores, node } = environment();
  const began = performance.now();
  const scratch = await mkdtemp(join(tmpdir(), 'goodput-calibrate-'));
  const endpoint = await startNullEndpoint();
  let ceiling: Ceiling;
  try {
    const found = await measureCeiling(new Trials(endpoint.url, scratch), {
      say: (text) => {
        if (options.quiet !== true) io.stderr.write(`${fitted(text, io.stderr)}\n`);
      },
      elapsed_ms: () => performance.now() - began,
      budget_ms: budget.value,
      openFiles: openFiles(),
      digits: INSTANT_DIGITS,
    });
    ceiling = { measured: new Date().toISOString(), machine: { cpu, cores, node }, ...found };
  } finally {
    await endpoint.close();
    await rm(scratch, { recursive: true, force: true });
  }
  const file = calibrationFile(io.env);
  io.stdout.write(
    options.json === true
      ? renderJson(ceiling)
      : renderCeiling(ceiling, styleOf(io.stdout, io.env, { color: true })),
  );
  try {
    await writeCeiling(file, ceiling);
  } catch (error) {
    throw new GoodputError('io', `cannot keep the calibration in ${file}: ${(error as Error).message}`, {
      hint: 'GOODPUT_CACHE_DIR names another folder for it',
      cause: error,
    });
  }
  return EXIT.ok;
}

/** The limit on open files of this process, as the system's report on it has it. */
function openFiles(): number | null {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const soft = report.userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : null;
}
