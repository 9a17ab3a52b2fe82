import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CACHE } from './cache.ts';

const run = promisify(execFile);

const BUILD = join(CACHE, 'build');

/** Processes of the bench run compiled code, as users do: stripping types at start costs 30 MB and 100 ms. */
export const built = (file: string): string => join(BUILD, file);

/** Compiles goodput and the bench. */
export async function build(): Promise<void> {
  await run(process.execPath, [
    join('node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'bench/tsconfig.json',
  ]);
  // The version is read from it.
  await copyFile('package.json', join(BUILD, 'package.json'));
}

/** Path of a compiled C program of `bench/c`, or `null` where there is no compiler or no epoll. */
export async function native(name: 'server' | 'client'): Promise<string | null> {
  const source = join('bench', 'c', `${name}.c`);
  const binary = join(CACHE, name);
  if (existsSync(binary) && (await stat(binary)).mtimeMs > (await stat(source)).mtimeMs) return binary;
  await mkdir(CACHE, { recursive: true });
  try {
    await run('cc', ['-O2', '-o', binary, source]);
    return binary;
  } catch {
    return null;
  }
}
