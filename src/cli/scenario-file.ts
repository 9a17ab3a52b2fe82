import { createReadStream } from 'node:fs';
import { GoodputError } from '../errors.ts';
import { reasonOf } from '../system-errors.ts';

/** Whoever names a larger file has named another one; a megabyte of YAML takes seconds to read. */
const MOST_BYTES = 1024 * 1024;

/**
 * A scenario file's text, with the path as the user gave it.
 * @throws {GoodputError} kind `usage` where it cannot be read
 */
export async function readScenarioText(path: string): Promise<{ path: string; text: string }> {
  try {
    return { path, text: await textOf(path) };
  } catch (error) {
    if (error instanceof GoodputError) throw error;
    throw new GoodputError('usage', `cannot read the scenario ${path}: ${reasonOf(error)}`, {
      hint: 'goodput init writes a commented one; without a scenario goodput run measures the simulated endpoint',
      cause: error,
    });
  }
}

/** Piece by piece: what is named may be a pipe, or never end. */
async function textOf(path: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MOST_BYTES)
      throw new GoodputError('usage', `${path}: is larger than 1 MiB, which no scenario is`, {
        hint: 'Prompts stand in a file of their own: workload.prompts (--prompts).',
      });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
