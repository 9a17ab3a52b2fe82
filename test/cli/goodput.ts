import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { TEST_ENVIRONMENT } from '../environment.ts';
import { fakeConsole } from './console.ts';
import { assertPrinted } from '../schemas/validator.ts';

export const BIN = join(import.meta.dirname, '..', '..', 'src', 'bin.ts');

/** Tests ignore the stored calibration of this machine, unless they set one. */
const NO_CACHE = join(tmpdir(), 'goodput-tests-have-no-cache');

export const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  LANG: 'C.UTF-8',
  GOODPUT_CACHE_DIR: NO_CACHE,
};

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A scratch folder that goes away with the tests of the file. */
export async function scratchFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'goodput-cli-'));
  afterAll(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export interface Started {
  child: ChildProcess;
  ended: Promise<Ended>;
}

/** The command line as users run it, in a process of its own. Nothing of this process's environment but the path goes along. */
export function start(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; shell?: string } = {},
): Started {
  const env = { ...TEST_ENVIRONMENT, ...ENVIRONMENT, ...options.env };
  const command =
    options.shell === undefined
      ? [process.execPath, BIN, ...args]
      : ['sh', '-c', options.shell, process.execPath, BIN, ...args];
  const child = spawn(command[0]!, command.slice(1), {
    cwd: options.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, ...output }));
  });
  return { child, ended };
}

/**
 * Runs the command line to its end, and validates the document that it prints with `--json`. It runs in this process, which saves the
 * start of another one, unless the test needs one: `ownProcess`, a shell, or options of Node. Signals and exits need one: see `start`.
 */
export async function goodput(
  args: readonly string[],
  options: Parameters<typeof start>[1] & { ownProcess?: boolean } = {},
): Promise<Ended> {
  const { cwd, env = {}, shell, ownProcess = false } = options;
  const needsProcess = ownProcess || shell !== undefined || 'NODE_OPTIONS' in env;
  const ended = needsProcess ? await start(args, options).ended : await inThisProcess(args, env, cwd);
  assertPrinted(args, ended.stdout);
  return ended;
}

async function inThisProcess(
  args: readonly string[],
  env: Record<string, string>,
  cwd: string | undefined,
): Promise<Ended> {
  const io = fakeConsole({ ...ENVIRONMENT, ...env });
  const before = process.cwd();
  if (cwd !== undefined) process.chdir(cwd);
  try {
    return { code: await main(args, io), stdout: io.out(), stderr: io.err() };
  } finally {
    if (cwd !== undefined) process.chdir(before);
  }
}

/** A small HTTP server on 127.0.0.1 that answers everything with `listener`. */
export async function serve(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, server };
}
