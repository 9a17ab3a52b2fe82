import { Inspection } from '../../dataset/inspect/inspection.ts';
import { renderInspection } from '../../render/dataset/inspection.ts';
import type { Io } from '../console/io.ts';
import type { Given } from '../options/command-spec.ts';
import { DataRun } from './data-run.ts';

/**
 * `goodput data inspect`: what a data set contains.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input
 */
export async function dataInspectCommand(given: Given, io: Io): Promise<number> {
  const run = new DataRun(given, io);
  const data = await run.open();
  const inspection = new Inspection(await run.options.tokenUnit(), run.options.text('by'));
  return run.until(async () => {
    await run.each(data, (session) => inspection.add(session, data.blockTokens));
    run.print(await inspection.document(data, run.pause), renderInspection);
  });
}
