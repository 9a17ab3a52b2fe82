import xterm from '@xterm/headless';

/** A terminal emulator, as a stream that programs write to; it shows what a user sees. */
export class Screen {
  readonly isTTY = true;
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  readonly #onResize: (() => void)[] = [];

  constructor(columns: number, rows: number) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 1000, allowProposedApi: true });
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  on(event: 'error' | 'resize', listener: (error: Error) => void): void {
    if (event === 'resize') this.#onResize.push(() => listener(new Error(event)));
  }

  write(text: string): void {
    // A terminal driver adds the carriage return.
    this.#terminal.write(text.replaceAll(/\r?\n/g, '\r\n'));
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#flushed();
    this.#terminal.resize(columns, rows);
    for (const listener of this.#onResize) listener();
  }

  /** Returns all lines, scrolled ones too, without blanks at their ends and empty lines below. */
  async lines(): Promise<string[]> {
    await this.#flushed();
    const { active } = this.#terminal.buffer;
    const lines = Array.from({ length: active.length }, (_, at) =>
      active.getLine(at)!.translateToString(true),
    );
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  #flushed(): Promise<void> {
    return new Promise((resolve) => this.#terminal.write('', resolve));
  }
}
