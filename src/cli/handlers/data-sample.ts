import { EXIT } from '../../errors.ts';
import { SessionSample } from '../../dataset/sample.ts';
import { renderJson } from '../../render/writers/json.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { Io } from '../console/io.ts';
import { OptionReader, type OwnValues } from './data-input.ts';
import { DataRun, openDataSet, outputOf } from './data-run.ts';

/**
 * `goodput data sample`: draws sessions at random.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input
 */
export async function dataSampleCommand(
  words: readonly string[],
  own: OwnValues,
  flags: Flags,
  io: Io,
): Promise<number> {
  const options = new OptionReader(own);
  const output = outputOf(options, 'needed');
  const count = options.whole('count', 1);
  if (count === null && options.text('count') === null)
    options.mistakes.push('--count: give the number of sessions');
  const by = options.text('by');
  const seed = options.whole('seed', 0) ?? 1;
  const data = await openDataSet(words, options.readOptions(), options.mistakes);
  const run = new DataRun(flags, io);
  return run.until(async () => {
    const sample = new SessionSample({ count: count!, by, seed });
    const step = { verb: 'sample', options: { count, by }, seed };
    await run.write(
      output,
      data,
      () => step,
      async (writer) => {
        for await (const batch of run.batches(data)) for (const session of batch) sample.add(session);
        for (const session of sample.drawn()) await writer.write(session);
      },
    );
    if (writerHasFewer(sample, count!)) run.say(`the data set has only ${sample.seen} sessions`);
    if (flags.json === true) io.stdout.write(renderJson(sample.document()));
    return EXIT.ok;
  });
}

const writerHasFewer = ({ seen }: SessionSample, count: number): boolean => seen < count;
