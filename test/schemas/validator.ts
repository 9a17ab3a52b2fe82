import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { type DocumentName, jsonSchemaOf } from '../../src/schemas/index.ts';

const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: false });
const open = new Map<DocumentName, ValidateFunction>();
const closed = new Map<DocumentName, ValidateFunction>();

/** Returns a validator, independent of goodput, of a published schema. */
export const validatorOf = (name: DocumentName): ValidateFunction =>
  cached(open, name, () => ajv.compile(jsonSchemaOf(name)));

const cached = (
  validators: Map<DocumentName, ValidateFunction>,
  name: DocumentName,
  compile: () => ValidateFunction,
): ValidateFunction => {
  const validator = validators.get(name) ?? compile();
  validators.set(name, validator);
  return validator;
};

/** Forbids the keys that the schema does not name: a document that this version writes has none. */
function closing(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closing);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [
    key,
    // Names of keys, some of which may be words of JSON Schema.
    key === 'properties'
      ? Object.fromEntries(Object.entries(value as object).map(([name, each]) => [name, closing(each)]))
      : closing(value),
  ]);
  return {
    ...('properties' in schema ? { additionalProperties: false } : {}),
    ...Object.fromEntries(entries),
  };
}

/** @throws an error that names the first key of the document that the schema does not allow */
export function assertDocument(name: DocumentName, document: unknown, where = name as string): void {
  const validate = cached(closed, name, () => ajv.compile(closing(jsonSchemaOf(name)) as object));
  if (validate(document)) return;
  const [error] = validate.errors!;
  const { instancePath, message, params } = error!;
  throw new Error(`${where}: ${instancePath} ${message} ${JSON.stringify(params)}`);
}

/** `run` and `simulate` carry out one run, a sweep or rounds. */
function printedByRun(document: object): DocumentName {
  if ('points' in document) return 'sweep';
  return 'endpoints' in document || 'base' in document ? 'comparison' : 'summary';
}

/** The document that a command prints with `--json`. */
const PRINTED: Readonly<Record<string, (document: object) => DocumentName>> = {
  run: printedByRun,
  simulate: printedByRun,
  report: (document) => ('kind' in document ? 'batch-summary' : 'summary'),
  compare: (document) => ('kind' in document ? 'batch-comparison' : 'comparison'),
  batch: () => 'batch-summary',
  capacity: () => 'capacity',
  sweep: () => 'sweep',
  fit: () => 'fit',
  probe: () => 'probe',
  ...Object.fromEntries(
    (['inspect', 'dedupe', 'filter', 'format', 'sample', 'size', 'synth', 'verify'] as const).map((verb) => [
      `data ${verb}`,
      () => `data-${verb}` as const,
    ]),
  ),
  'data convert': () => 'data-format',
};

/** Validates what a command printed, if that is one JSON document. */
export function assertPrinted(args: readonly string[], stdout: string): void {
  const nameOf = PRINTED[args.slice(0, args[0] === 'data' ? 2 : 1).join(' ')];
  if (nameOf === undefined || !args.includes('--json') || !stdout.startsWith('{')) return;
  const document = JSON.parse(stdout) as object;
  assertDocument(nameOf(document), document, `goodput ${args.join(' ')}`);
}

const FILES: Readonly<Record<string, DocumentName>> = {
  'run.json': 'run',
  'summary.json': 'summary',
  'rounds.json': 'rounds',
  'sweep.json': 'sweep',
  'capacity.json': 'capacity',
  'batch.json': 'batch',
};

/** Validates every document in a folder that goodput wrote, and in the run folders inside it. Returns how many documents there were. */
export async function assertFolder(dir: string): Promise<number> {
  let count = 0;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) count += await assertFolder(path);
    const name = FILES[entry.name];
    if (name !== undefined) {
      const document = JSON.parse(await readFile(path, 'utf8')) as object;
      // The summary of a batch has its kind.
      assertDocument(name === 'summary' && 'kind' in document ? 'batch-summary' : name, document, path);
      count++;
    }
    if (entry.name !== 'samples.jsonl') continue;
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
    for (const [k, line] of lines.entries()) assertDocument('sample', JSON.parse(line), `${path}:${k + 1}`);
    count += lines.length;
  }
  return count;
}
