import type { ConvertDocument } from '../../dataset/template/prompts-document.ts';
import { renderJson } from '../../render/writers/json.ts';
import type { Io } from '../console/io.ts';
import type { Given } from '../options/command-spec.ts';
import { DataRun, outputOf } from './data-run.ts';

/**
 * `goodput data convert`, and `format` without a template: writes data sets as one, in another format or container.
 * @param verb the verb in the manifest
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input
 */
export async function dataConvertCommand(
  given: Given,
  io: Io,
  verb: 'convert' | 'format' = 'convert',
): Promise<number> {
  const run = new DataRun(given, io);
  const output = outputOf(run.options, 'needed');
  const data = await run.open();
  return run.until(async () => {
    const step = { verb, options: { to: output.format }, seed: null };
    const sessions = await run.write(
      output,
      data,
      () => step,
      (writer) => run.each(data, (session) => writer.write(session)),
    );
    const document: ConvertDocument = { records: data.records, skipped: data.skipped, sessions };
    if (given.flags.json === true) io.stdout.write(renderJson(document));
  });
}
