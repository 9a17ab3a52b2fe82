import type { Io } from './io.ts';
import { widthOf } from './width.ts';

const REDRAW_MS = 500;
const CLEAR = '\r\u001b[K';

/** A line of progress on a terminal, which later ones replace; nothing elsewhere. */
export class LiveLine {
  readonly #io: Io;
  readonly #isLive: boolean;
  #drawn = performance.now();
  #isShown = false;

  constructor(io: Io, { isQuiet }: { isQuiet: boolean }) {
    this.#io = io;
    this.#isLive = !isQuiet && io.stderr.isTTY && io.env['TERM'] !== 'dumb';
  }

  /** Replaces the line, unless it was replaced a moment ago. */
  show(text: () => string): void {
    const now = performance.now();
    if (!this.#isLive || now - this.#drawn < REDRAW_MS) return;
    this.#drawn = now;
    this.#isShown = true;
    this.#io.stderr.write(CLEAR + text().slice(0, widthOf(this.#io) - 1));
  }

  /** Removes the line. */
  end(): void {
    if (this.#isShown) this.#io.stderr.write(CLEAR);
    this.#isShown = false;
  }
}
