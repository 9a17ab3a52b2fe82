import { Inspection } from '../../dataset/inspect/inspection.ts';
import { INSPECTIONS } from '../../render/exporters.ts';
import type { Io } from '../console/io.ts';
import { openOutputs } from '../console/outputs.ts';
import type { Given } from '../options/command-spec.ts';
import { DataRun } from './data-run.ts';

/**
 * `goodput data inspect`: what a data set contains.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input, `io` if a file cannot be written
 */
export async function dataInspectCommand(given: Given, io: Io): Promise<number> {
  const run = new DataRun(given, io);
  const data = await run.open();
  const inspection = new Inspection(await run.options.tokenUnit(), run.options.text('by'));
  const outputs = await openOutputs(given.flags, INSPECTIONS, io);
  try {
    return await run.until(async () => {
      await run.each(data, (session) => inspection.add(session, data.blockTokens));
      const document = await inspection.document(data, run.pause);
      await outputs.write({ document, plots: inspection.plots() }, io);
    });
  } finally {
    await outputs.close();
  }
}
