import { createReadStream } from 'node:fs';
import { GoodputError } from '../errors.ts';
import { reasonOf } from '../system-errors.ts';

/** A larger file is not a scenario, and a megabyte of YAML takes seconds to read. */
const MOST_BYTES = 1024 * 1024;

/**
 * Reads the text of a scenario file.
 * @throws {GoodputError} kind `usage` if it cannot be read
 */
export async function readScenarioText(path: string): Promise<{ path: string; text: string }> {
  try {
    return { path, text: await textOf(path) };
  } catch (error) {
    if (error instanceof GoodputError) throw error;
    throw new GoodputError('usage', `cannot read the scenario ${path}: ${reasonOf(error)}`, {
      hint: 'goodput init writes a commented scenario; without a scenario, goodput run measures the simulated endpoint',
      cause: error,
    });
  }
}

/** Reads in chunks, because the path may name a pipe or a device that never ends. */
async function textOf(path: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MOST_BYTES)
      throw new GoodputError('usage', `${path}: larger than 1 MiB, the limit for a scenario`, {
        hint: 'Keep prompts in a separate file: workload.prompts (--prompts).',
      });
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
