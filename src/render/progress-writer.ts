import { progressLine, type ProgressState } from './progress.ts';

/** The part of `process.stderr` that the writer uses. */
export interface ProgressStream {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  write(text: string): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface Progress {
  /** Reports the state of the run; it may be called any number of times. */
  update(state: ProgressState): void;
  /** Writes complete lines (such as a warning) without damaging the live line, even if progress is quiet. */
  print(text: string): void;
  /** Erases the live line. Nothing is drawn afterwards; `print` still writes. */
  end(): void;
}

export interface ProgressOptions {
  quiet: boolean;
  /** `$TERM`: a dumb terminal cannot redraw a line. */
  term: string | undefined;
  /** Monotonic milliseconds. */
  now: () => number;
}

const REDRAW_MS = 200;
const LINE_MS = 10_000;
const FALLBACK_COLUMNS = 80;
/**
 * Columns that stay free at the end of the live line. Filling the last column makes some terminals wrap, and a terminal echoes
 * Ctrl-C as `^C` after the line, possibly twice between two redraws. If that wrapped the line, erasing it would leave its beginning.
 */
const FREE_COLUMNS = 5;

/**
 * Returns the progress for stderr: on a terminal one live line, redrawn at most 5 times a second; elsewhere a line per phase and
 * every 10 s. Nothing is written to a closed stream: its reader may exit before the run ends.
 */
export function openProgress(stream: ProgressStream, { quiet, term, now }: ProgressOptions): Progress {
  let closed = false;
  stream.on('error', () => {
    closed = true;
  });
  const write = (text: string): void => {
    if (closed) return;
    try {
      stream.write(text);
    } catch {
      closed = true;
    }
  };
  const drawer = quiet
    ? SILENT
    : stream.isTTY === true && term !== 'dumb'
      ? live(stream, write, now)
      : lines(write, now);
  let ended = false;
  return {
    update(state) {
      if (!ended) drawer.update(state);
    },
    print(text) {
      drawer.clear();
      write(text.endsWith('\n') ? text : `${text}\n`);
      if (!ended) drawer.redraw();
    },
    end() {
      if (!ended) drawer.clear();
      ended = true;
    },
  };
}

interface Drawer {
  update(state: ProgressState): void;
  clear(): void;
  redraw(): void;
}

const SILENT: Drawer = { update() {}, clear() {}, redraw() {} };

function live(stream: ProgressStream, write: (text: string) => void, now: () => number): Drawer {
  let shown = '';
  let latest: ProgressState | null = null;
  let drawnAt = -Infinity;
  const columnsNow = (): number =>
    stream.columns !== undefined && stream.columns > 0 ? stream.columns : FALLBACK_COLUMNS;
  /** Returns the sequence that erases the live line, from its first row if a narrower terminal has wrapped it. */
  const erase = (): string => {
    if (shown === '') return '';
    const above = Math.ceil(shown.length / columnsNow()) - 1;
    return `\r${above > 0 ? `\x1b[${above}A` : ''}\x1b[J`;
  };
  const draw = (): void => {
    if (latest === null) return;
    const before = erase();
    shown = progressLine(latest, columnsNow() - FREE_COLUMNS);
    drawnAt = now();
    write(before + shown);
  };
  return {
    update(state) {
      latest = state;
      if (now() - drawnAt >= REDRAW_MS) draw();
    },
    clear() {
      if (shown !== '') write(erase());
      shown = '';
    },
    redraw: draw,
  };
}

function lines(write: (text: string) => void, now: () => number): Drawer {
  let phase: ProgressState['phase'] | null = null;
  let writtenAt = -Infinity;
  return {
    update(state) {
      if (state.phase === phase && now() - writtenAt < LINE_MS) return;
      phase = state.phase;
      writtenAt = now();
      write(`${progressLine(state, Infinity)}\n`);
    },
    clear() {},
    redraw() {},
  };
}
