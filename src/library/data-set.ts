import { expandFiles } from '../dataset/files.ts';
import { type FormatName, FORMAT_NAMES } from '../dataset/formats/format.ts';
import { Inspection, type InspectionDocument } from '../dataset/inspect/inspection.ts';
import { DataSet } from '../dataset/read.ts';
import { tokensOf, WORDS } from '../dataset/text/tokens.ts';
import { GoodputError } from '../errors.ts';
import { readVocabulary } from '../tokenize/tokenizer.ts';

/** How the files of a data set are read. */
export interface DataSetOptions {
  /** The format of the records. Default: recognised by content. */
  format?: FormatName | undefined;
  /** Columns of any table, by key: `{ prompt: 'question' }`. */
  columns?: Readonly<Record<string, string>> | undefined;
  /** The unit of times in mooncake traces. */
  timeUnit?: 'ms' | 's' | undefined;
  /** Tokens of a block of `hash_ids`. Default: 512, or 16 for traces with `chat_id`. */
  blockTokens?: number | undefined;
}

/** How a data set is inspected. */
export interface InspectOptions extends DataSetOptions {
  /** The path of a tokenizer.json that counts texts. Default: words are counted. */
  tokenizer?: string | undefined;
  /** The tag by whose values lengths are grouped. */
  by?: string | undefined;
}

/**
 * Opens files as one data set, in any format that `goodput data` reads. `sessions()` reads them as a stream, once.
 * @param files paths and patterns (`traces/*.csv.gz`)
 * @throws {GoodputError} kind `usage` for a pattern that matches nothing; while reading, for the first mistake, as `file:line`
 */
export async function openDataSet(
  files: string | readonly string[],
  { format, columns, timeUnit, blockTokens }: DataSetOptions = {},
): Promise<DataSet> {
  if (format !== undefined && !FORMAT_NAMES.includes(format))
    throw new GoodputError('usage', `options.format: expected one of ${FORMAT_NAMES.join(', ')}`);
  return new DataSet(await expandFiles([files].flat()), {
    format: format ?? null,
    columns: columns ?? null,
    timeUnit: timeUnit ?? null,
    blockTokens: blockTokens ?? null,
  });
}

/**
 * Reads files and returns what they contain, like `goodput data inspect --json`.
 * @throws {GoodputError} kind `usage` for a mistake, as `file:line`
 */
export async function inspectData(
  files: string | readonly string[],
  { tokenizer, by, ...options }: InspectOptions = {},
): Promise<InspectionDocument> {
  const unit = tokenizer === undefined ? WORDS : tokensOf(await readVocabulary(tokenizer));
  const data = await openDataSet(files, options);
  const inspection = new Inspection(unit, by ?? null);
  for await (const session of data.sessions()) inspection.add(session, data.blockTokens);
  return inspection.document(data);
}
