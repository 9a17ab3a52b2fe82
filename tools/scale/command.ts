import { spawn } from 'node:child_process';

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface CommandOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  input?: string;
  limitMs?: number;
}

/** Runs a command to its end and returns what it printed. */
export async function command(
  [program = '', ...args]: readonly string[],
  { cwd, env, input, limitMs = 600_000 }: CommandOptions = {},
): Promise<Finished> {
  const child = spawn(program, args, { cwd, env: env ?? process.env, timeout: limitMs });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => {}).end(input ?? '');
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', (cause) => {
      stderr += cause.message;
      resolve(null);
    });
    child.on('close', resolve);
  });
  return { code, stdout, stderr };
}

/**
 * Runs a command that must succeed, and returns its stdout.
 * @throws {Error} with the last lines of its stderr
 */
export async function output(words: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await command(words, options);
  if (code === 0) return stdout;
  throw new Error(
    `${words.slice(0, 4).join(' ')}: exit code ${code}: ${stderr.trim().split('\n').slice(-3).join(' ')}`,
  );
}
