import { leastForUpperBound, recordsForQuantile, type SizeDocument } from '../../dataset/inspect/size.ts';
import { Stability } from '../../dataset/inspect/stability.ts';
import { renderSize } from '../../render/dataset/size.ts';
import type { Io } from '../console/io.ts';
import type { Given } from '../options/command-spec.ts';
import { DataRun } from './data-run.ts';

/**
 * `goodput data size`: how many records are needed.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input
 */
export async function dataSizeCommand(given: Given, io: Io): Promise<number> {
  const run = new DataRun(given, io);
  const quantile = run.options.share('quantile') ?? 0.99;
  const error = run.options.share('error') ?? 0.0025;
  const confidence = run.options.share('confidence') ?? 0.95;
  const data = await run.open();
  const hasFiles = data.paths.length > 0;
  return run.until(async () => {
    const stability = new Stability(quantile);
    if (hasFiles) await run.each(data, (session) => stability.add(session));
    const document: SizeDocument = {
      quantile,
      error,
      confidence,
      records: recordsForQuantile(quantile, error, confidence),
      minimum: leastForUpperBound(quantile, 1 - confidence),
      stability: hasFiles ? stability.result() : null,
    };
    run.print(document, renderSize);
  });
}
