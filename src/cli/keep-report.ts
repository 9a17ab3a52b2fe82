import { encodeHistogramLog } from '../record/hlog.ts';
import type { RunResult } from '../run/run.ts';
import { score, type Score } from './score.ts';
import { VERSION } from './version.ts';

/**
 * Scores a run that has ended, and writes `summary.json` and `latency.hlog` into its folder.
 * @throws {GoodputError} what the run failed with, after all that could be written was
 */
export async function keepReport({ folder, error }: RunResult, strict: boolean): Promise<Score> {
  const scored = await score(folder.dir, { strict });
  await folder.writeSummary(scored.summary);
  await folder.writeHistograms(
    encodeHistogramLog(scored.histograms(), { epochMs: scored.epochMs, version: VERSION }),
  );
  if (error !== null) throw error;
  return scored;
}
