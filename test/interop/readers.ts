import { execFile } from 'node:child_process';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCES = fileURLToPath(new URL('readers', import.meta.url));
const CACHE = fileURLToPath(new URL('../../.cache/interop', import.meta.url));

/** A program of another language that prints what its own HdrHistogram library reads in a log. */
export interface Reader {
  language: string;
  library: string;
  /** The program that must be on the path. */
  toolchain: string;
  /** Builds in the folder, which holds a copy of the sources; returns the command that reads a log. */
  build: (dir: string) => Promise<readonly [program: string, ...args: string[]]>;
}

export const READERS: readonly Reader[] = [
  {
    language: 'java',
    library: 'org.hdrhistogram:HdrHistogram 2.2.2',
    toolchain: 'mvn',
    async build(dir) {
      const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy';
      const artifact = '-Dartifact=org.hdrhistogram:HdrHistogram:2.2.2';
      await run('mvn', ['-q', '-B', copy, artifact, `-DoutputDirectory=${dir}`], { cwd: dir });
      return ['java', '-cp', await jarIn(dir), join(dir, 'Reader.java')];
    },
  },
  {
    language: 'rust',
    library: 'hdrhistogram 7.5.4',
    toolchain: 'cargo',
    async build(dir) {
      await run('cargo', ['build', '--quiet', '--release', '--target-dir', join(dir, 'target')], {
        cwd: dir,
      });
      return [join(dir, 'target', 'release', 'hlog-reader')];
    },
  },
  {
    language: 'python',
    library: 'hdrhistogram 0.10.3',
    toolchain: 'python3',
    async build(dir) {
      const python = join(dir, 'venv', 'bin', 'python');
      await run('python3', ['-m', 'venv', join(dir, 'venv')]);
      await run(python, ['-m', 'pip', 'install', '--quiet', 'hdrhistogram==0.10.3']);
      return [python, join(dir, 'reader.py')];
    },
  },
  {
    language: 'go',
    library: 'hdrhistogram-go v1.1.2',
    toolchain: 'go',
    async build(dir) {
      await run('go', ['build', '-mod=mod', '-o', 'hlog-reader', '.'], { cwd: dir });
      return [join(dir, 'hlog-reader')];
    },
  },
];

/** One line of the log, as a reader returns it. */
export interface Reading {
  tag: string | null;
  start_ms: number;
  end_ms: number;
  count: number;
  min: number;
  max: number;
  mean: number;
  p50: number;
  p99: number;
}

/** The command of a reader, or why there is none here, in words. */
export async function prepare(reader: Reader): Promise<{ command: readonly string[] } | { missing: string }> {
  const dir = join(CACHE, reader.language);
  await mkdir(dir, { recursive: true });
  await cp(join(SOURCES, reader.language), dir, { recursive: true });
  try {
    return { command: await reader.build(dir) };
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'is not installed' : 'failed';
    return { missing: `${reader.language}: ${reader.toolchain} ${why}: ${String(error)}` };
  }
}

export async function readWith([program, ...args]: readonly string[], log: string): Promise<Reading[]> {
  const output = await run(program!, [...args, log]);
  return output
    .trimEnd()
    .split('\n')
    .map((line): Reading => JSON.parse(line));
}

/** The processor that ships with the Java library: the tool that people plot a log with. */
export async function processWithJava(dirOfReader: string, args: readonly string[]): Promise<string> {
  return run('java', ['-cp', await jarIn(dirOfReader), 'org.HdrHistogram.HistogramLogProcessor', ...args]);
}

export const cacheOf = (language: string): string => join(CACHE, language);

async function jarIn(dir: string): Promise<string> {
  const jar = (await readdir(dir)).find((name) => name.endsWith('.jar'));
  if (jar === undefined) throw new Error(`no jar in ${dir}`);
  return join(dir, jar);
}

async function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string } = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { ...options, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}
