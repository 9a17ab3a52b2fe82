import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Screen } from '../render/screen.ts';
import { TEST_ENVIRONMENT } from '../environment.ts';
import { BIN, ENVIRONMENT } from './goodput.ts';

/** True if the machine has the `script` of util-linux, which runs a command under a pseudo-terminal. */
export const HAS_SCRIPT = /util-linux/.test(String(spawnSync('script', ['--version']).stdout));

/** The command line under a pseudo-terminal, and what a user of it sees. */
export class PseudoTerminal {
  readonly screen: Screen;
  readonly ended: Promise<number | null>;
  readonly #script: ChildProcess;
  /** The device of the terminal, which is printed first. */
  readonly #device = Promise.withResolvers<string>();

  constructor(args: readonly string[], columns: number, rows: number, env: Record<string, string> = {}) {
    const screen = (this.screen = new Screen(columns, rows));
    const command = [process.execPath, BIN, ...args]
      .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
      .join(' ');
    const line = `tty; stty cols ${columns} rows ${rows}; exec ${command}`;
    this.#script = spawn('script', ['-qec', line, '/dev/null'], {
      env: { ...TEST_ENVIRONMENT, ...ENVIRONMENT, TERM: 'xterm', SHELL: '/bin/sh', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let first = '';
    this.#script.stdout!.setEncoding('utf8').on('data', (text: string) => {
      if (first.includes('\n')) return screen.write(text);
      first += text;
      const end = first.indexOf('\n');
      if (end < 0) return;
      this.#device.resolve(first.slice(0, end).trim());
      screen.write(first.slice(end + 1));
    });
    this.ended = once(this.#script, 'close').then(([code]) => code as number | null);
  }

  /** Types keys: `\x03` is Ctrl-C. */
  type(keys: string): void {
    this.#script.stdin!.write(keys);
  }

  /**
   * Gives the terminal another size. Here program and screen learn of it one after the other: lines that are wider than the screen would
   * wrap between the two, so a screen becomes wider before the program's next line, and narrower after it.
   */
  async resize(columns: number, rows: number): Promise<void> {
    if (columns > this.screen.columns) await this.screen.resize(columns, rows);
    spawnSync('stty', ['-F', await this.#device.promise, 'cols', String(columns), 'rows', String(rows)]);
    await this.until((lines) => lines.every((line) => line.length < columns));
    await this.screen.resize(columns, rows);
  }

  /** Resolves to the lines of the screen as soon as `isShown` is true of them; rejects if the command ends before. */
  async until(isShown: (lines: readonly string[]) => boolean): Promise<string[]> {
    let hasEnded = false;
    void this.ended.then(() => (hasEnded = true));
    for (;;) {
      const lines = await this.screen.lines();
      if (isShown(lines)) return lines;
      if (hasEnded) throw new Error(`the command ended with\n${lines.join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
