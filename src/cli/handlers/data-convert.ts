import { EXIT } from '../../errors.ts';
import { renderJson } from '../../render/writers/json.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { Io } from '../console/io.ts';
import { OptionReader, type OwnValues } from './data-input.ts';
import { DataRun, openDataSet, outputOf } from './data-run.ts';

/**
 * `goodput data convert`: writes data sets as one, in another format or container.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input
 */
export async function dataConvertCommand(
  words: readonly string[],
  own: OwnValues,
  flags: Flags,
  io: Io,
): Promise<number> {
  const options = new OptionReader(own);
  const output = outputOf(options, 'needed');
  const data = await openDataSet(words, options.readOptions(), options.mistakes);
  const run = new DataRun(flags, io);
  return run.until(async () => {
    const step = { verb: 'convert', options: { to: output.format }, seed: null };
    const sessions = await run.write(
      output,
      data,
      () => step,
      async (writer) => {
        for await (const batch of run.batches(data)) for (const session of batch) await writer.write(session);
      },
    );
    if (flags.json === true)
      io.stdout.write(renderJson({ records: data.records, skipped: data.skipped, sessions }));
    return EXIT.ok;
  });
}
