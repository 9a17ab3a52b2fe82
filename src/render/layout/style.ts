import { Chalk } from 'chalk';

/** Text capabilities of a terminal, pipe or file. `width` is in columns; with `unicode: false` goodput's own signs are ASCII. */
export interface Style {
  color: boolean;
  unicode: boolean;
  width: number;
}

/** The part of `process.stdout` and `process.stderr` that `styleOf` uses. */
export interface OutputStream {
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

const DEFAULT_WIDTH = 80;

/**
 * Returns the style for a stream. `NO_COLOR` (any value but the empty one) and `--no-color` override `FORCE_COLOR`, which overrides
 * the kind of stream; `FORCE_COLOR=0` and `false` mean no colour. A pipe is written at 80 columns.
 */
export function styleOf(
  stream: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
  options: { color: boolean },
): Style {
  const isTerminal = stream.isTTY === true;
  return {
    color: options.color && wantsColor(isTerminal, env),
    unicode: isUtf8(env) && (!isTerminal || env['TERM'] !== 'linux'),
    width: isTerminal && stream.columns !== undefined && stream.columns > 0 ? stream.columns : DEFAULT_WIDTH,
  };
}

function wantsColor(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTerminal && env['TERM'] !== 'dumb';
}

/** Returns true if the locale is UTF-8: the first of LC_ALL, LC_CTYPE and LANG that is set decides, as in POSIX. Windows Terminal always supports it. */
function isUtf8(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['WT_SESSION'] !== undefined) return true;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return locale !== undefined && /utf-?8/i.test(locale);
}

/** Colours by meaning. Without colour, each returns its text; no information is in the colour alone. */
export type Ink = Record<'strong' | 'faint' | 'good' | 'bad' | 'warn', (text: string) => string>;

/** Signs in goodput's own texts. */
interface Signs {
  /** Before the words "pass" and "FAIL"; empty with ASCII. */
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

/** A style with its colours and signs. */
export interface Page {
  ink: Ink;
  signs: Signs;
  unicode: boolean;
  width: number;
}

// Below this width the tables are unreadable; the terminal wraps the lines instead.
const NARROWEST = 60;
// Longer lines are hard to read.
const WIDEST = 100;

export function openPage(style: Style): Page {
  // The global chalk instance uses the level of stdout, but the text may be written elsewhere.
  const chalk = new Chalk({ level: style.color ? 1 : 0 });
  return {
    // One argument each, so that they can be passed to `map`: chalk would print the index too.
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
