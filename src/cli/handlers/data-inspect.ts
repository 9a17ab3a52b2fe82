import { Inspection } from '../../dataset/inspect/inspection.ts';
import { TagNames } from '../../dataset/model/tag-names.ts';
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
  const by = run.options.text('by');
  const names = new TagNames();
  const inspection = new Inspection(await run.options.tokenUnit(), by);
  const outputs = await openOutputs(given.flags, INSPECTIONS, io);
  try {
    return await run.until(async () => {
      await run.each(data, (session) => {
        names.add(session);
        inspection.add(session, data.blockTokens);
      });
      // The language of a session without the tag is that of its text.
      if (by !== 'language') names.check(by);
      const document = await inspection.document(data, run.pause);
      await outputs.write({ document, plots: inspection.plots() }, io);
    });
  } finally {
    await outputs.close();
  }
}
