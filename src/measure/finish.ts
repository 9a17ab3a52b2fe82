import { GoodputError } from '../errors.ts';
import { encodeHistogramLog } from '../record/hlog.ts';
import type { RunResult } from '../run/run.ts';
import { score, type Score, type ScoreOptions } from '../score/score.ts';
import { VERSION } from '../version.ts';

/** A run that has ended, scored and stored. */
export interface FinishedRun {
  /** The run folder. */
  dir: string;
  status: RunResult['status'];
  /** The failure of the run, or of storing its report; `null` if there was none. */
  error: GoodputError | null;
  score: Score;
}

/**
 * Scores a run that has ended, and writes `summary.json` and `latency.hlog` into its folder.
 * @throws {GoodputError} the run's failure if its folder cannot be read; kind `io` if the folder cannot be read although the run did not fail
 */
export async function finish(
  { folder, status, error }: RunResult,
  options: ScoreOptions,
): Promise<FinishedRun> {
  const scored = await scoreEnded(folder.dir, error, options);
  try {
    await folder.writeSummary(scored.summary);
    await folder.writeHistograms(
      encodeHistogramLog(scored.histograms(), { epochMs: scored.epochMs, version: VERSION }),
    );
  } catch (problem) {
    if (!(problem instanceof GoodputError)) throw problem;
    return withFailure({ dir: folder.dir, status, error, score: scored }, problem, options);
  }
  return { dir: folder.dir, status, error, score: scored };
}

/** Returns the run scored again as one that failed with `problem`, unless it had failed before. Its verdict has the exit code of the failure. */
async function withFailure(
  { dir, status, error }: FinishedRun,
  problem: GoodputError,
  options: ScoreOptions,
): Promise<FinishedRun> {
  const failure = error ?? problem;
  return { dir, status, error: failure, score: await scoreEnded(dir, failure, options) };
}

async function scoreEnded(dir: string, error: GoodputError | null, options: ScoreOptions): Promise<Score> {
  try {
    return await score(dir, error === null ? options : { ...options, failure: error });
  } catch (unreadable) {
    if (error !== null) throw error;
    if (!(unreadable instanceof GoodputError) || unreadable.kind !== 'usage') throw unreadable;
    throw new GoodputError('io', unreadable.message, { cause: unreadable });
  }
}
