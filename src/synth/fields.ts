import { decimal } from '../numbers.ts';
import { dirname, resolve } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Random } from '../random.ts';
import { type FileDigest, SourceFile } from '../dataset/containers/bytes.ts';
import { isRecord } from '../dataset/containers/container.ts';
import { fileError, RecordError, shown, suggestion } from '../dataset/model/record-error.ts';
import { fakerField } from './faker-field.ts';

/** Draws a value of a field. */
export type Field = (random: Random) => string;

/** The kinds of a field that is a map, by the key that each needs. */
const KEYS = {
  weights: ['weights'],
  file: ['file'],
  from: ['from', 'to', 'decimals'],
  faker: ['faker', 'args', 'locale'],
} as const;

/**
 * Reads the fields of a template from a YAML or JSON file, with the files that they name.
 * @returns the fields by name, and all files that were read
 * @throws {GoodputError} kind `usage` at the first mistake, as `file:line`
 */
export async function readFields(
  path: string,
): Promise<{ fields: ReadonlyMap<string, Field>; files: FileDigest[] }> {
  const counter = new LineCounter();
  const { text, digest } = await readText(path);
  const document = parseDocument(text, { lineCounter: counter });
  const lineAt = (offset: number): number => counter.linePos(offset).line;
  const [problem] = document.errors;
  if (problem !== undefined) throw fileError(path, lineAt(problem.pos[0]), problem.message.split('\n')[0]!);
  if (!isMap(document.contents)) throw fileError(path, null, 'not a map of fields by name');
  const fields = new Map<string, Field>();
  const files = [digest];
  const values = document.toJS() as Record<string, unknown>;
  for (const { key } of document.contents.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    try {
      fields.set(name, await fieldOf(values[name], dirname(path), files));
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      throw fileError(path, lineAt(key.range?.[0] ?? 0), `field ${JSON.stringify(name)}: ${error.message}`);
    }
  }
  if (fields.size === 0) throw fileError(path, null, 'has no field');
  return { fields, files };
}

/**
 * Reads a text file.
 * @throws {GoodputError} kind `usage` if it cannot be read
 */
export async function readText(path: string): Promise<{ text: string; digest: FileDigest }> {
  const source = new SourceFile(path);
  const chunks: Buffer[] = [];
  for await (const chunk of source.chunks()) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return { text, digest: await source.digest() };
}

async function fieldOf(value: unknown, folder: string, files: FileDigest[]): Promise<Field> {
  if (Array.isArray(value)) return oneOf((value as unknown[]).map(textOf));
  if (!isRecord(value)) {
    const text = textOf(value);
    return () => text;
  }
  const kind = Object.keys(KEYS).find((key) => key in value) as keyof typeof KEYS | undefined;
  if (kind === undefined)
    throw new RecordError(
      `expected a list, or a map with ${Object.keys(KEYS).join(', ')}, not ${shown(value)}`,
    );
  const unknown = Object.keys(value).find((key) => !(KEYS[kind] as readonly string[]).includes(key));
  if (unknown !== undefined)
    throw new RecordError(
      `unknown key ${JSON.stringify(unknown)} next to ${kind}${suggestion(unknown, KEYS[kind])}`,
    );
  if (kind === 'weights') return weighted(value['weights']);
  if (kind === 'from') return numberBetween(value);
  if (kind === 'faker') return fakerField(value);
  if (typeof value['file'] !== 'string') throw new RecordError('file: expected the path of a text file');
  const path = resolve(folder, value['file']);
  const { text, digest } = await readText(path);
  files.push(digest);
  return oneOf(text.split(/\r?\n/).filter((line) => line.trim() !== ''));
}

function textOf(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new RecordError(`expected a text or a number, not ${shown(value)}`);
}

function oneOf(values: readonly string[]): Field {
  if (values.length === 0) throw new RecordError('has no value');
  return (random) => values[random.below(values.length)]!;
}

/** Returns a field whose values have weights, which need not add up to 1. */
function weighted(given: unknown): Field {
  const pairs = isRecord(given) ? Object.entries(given) : [];
  const weights = pairs.map(([text, weight]) => {
    const number = typeof weight === 'string' ? Number(weight.replace(/%$/, '')) : weight;
    if (typeof number !== 'number' || !(number >= 0) || !Number.isFinite(number))
      throw new RecordError(
        `weights: expected a number of at least 0 for ${shown(text)}, not ${shown(weight)}`,
      );
    return number;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) throw new RecordError('weights: expected a weight above 0');
  return (random) => {
    let left = random.uniform() * total;
    const at = weights.findIndex((weight) => (left -= weight) < 0);
    return (pairs[at] ?? pairs.at(-1)!)[0];
  };
}

/** Returns a field of numbers from one to another, both included, with equal steps of 10^−decimals. */
function numberBetween({ from, to, decimals = 0 }: Readonly<Record<string, unknown>>): Field {
  if (typeof from !== 'number' || typeof to !== 'number' || !(to >= from))
    throw new RecordError(`expected numbers from … to …, not ${shown(from)} and ${shown(to)}`);
  if (typeof decimals !== 'number' || !Number.isInteger(decimals) || decimals < 0 || decimals > 15)
    throw new RecordError(`decimals: expected a whole number from 0 to 15, not ${shown(decimals)}`);
  const scale = 10 ** decimals;
  const [low, high] = [Math.ceil(from * scale), Math.floor(to * scale)];
  if (high < low) throw new RecordError(`no number with ${decimals} decimals from ${from} to ${to}`);
  return (random) => decimal((low + random.below(high - low + 1)) / scale, decimals);
}
