/** Servers as child processes, started, awaited and stopped by this process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
export const note = (text: string): void => void process.stderr.write(`test:real: ${text}\n`);

interface ChildOptions {
  name: string; // in messages
  env?: Record<string, string | undefined>;
  stop?: 'stdin' | NodeJS.Signals; // how to stop it cleanly
}

/** A child server whose complete output is kept, since the tests that read it are short. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #stop: 'stdin' | NodeJS.Signals;
  #log = '';

  constructor(command: string, args: readonly string[], { name, env, stop = 'SIGTERM' }: ChildOptions) {
    this.name = name;
    this.#stop = stop;
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...(env && { env }) });
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
    this.#process.stdin?.on('error', () => {}); // it may have exited before its input is closed
    this.#process.on('error', (cause) => (this.#log += `\nERROR: ${cause.message}`));
  }

  get log(): string {
    return this.#log;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  // Without a pid it did not start.
  get hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#process;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }

  /** Waits until `ready` returns something; stops a server that does not become ready. */
  async until<T>(
    ready: () => Promise<T | undefined> | T | undefined,
    what: string,
    limitMs: number,
  ): Promise<T> {
    const deadline = Date.now() + limitMs;
    while (Date.now() < deadline && !this.hasEnded) {
      const found = await ready();
      if (found !== undefined) return found;
      await pause(100);
    }
    const why = this.hasEnded ? 'ended while starting' : `did not ${what} within ${limitMs / 1000} s`;
    await this.stop();
    throw new Error(`${this.name} ${why}: ${lastError(this.#log)}.`);
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const gone = once(this.#process, 'exit');
    if (this.#stop === 'stdin') this.#process.stdin?.end();
    else this.#process.kill(this.#stop);
    const late = setTimeout(() => this.#process.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(late);
  }
}

/** Returns true if the URL answers with a success. */
export const answers = (url: string): Promise<true | undefined> =>
  fetch(url, { signal: AbortSignal.timeout(2000) }).then(
    (response) => (response.ok ? true : undefined),
    () => undefined,
  );

/** Returns the last line of a program's output that mentions an error, or its last line. */
export function lastError(text: string): string {
  const lines = text.trim().split('\n');
  const line = lines.findLast((each) => /^(ERROR|nginx: \[emerg\])/.test(each)) ?? lines.at(-1) ?? '';
  return line.trim().replace(/^ERROR: |\.$/g, '') || 'no reason given';
}
