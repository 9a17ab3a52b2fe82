import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ceiling } from '../calibrate/ceiling.ts';
import { measureCeiling } from '../calibrate/ceiling-search.ts';
import { Trials } from '../calibrate/trial.ts';
import { GoodputError } from '../errors.ts';
import { environment } from '../health/environment.ts';
import { INSTANT_DIGITS } from '../simulator/server/null-endpoint.ts';
import { startNullEndpoint } from '../simulator/server/null-start.ts';
import { expectationText, type Milliseconds, parseDuration } from '../units.ts';

/** Options of `calibrate`. */
export interface CalibrateOptions {
  /** Time to spend, like `60s`. `30s` by default. */
  duration?: string | undefined;
  /** Called with one line of text when a trial begins, and for its outcome. */
  onStep?: ((text: string) => void) | undefined;
}

/**
 * Measures the limits of this machine as a load generator, like `goodput calibrate`, but does not store them.
 * @throws {GoodputError} kind `usage` for an invalid duration
 */
export async function calibrate({ duration = '30s', onStep }: CalibrateOptions = {}): Promise<Ceiling> {
  return measureMachine(budgetFrom(duration, 'options.duration'), onStep ?? (() => undefined));
}

/**
 * Returns the time to spend on a calibration.
 * @param name name of the option in errors
 * @throws {GoodputError} kind `usage` for an invalid duration
 */
export function budgetFrom(text: string, name: string): Milliseconds {
  const budget = parseDuration(text);
  if (budget.ok) return budget.value;
  throw new GoodputError('usage', `${name}: expected ${expectationText(budget.problem)}, not "${text}"`);
}

/** Measures the limits of this machine as a load generator, against an endpoint that only answers. */
export async function measureMachine(
  budget_ms: Milliseconds,
  onStep: (text: string) => void,
): Promise<Ceiling> {
  const { cpu, cores, node } = environment();
  const began = performance.now();
  const scratch = await mkdtemp(join(tmpdir(), 'goodput-calibrate-'));
  const endpoint = await startNullEndpoint();
  try {
    const found = await measureCeiling(new Trials(endpoint.url, scratch), {
      say: onStep,
      elapsed_ms: () => performance.now() - began,
      budget_ms,
      openFiles: openFileLimit(),
      digits: INSTANT_DIGITS,
    });
    return { measured: new Date().toISOString(), machine: { cpu, cores, node }, ...found };
  } finally {
    await endpoint.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Returns the soft limit on open files of this process; `null` if the system does not report it. */
function openFileLimit(): number | null {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const soft = report.userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : null;
}
