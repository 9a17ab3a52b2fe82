import { TagNames } from '../../dataset/model/tag-names.ts';
import { SessionSample } from '../../dataset/sample.ts';
import { renderJson } from '../../render/writers/json.ts';
import type { Io } from '../console/io.ts';
import type { Given } from '../options/command-spec.ts';
import { DataRun, outputOf } from './data-run.ts';

/**
 * `goodput data sample`: draws sessions at random.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input
 */
export async function dataSampleCommand(given: Given, io: Io): Promise<number> {
  const run = new DataRun(given, io);
  const { options } = run;
  const output = outputOf(options, 'needed');
  const count = options.whole('count', 1);
  if (count === null && options.text('count') === null)
    options.mistakes.push('--count: give the number of sessions');
  const by = options.text('by');
  const seed = options.whole('seed', 0) ?? 1;
  const data = await run.open();
  return run.until(async () => {
    const sample = new SessionSample({ count: count!, by, seed });
    const names = new TagNames();
    const step = { verb: 'sample', options: { count, by }, seed };
    await run.write(
      output,
      data,
      () => step,
      async (writer) => {
        await run.each(data, (session) => {
          names.add(session);
          sample.add(session);
        });
        names.check(by);
        for (const session of sample.drawn()) await writer.write(session);
      },
    );
    if (sample.seen < count!) run.say(`the data set has only ${sample.seen} sessions`);
    if (given.flags.json === true) io.stdout.write(renderJson(sample.document()));
  });
}
