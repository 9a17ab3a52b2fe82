import { GoodputError } from '../../errors.ts';
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
import type { Io } from '../console/io.ts';
import type { Given } from '../options/command-spec.ts';
import { type OptionReader, shareOf } from './data-input.ts';
import { DataRun, outputOf } from './data-run.ts';

/**
 * `goodput data dedupe`: finds duplicates, and writes the data set without them.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` for bad input
 */
export async function dataDedupeCommand(given: Given, io: Io): Promise<number> {
  const run = new DataRun(given, io);
  const { options } = run;
  const wanted = dedupeOptions(options);
  const output = outputOf(options, 'optional');
  if (output !== null && wanted.level === 'prefix')
    options.mistakes.push('--output: --level prefix removes nothing, so there is nothing to write');
  const readOptions = options.readOptions();
  const data = await run.open(readOptions);
  const isNear = wanted.level === 'document' && ['minhash', 'simhash'].includes(wanted.method);
  if (isNear && output !== null && data.paths.includes('-'))
    throw new GoodputError(
      'usage',
      `--method ${wanted.method} reads its input twice to write it, so not from stdin`,
      {
        hint: 'Store the input in a file, or use --method exact or bloom.',
      },
    );
  return run.until(async () => {
    const deduper = openDeduper(wanted);
    let document: DedupeDocument;
    if (output === null) {
      await run.each(data, (session) => void deduper.add(session));
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
    run.print(document, (found, style) =>
      renderDedupe(found, { style, missed: 1 - candidateProbability(wanted.threshold) }),
    );
  });
}

async function writeDecided(
  run: DataRun,
  data: DataSet,
  deduper: Deduper,
  writer: SessionWriter,
): Promise<DedupeDocument> {
  await run.each(data, (session) => {
    const left = deduper.add(session);
    return left !== null && left !== 'undecided' ? writer.write(left) : undefined;
  });
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
  await run.each(data, (session) => void deduper.add(session));
  const { document, isKept } = await deduper.finish(run.pause);
  const again = new DataSet(data.paths, options);
  let record = 0;
  await run.each(again, (session) => (isKept(record++) ? writer.write(session) : undefined));
  for (const [at, { path, sha256 }] of again.files.entries())
    if (sha256 !== data.files[at]?.sha256)
      throw new GoodputError('usage', `${path}: changed while it was read`);
  return document;
}

/** Texts that a Bloom filter is made for. */
const EXPECTED = 1_000_000;

function dedupeOptions(options: OptionReader): DedupeOptions {
  const level = options.word('level', LEVELS) ?? 'document';
  const method = options.word('method', METHODS) ?? 'exact';
  if (level !== 'document' && (method === 'minhash' || method === 'simhash'))
    options.mistakes.push(`--method ${method}: only valid with --level document, not ${level}`);
  if (level === 'prefix' && method === 'bloom')
    options.mistakes.push('--method bloom: not valid with --level prefix');
  for (const [name, [owner, isUsed]] of Object.entries({
    threshold: ['--method minhash', method === 'minhash'],
    blocks: ['--level prefix', level === 'prefix'],
    expected: ['--method bloom', method === 'bloom'],
    'false-positives': ['--method bloom', method === 'bloom'],
  } as const))
    if (!isUsed && options.text(name) !== null) options.mistakes.push(`--${name}: only valid with ${owner}`);
  return {
    level,
    method,
    threshold:
      options.value('threshold', (text) => (Number(text) === 1 ? { ok: true, value: 1 } : shareOf(text))) ??
      0.8,
    blocks: options.whole('blocks', 1) ?? 1,
    bloom: {
      expected: options.whole('expected', 1) ?? EXPECTED,
      rate: options.share('false-positives') ?? 0.01,
    },
  };
}
