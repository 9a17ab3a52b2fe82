import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import type { Page } from './style.ts';

const ZERO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** East Asian wide and fullwidth blocks (UAX #11), and pictures shown as such by default. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

function characterWidth(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Columns that a text takes on a terminal; colour codes take none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += characterWidth(character);
  return width;
}

/** The longest beginning of an uncoloured text within `width` columns, and the rest. */
function splitAt(text: string, width: number): [string, string] {
  let taken = 0;
  let at = 0;
  for (const character of text) {
    taken += characterWidth(character);
    if (taken > width) break;
    at += character.length;
  }
  return [text.slice(0, at), text.slice(at)];
}

/** Cuts an uncoloured text to `width` columns, the cut marked. */
export function truncate(text: string, width: number, ellipsis: string): string {
  if (displayWidth(text) <= width) return text;
  return splitAt(text, Math.max(0, width - ellipsis.length))[0].trimEnd() + ellipsis;
}

/** A space, but not one between a number and its unit. */
const BREAK = / (?!(?<=\d )(?:ms|s|min|h|pp|req\/s|req\/min|tok\/s)(?![\w/]))/;

/**
 * Breaks a text at its spaces into lines of at most `width` columns, never between a number and its unit. A word that is longer than a line is
 * broken anywhere, so such a word must carry no colour; with `whole` it stays whole, in a line of its own.
 */
export function wrap(text: string, width: number, { whole = false } = {}): string[] {
  const most = whole ? Infinity : width;
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const each of text.split(BREAK)) {
    let word = each;
    let size = displayWidth(word);
    if (line !== '' && used + 1 + size <= width) {
      line += ` ${word}`;
      used += 1 + size;
      continue;
    }
    if (line !== '') lines.push(line);
    while (size > most) {
      const [head, rest] = splitAt(word, width);
      lines.push(head);
      word = rest;
      size = displayWidth(word);
    }
    line = word;
    used = size;
  }
  lines.push(line);
  return lines;
}

/** Wraps below a first line that begins with `lead`; the others are indented by as much. An empty text takes no line. */
export function hanging(lead: string, text: string, page: Page): string[] {
  if (text === '') return [];
  const indent = displayWidth(lead);
  return wrap(text, page.width - indent).map((line, i) => (i === 0 ? lead : ' '.repeat(indent)) + line);
}

const LABEL_WIDTH = 12;

/** `Label       text`, the text wrapped beside its label. An empty label continues the one above. */
export function entry(label: string, text: string, page: Page): string[] {
  return hanging(page.ink.strong(label) + ' '.repeat(LABEL_WIDTH - label.length), text, page);
}

const BORDERLESS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
    .map((name) => [name, '']),
);

/** Aligned columns, two spaces apart, without borders: it reads the same on a terminal, in a pipe and in a mail. */
export function columns(
  rows: readonly (readonly string[])[],
  aligns: readonly ('left' | 'right')[],
): string[] {
  const table = new Table({
    chars: { ...BORDERLESS, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: [...aligns],
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

/** The width of a table of `columns`, its cells unwrapped. */
const tableWidth = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);

const GAP = 2;
const NO_BREAK = '\u00a0';

/**
 * Aligned columns within `width`: columns are left out in the order of `expendable`, by their heads, until the others fit beside the longest
 * mark of the last column, whose marks are wrapped at their commas. No other cell is ever wrapped. A line below names what was left out, and says
 * where it is: `elsewhere`.
 */
export function columnsWithin(
  rows: readonly (readonly string[])[],
  aligns: readonly ('left' | 'right')[],
  {
    width,
    expendable,
    elsewhere = '--format csv has them',
  }: { width: number; expendable: readonly string[]; elsewhere?: string },
): string[] {
  const [head = []] = rows;
  const last = head.length - 1;
  const widest = (at: number): number => Math.max(...rows.map((cells) => displayWidth(cells[at]!)));
  // `wrap` breaks at spaces: within a mark there is none that it knows.
  const marks = (cells: readonly string[]): string => cells[last]!.replaceAll(/(?<!,) /g, NO_BREAK);
  const longest = Math.max(...rows.flatMap((cells) => marks(cells).split(' ').map(displayWidth)));
  const order = expendable.map((name) => head.indexOf(name)).filter((at) => at >= 0);
  const out: number[] = [];
  const kept = (): number[] => head.map((_, at) => at).filter((at) => !out.includes(at));
  const others = (): number[] =>
    kept()
      .filter((at) => at !== last)
      .map(widest);
  for (const at of order) {
    if (tableWidth([...others(), longest]) <= width) break;
    out.push(at);
  }
  const room = Math.max(1, longest, width - tableWidth(others()) - GAP);
  const shown = kept();
  const lines = columns(
    rows.map((cells) =>
      shown.map((at) =>
        at === last ? wrap(marks(cells), room).join('\n').replaceAll(NO_BREAK, ' ') : cells[at]!,
      ),
    ),
    shown.map((at) => aligns[at]!),
  );
  if (out.length === 0) return lines;
  const names = head.filter((_, at) => out.includes(at)).join(', ');
  return [...lines, ...wrap(`Not shown at this width: ${names} (${elsewhere}).`, width)];
}
