import { EXIT, GoodputError } from '../../errors.ts';
import { candidateProbability } from '../../dataset/duplicates/minhash.ts';
import {
  type DedupeDocument,
  type DedupeOptions,
  type Deduper,
  LEVELS,
  METHODS,
  openDeduper,
} from '../../dataset/duplicates/dedupe.ts';
import { DataSet, type ReadOptions } from '../../dataset/read.ts';
import type { SessionWriter } from '../../dataset/write/session-writer.ts';
import { renderDedupe } from '../../render/dataset/dedupe.ts';
import { styleOf } from '../../render/layout/style.ts';
import { renderJson } from '../../render/writers/json.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { Io } from '../console/io.ts';
import { OptionReader, type OwnValues, shareOf } from './data-input.ts';
import { DataRun, openDataSet, outputOf } from './data-run.ts';

/**
 * `goodput data dedupe`: finds duplicates, and writes the data set without them.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input
 */
export async function dataDedupeCommand(
  words: readonly string[],
  own: OwnValues,
  flags: Flags,
  io: Io,
): Promise<number> {
  const options = new OptionReader(own);
  const wanted = dedupeOptions(options);
  const output = outputOf(options, 'optional');
  if (output !== null && wanted.level === 'prefix')
    options.mistakes.push('--output: --level prefix removes nothing, so there is nothing to write');
  const readOptions = options.readOptions();
  const data = await openDataSet(words, readOptions, options.mistakes);
  const isNear = wanted.level === 'document' && ['minhash', 'simhash'].includes(wanted.method);
  if (isNear && output !== null && data.paths.includes('-'))
    throw new GoodputError(
      'usage',
      `--method ${wanted.method} reads its input twice to write it, so not from stdin`,
      {
        hint: 'Store the input in a file, or use --method exact or bloom.',
      },
    );
  const run = new DataRun(flags, io);
  return run.until(async () => {
    const deduper = openDeduper(wanted);
    let document: DedupeDocument;
    if (output === null) {
      for await (const batch of run.batches(data)) for (const session of batch) deduper.add(session);
      ({ document } = await deduper.finish(run.pause));
    } else {
      const { level, method, threshold, bloom } = wanted;
      const step = {
        verb: 'dedupe',
        options: {
          level,
          method,
          ...(method === 'minhash' ? { threshold } : {}),
          ...(method === 'bloom' ? { ...bloom } : {}),
        },
        seed: null,
      };
      let found: DedupeDocument | null = null;
      await run.write(
        output,
        data,
        () => step,
        async (writer) => {
          found = isNear
            ? await writeNear(run, data, readOptions, deduper, writer)
            : await writeDecided(run, data, deduper, writer);
        },
      );
      document = found!;
    }
    io.stdout.write(
      flags.json === true
        ? renderJson(document)
        : renderDedupe(document, {
            style: styleOf(io.stdout, io.env, { color: flags['no-color'] !== true }),
            missed: 1 - candidateProbability(wanted.threshold),
          }),
    );
    return EXIT.ok;
  });
}

async function writeDecided(
  run: DataRun,
  data: DataSet,
  deduper: Deduper,
  writer: SessionWriter,
): Promise<DedupeDocument> {
  for await (const batch of run.batches(data))
    for (const session of batch) {
      const left = deduper.add(session);
      if (left !== null && left !== 'undecided') await writer.write(left);
    }
  return (await deduper.finish(run.pause)).document;
}

/** Reads the files twice: near duplicates are known after the last record. */
async function writeNear(
  run: DataRun,
  data: DataSet,
  options: ReadOptions,
  deduper: Deduper,
  writer: SessionWriter,
): Promise<DedupeDocument> {
  for await (const batch of run.batches(data)) for (const session of batch) deduper.add(session);
  const { document, isKept } = await deduper.finish(run.pause);
  const again = new DataSet(data.paths, options);
  let record = 0;
  for await (const batch of run.batches(again))
    for (const session of batch) if (isKept(record++)) await writer.write(session);
  for (const [at, { path, sha256 }] of again.files.entries())
    if (sha256 !== data.files[at]?.sha256)
      throw new GoodputError('usage', `${path}: changed while it was read`);
  return document;
}

function dedupeOptions(options: OptionReader): DedupeOptions {
  const level = options.word('level', LEVELS) ?? 'document';
  const method = options.word('method', METHODS) ?? 'exact';
  if (level !== 'document' && (method === 'minhash' || method === 'simhash'))
    options.mistakes.push(`--method ${method}: only valid with --level document, not ${level}`);
  if (level === 'prefix' && method === 'bloom')
    options.mistakes.push('--method bloom: not valid with --level prefix');
  return {
    level,
    method,
    threshold:
      options.value('threshold', (text) => (Number(text) === 1 ? { ok: true, value: 1 } : shareOf(text))) ??
      0.8,
    blocks: options.whole('blocks', 1) ?? 1,
    bloom: { expected: options.whole('expected', 1) ?? 1, rate: options.share('false-positives') ?? 0.01 },
  };
}
