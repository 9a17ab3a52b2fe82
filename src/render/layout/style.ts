import { Chalk } from 'chalk';

/** How a terminal, pipe or file wants its text. `width` in columns; `unicode: false` keeps goodput's own signs ASCII. */
export interface Style {
  color: boolean;
  unicode: boolean;
  width: number;
}

/** What `styleOf` asks of a stream: `process.stdout` and `process.stderr` have it. */
export interface Outlet {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

const DEFAULT_WIDTH = 80;

/**
 * The style that suits a stream. `NO_COLOR` (any value but the empty one) and `--no-color` beat `FORCE_COLOR`, which beats
 * what the stream is; `FORCE_COLOR=0` and `false` mean none. A pipe is written at 80 columns: nobody knows its reader.
 */
export function styleOf(
  outlet: Outlet,
  env: Readonly<Record<string, string | undefined>>,
  options: { color: boolean },
): Style {
  const terminal = outlet.isTTY === true;
  return {
    color: options.color && wantsColor(terminal, env),
    unicode: isUtf8(env) && (!terminal || env['TERM'] !== 'linux'),
    width: terminal && outlet.columns !== undefined && outlet.columns > 0 ? outlet.columns : DEFAULT_WIDTH,
  };
}

function wantsColor(terminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return terminal && env['TERM'] !== 'dumb';
}

/** POSIX order: LC_ALL, LC_CTYPE, LANG; the first that is set decides. Windows Terminal names itself instead. */
function isUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['WT_SESSION'] !== undefined) return true;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return locale !== undefined && /utf-?8/i.test(locale);
}

/** Colours by meaning. Each is the identity where colour is off; none of them is the only carrier of what it says. */
export type Ink = Record<'strong' | 'faint' | 'good' | 'bad' | 'warn', (text: string) => string>;

/** goodput's own signs. */
interface Signs {
  /** In front of the words "pass" and "FAIL"; empty where only ASCII is safe. */
  pass: string;
  fail: string;
  /** A cell without a value. */
  none: string;
  atLeast: string;
  ellipsis: string;
  bullet: string;
}

const UNICODE: Signs = { pass: '✓ ', fail: '✗ ', none: '–', atLeast: '≥ ', ellipsis: '…', bullet: '• ' };
const ASCII: Signs = { pass: '', fail: '', none: '-', atLeast: '>= ', ellipsis: '...', bullet: '* ' };

/** A style made ready for drawing. */
export interface Page {
  ink: Ink;
  signs: Signs;
  unicode: boolean;
  width: number;
}

// Below this the tables cannot be told from heaps of numbers: let the terminal fold the lines.
const NARROWEST = 60;
// Longer lines than this are hard to follow from one end to the other.
const WIDEST = 100;

export function openPage(style: Style): Page {
  // A level of our own: the global instance looks at stdout, and the text may be going elsewhere.
  const chalk = new Chalk({ level: style.color ? 1 : 0 });
  return {
    // One argument each, so that they can be handed to `map`: chalk would print the index too.
    ink: {
      strong: (text) => chalk.bold(text),
      faint: (text) => chalk.dim(text),
      good: (text) => chalk.bold.green(text),
      bad: (text) => chalk.bold.red(text),
      warn: (text) => chalk.bold.yellow(text),
    },
    signs: style.unicode ? UNICODE : ASCII,
    unicode: style.unicode,
    width: Math.min(WIDEST, Math.max(NARROWEST, Math.floor(style.width))),
  };
}
