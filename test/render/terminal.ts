/**
 * As much of a terminal as a live line needs: folding at its width (anew when it is resized), `\r`, `\n`, cursor up, erase
 * to the end. Throws at anything else, and at text that would overwrite text.
 */
export class Terminal {
  readonly isTTY = true;
  columns: number;
  writes = 0;
  /** Lines before wrapping; text is added to the last one. */
  #lines = [''];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  on(): void {}

  write(text: string): void {
    this.writes++;
    const [plain = '', ...sequences] = text.split('\x1b');
    for (const sign of plain) this.#put(sign);
    for (const sequence of sequences) {
      const [whole, count, command] = /^\[(\d*)([AJ])/.exec(sequence) ?? [];
      if (whole === undefined) throw new Error(`unknown sequence ${JSON.stringify(sequence)}`);
      if (command === 'A') this.#row = Math.max(0, this.#row - Number(count));
      else this.#erase();
      for (const sign of sequence.slice(whole.length)) this.#put(sign);
    }
  }

  resize(columns: number): void {
    this.columns = columns;
    this.#toEnd();
  }

  /** Returns the rows on the screen, including an unfinished last one. */
  screen(): string[] {
    const fold = new RegExp(`.{1,${this.columns}}`, 'g');
    return this.#lines.flatMap((line) => line.match(fold) ?? ['']);
  }

  #put(sign: string): void {
    if (sign === '\r') {
      this.#column = 0;
      return;
    }
    if (sign === '\n') {
      this.#lines.push('');
    } else {
      const rows = this.screen();
      if (this.#row !== rows.length - 1 || this.#column !== rows.at(-1)!.length)
        throw new Error('overwritten');
      this.#lines[this.#lines.length - 1] += sign;
    }
    this.#toEnd();
  }

  #erase(): void {
    const rows = this.screen();
    this.#lines = [...rows.slice(0, this.#row), rows[this.#row]!.slice(0, this.#column)];
  }

  #toEnd(): void {
    const rows = this.screen();
    this.#row = rows.length - 1;
    this.#column = rows.at(-1)!.length;
  }
}
