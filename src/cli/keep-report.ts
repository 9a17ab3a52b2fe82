import { GoodputError } from '../errors.ts';
import { encodeHistogramLog } from '../record/hlog.ts';
import type { RunResult } from '../run/run.ts';
import { score, type Score, type ScoreOptions } from './score.ts';
import { VERSION } from './version.ts';

/**
 * Scores a run that has just ended.
 * @throws {GoodputError} what the run failed with, where its folder cannot be read any more; kind `io` where it did not fail
 */
export async function scoreEnded(
  { folder, error }: Pick<RunResult, 'folder' | 'error'>,
  options: ScoreOptions,
): Promise<Score> {
  try {
    return await score(folder.dir, { ...options, ...(error === null ? {} : { failure: error }) });
  } catch (unreadable) {
    if (error !== null) throw error;
    if (!(unreadable instanceof GoodputError) || unreadable.kind !== 'usage') throw unreadable;
    throw new GoodputError('io', unreadable.message, { cause: unreadable });
  }
}

/** Writes `summary.json` and `latency.hlog`. */
export async function writeReport({ folder }: Pick<RunResult, 'folder'>, scored: Score): Promise<void> {
  await folder.writeSummary(scored.summary);
  await folder.writeHistograms(
    encodeHistogramLog(scored.histograms(), { epochMs: scored.epochMs, version: VERSION }),
  );
}

/**
 * Scores a run that has ended, and writes its report into its folder.
 * @throws {GoodputError} what the run failed with, after all that could be written was
 */
export async function keepReport(result: RunResult, strict: boolean): Promise<Score> {
  const scored = await scoreEnded(result, { strict });
  await writeReport(result, scored);
  if (result.error !== null) throw result.error;
  return scored;
}
