import { progressLine, type ProgressState } from './progress.ts';

/** What the writer asks of `process.stderr`. */
export interface ProgressStream {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  write(text: string): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface Progress {
  /** Says where the run stands; call it as often as you like. */
  update(state: ProgressState): void;
  /** Writes whole lines (a warning, say) without tearing the live line; also where progress itself is quiet. */
  print(text: string): void;
  /** Takes the live line away. Nothing is drawn after it; `print` still writes. */
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
 * Columns that stay free at the end of the live line: filling the last one makes some terminals wrap, and a terminal echoes Ctrl-C as `^C`
 * behind the line, twice if it is pressed twice between two redraws. Were the line folded by that, erasing it would leave its beginning.
 */
const FREE_COLUMNS = 5;

/**
 * Progress for stderr: on a terminal one live line, redrawn at most 5 times a second; elsewhere a whole line at each phase
 * and every 10 s. A stream that closes is written to no more: whoever reads stderr may leave before the run ends.
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
  /** A terminal that has become narrower has folded the line: go up to where it begins. */
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
