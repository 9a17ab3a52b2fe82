import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CACHE } from './cache.ts';

const run = promisify(execFile);

const BUILD = join(CACHE, 'build');

/** Benchmark processes run compiled code, as users do: stripping types at start costs 30 MB and 100 ms. */
export const built = (file: string): string => join(BUILD, file);

/** Compiles goodput and the benchmark. */
export async function build(): Promise<void> {
  const compiler = join('node_modules', 'typescript', 'bin', 'tsc');
  await run(process.execPath, [compiler, '-p', 'bench/tsconfig.json']);
  const pages = join('src', 'render', 'page', 'browser', 'tsconfig.build.json');
  await run(process.execPath, [compiler, '-p', pages, '--outDir', join(BUILD, 'src')]);
  // The program reads its version from this file.
  await copyFile('package.json', join(BUILD, 'package.json'));
}

/** Returns the path of a compiled C program of `bench/c`, or `null` without a compiler or epoll. */
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
