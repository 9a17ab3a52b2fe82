/** Python environments under `.cache/real`, created once, each with the exact packages that a server needs. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { lastError, note } from './child.ts';
import { CACHE } from './paths.ts';

export const run = promisify(execFile);
const OLDEST_PYTHON = [3, 10] as const;

interface Venv {
  name: string;
  packages: readonly string[]; // with their versions
  size: string; // for messages
  dependencies: boolean;
}

/**
 * Creates the environment once; later calls find the marker with the same packages. Returns the path of one of its
 * programs.
 */
export async function venvWith({
  name,
  packages,
  size,
  dependencies,
}: Venv): Promise<(program: string) => string> {
  const folder = join(CACHE, name);
  const bin = (program: string): string =>
    process.platform === 'win32' ? join(folder, 'Scripts', `${program}.exe`) : join(folder, 'bin', program);
  const marker = join(folder, 'installed.txt');
  const wanted = packages.join('\n');
  if ((await readFile(marker, 'utf8').catch(() => '')) === wanted) return bin;

  const python = await findPython();
  note(`making a Python environment in .cache/real/${name} (once)`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(dirname(folder), { recursive: true });
  await run(python, ['-m', 'venv', folder]).catch((cause: unknown) => {
    throw new Error(`Python could not make a virtual environment: ${reason(cause)}.`, { cause });
  });

  const list = packages.join(' and ');
  note(`installing ${list}, ${size} (once)`);
  // Wheels only: nothing is compiled here.
  const pip = ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', ...packages];
  if (!dependencies) pip.push('--no-deps');
  await run(bin('python'), pip, { timeout: 600_000 }).catch((cause: unknown) => {
    throw new Error(`pip could not install ${list}: ${reason(cause)}.`, { cause });
  });
  await writeFile(marker, wanted);
  return bin;
}

async function findPython(): Promise<string> {
  const [major, minor] = OLDEST_PYTHON;
  const names = process.env['PYTHON'] ? [process.env['PYTHON']] : ['python3', 'python'];
  for (const name of names) {
    const test = `import sys; sys.exit(sys.version_info < (${major}, ${minor}))`;
    const works = await run(name, ['-c', test]).then(
      () => true,
      () => false,
    );
    if (works) return name;
  }
  throw new Error(
    `Python ${major}.${minor} or newer is needed, and ${names.join(' and ')} gave none (PYTHON=… names another).`,
  );
}

export function reason(cause: unknown): string {
  const said = cause instanceof Error && 'stderr' in cause && cause.stderr ? cause.stderr : cause;
  return lastError(said instanceof Error ? said.message : String(said));
}
