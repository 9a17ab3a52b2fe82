import { EXIT } from '../../errors.ts';
import { Inspection } from '../../dataset/inspect/inspection.ts';
import { tokensOf, WORDS } from '../../dataset/text/tokens.ts';
import { renderInspection } from '../../render/dataset/inspection.ts';
import { styleOf } from '../../render/layout/style.ts';
import { renderJson } from '../../render/writers/json.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { readEncoder } from '../../tokenize/tokenizer.ts';
import type { Io } from '../console/io.ts';
import { OptionReader, type OwnValues } from './data-input.ts';
import { DataRun, openDataSet } from './data-run.ts';

/**
 * `goodput data inspect`: what a data set contains.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input
 */
export async function dataInspectCommand(
  words: readonly string[],
  own: OwnValues,
  flags: Flags,
  io: Io,
): Promise<number> {
  const options = new OptionReader(own);
  const data = await openDataSet(words, options.readOptions(), options.mistakes);
  const tokenizer = options.text('tokenizer');
  const unit = tokenizer === null ? WORDS : tokensOf(await readEncoder(tokenizer));
  const run = new DataRun(flags, io);
  return run.until(async () => {
    const inspection = new Inspection(unit, options.text('by'));
    for await (const batch of run.batches(data))
      for (const session of batch) inspection.add(session, data.blockTokens);
    const document = await inspection.document(data, run.pause);
    io.stdout.write(
      flags.json === true
        ? renderJson(document)
        : renderInspection(document, styleOf(io.stdout, io.env, { color: flags['no-color'] !== true })),
    );
    return EXIT.ok;
  });
}
