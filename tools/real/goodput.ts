import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './paths.ts';

/** `node tools/real/main.ts dist/bin.js` tests another build than the sources. */
export const entry =
  process.argv.slice(2).find((word) => word.endsWith('.js')) ?? join(ROOT, 'src', 'bin.ts');

// About 20 s of load on a shared machine: a run that takes minutes hangs.
const RUN_LIMIT_MS = 300_000;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs goodput in its own process, as users do, without the caller's environment variables. */
export async function goodput(args: readonly string[], own: Record<string, string> = {}): Promise<Ended> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(GOODPUT_|OPENAI_API_KEY$)/.test(name)),
  );
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...env, ...own },
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), RUN_LIMIT_MS);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearTimeout(limit);
  return { code, stdout, stderr };
}
