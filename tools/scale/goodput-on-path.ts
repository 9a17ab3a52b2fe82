import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { entry } from '../real/goodput.ts';

/** Writes a program `goodput` that runs this tree into a folder, and returns a PATH with it. */
export async function goodputOnPath(folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const program = join(bin, 'goodput');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
  await chmod(program, 0o755);
  return `${bin}${delimiter}${process.env['PATH']}`;
}
