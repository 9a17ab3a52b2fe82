import { EXIT } from '../../errors.ts';
import { leastForUpperBound, recordsForQuantile } from '../../dataset/inspect/size.ts';
import { Stability } from '../../dataset/inspect/stability.ts';
import { renderSize, type SizeDocument } from '../../render/dataset/size.ts';
import { styleOf } from '../../render/layout/style.ts';
import { renderJson } from '../../render/writers/json.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { Io } from '../console/io.ts';
import { OptionReader, type OwnValues } from './data-input.ts';
import { DataRun, openDataSet } from './data-run.ts';

/**
 * `goodput data size`: how many records are needed.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input
 */
export async function dataSizeCommand(
  words: readonly string[],
  own: OwnValues,
  flags: Flags,
  io: Io,
): Promise<number> {
  const options = new OptionReader(own);
  const quantile = options.share('quantile') ?? 0.99;
  const error = options.share('error') ?? 0.0025;
  const confidence = options.share('confidence') ?? 0.95;
  const data = await openDataSet(words, options.readOptions(), options.mistakes);
  const run = new DataRun(flags, io);
  return run.until(async () => {
    const stability = new Stability(quantile);
    if (words.length > 0)
      for await (const batch of run.batches(data)) for (const session of batch) stability.add(session);
    const document: SizeDocument = {
      quantile,
      error,
      confidence,
      records: recordsForQuantile(quantile, error, confidence),
      minimum: leastForUpperBound(quantile, 1 - confidence),
      stability: words.length > 0 ? stability.result() : null,
    };
    io.stdout.write(
      flags.json === true
        ? renderJson(document)
        : renderSize(document, styleOf(io.stdout, io.env, { color: flags['no-color'] !== true })),
    );
    return EXIT.ok;
  });
}
