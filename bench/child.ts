import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Pins server and client to separate cores if the machine has two and `taskset`. */
const PINS = availableParallelism() > 1 && hasTaskset();
export const PINNED = PINS ? 'server on core 0, client on core 1' : 'not pinned to cores';

function hasTaskset(): boolean {
  try {
    execFileSync('taskset', ['-c', '0', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** @param core `null` for any core */
export function start(
  command: readonly string[],
  core: 0 | 1 | null,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const [file, ...args] = PINS && core !== null ? ['taskset', '-c', String(core), ...command] : command;
  return spawn(file!, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } });
}

/** Returns the complete output of a process; throws if it fails or exceeds the time. */
export function finish(
  child: ChildProcess,
  what: string,
  limit_s: number,
  exits: readonly number[] = [0],
): Promise<string> {
  const timer = setTimeout(() => child.kill('SIGKILL'), limit_s * 1000);
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code !== null && exits.includes(code)) resolve(output);
      else reject(new Error(`${what} ended with ${signal ?? `code ${code}`}`));
    });
  });
}
