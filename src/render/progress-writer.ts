import type { Style } from './layout/style.ts';
import { displayWidth } from './layout/wrap.ts';
import { panel } from './panel.ts';
import { ProgressHistory } from './progress-history.ts';
import { progressLine, type ProgressState } from './progress.ts';

/** The part of `process.stderr` that the writer uses. */
export interface ProgressStream {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  rows?: number | undefined;
  write(text: string): unknown;
  on(event: 'error' | 'resize', listener: (error: Error) => void): unknown;
}

export interface Progress {
  /** Reports the state of the run; it may be called any number of times. */
  update(state: ProgressState): void;
  /** Writes complete lines (such as a warning) above the panel or the live line, even if progress is quiet. */
  print(text: string): void;
  /** Lets `end` leave the last panel on the screen, because the run was interrupted. */
  keep(): void;
  /** Erases the panel or the live line. Nothing is drawn afterwards; `print` still writes. */
  end(): void;
}

export interface ProgressOptions {
  quiet: boolean;
  /** `$TERM`: a dumb terminal cannot redraw a line. */
  term: string | undefined;
  /** Monotonic milliseconds. */
  now: () => number;
  /** Colour and signs of the panel. */
  style: Style;
  /** False where a terminal has a line and no panel: in CI, whose logs keep every redraw. */
  hasPanel?: boolean;
}

const REDRAW_MS = 200;
const LINE_MS = 10_000;
const FALLBACK_COLUMNS = 80;
/** The smallest terminal that has the panel; a smaller one has one live line. */
const PANEL_COLUMNS = 60;
const PANEL_ROWS = 14;
/** Filling the last column makes some terminals wrap. */
const FREE_COLUMNS = 1;

/**
 * Returns the progress for stderr: on a terminal a panel (on a small one a line), redrawn in place at most 5 times a second; elsewhere a
 * line per phase and every 10 s. Nothing is written to a closed stream: its reader may exit before the run ends.
 */
export function openProgress(
  stream: ProgressStream,
  { quiet, term, now, style, hasPanel = true }: ProgressOptions,
): Progress {
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
      ? live(stream, write, { now, style, hasPanel })
      : lines(write, now);
  let ended = false;
  let isKept = false;
  return {
    update(state) {
      if (!ended) drawer.update(state);
    },
    print(text) {
      drawer.clear();
      write(text.endsWith('\n') ? text : `${text}\n`);
      if (!ended) drawer.redraw();
    },
    keep() {
      isKept = true;
    },
    end() {
      if (ended) return;
      if (isKept) drawer.leave();
      else drawer.clear();
      ended = true;
    },
  };
}

interface Drawer {
  update(state: ProgressState): void;
  clear(): void;
  redraw(): void;
  /** Draws the last state, which stays on the screen. */
  leave(): void;
}

const SILENT: Drawer = { update() {}, clear() {}, redraw() {}, leave() {} };

function live(
  stream: ProgressStream,
  write: (text: string) => void,
  { now, style, hasPanel }: Pick<ProgressOptions, 'now' | 'style' | 'hasPanel'>,
): Drawer {
  let shown: string[] = [];
  let latest: ProgressState | null = null;
  let drawnAt = -Infinity;
  const history = new ProgressHistory();
  const columnsNow = (): number => (isSize(stream.columns) ? stream.columns : FALLBACK_COLUMNS);
  /**
   * Returns the sequence that erases what is shown, also if a narrower terminal has wrapped its lines. The cursor is on the row below, where
   * the terminal echoes Ctrl-C as `^C`: terminals wrap all lines anew when they are resized, except (VS Code) that of the cursor.
   */
  const erase = (): string => {
    if (shown.length === 0) return '';
    const columns = columnsNow();
    const rows = shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
    return `\r\x1b[${rows}A\x1b[J`;
  };
  const draw = (): void => {
    if (latest === null) return;
    const before = erase();
    const width = columnsNow() - FREE_COLUMNS;
    shown =
      hasPanel === true && hasRoomForPanel(stream)
        ? panel(latest, history, style, width)
        : [progressLine(latest, width)];
    drawnAt = now();
    write(`${before}${shown.join('\n')}\n`);
  };
  const clear = (): void => {
    if (shown.length > 0) write(erase());
    shown = [];
  };
  stream.on('resize', () => {
    if (shown.length > 0) draw();
  });
  return {
    update(state) {
      latest = state;
      history.add(state);
      if (now() - drawnAt >= REDRAW_MS) draw();
    },
    clear,
    redraw: draw,
    leave() {
      // One line is no more than what the report repeats.
      if (shown.length <= 1) return clear();
      draw();
      shown = [];
    },
  };
}

const isSize = (size: number | undefined): size is number => size !== undefined && size > 0;

const hasRoomForPanel = ({ columns, rows }: ProgressStream): boolean =>
  isSize(columns) && isSize(rows) && columns >= PANEL_COLUMNS && rows >= PANEL_ROWS;

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
    leave() {},
  };
}
