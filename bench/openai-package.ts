import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CACHE } from './cache.ts';

/** Pinned, and not a dependency of the project: only the benchmark uses it. */
const VERSION = '6.49.0';
const FOLDER = join(CACHE, `openai-${VERSION}`);

export const openaiEntry = (): string => join(FOLDER, 'node_modules', 'openai', 'index.mjs');

/**
 * Fetches the package once.
 * @returns the reason why it is not available, or `null`
 */
export async function haveOpenai(): Promise<string | null> {
  if (existsSync(openaiEntry())) return null;
  await mkdir(FOLDER, { recursive: true });
  const args = ['install', '--prefix', FOLDER, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  try {
    await promisify(execFile)('npm', [...args, `openai@${VERSION}`], { timeout: 120_000 });
  } catch (error) {
    const [why = ''] = (error as Error).message.split('\n');
    return `npm could not get openai@${VERSION} (${why})`;
  }
  return existsSync(openaiEntry()) ? null : `openai@${VERSION} has no index.mjs`;
}
