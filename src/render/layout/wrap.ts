import { stripVTControlCharacters } from 'node:util';

const ASCII = /^[ -~]*$/;
const ZERO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** East Asian wide and fullwidth blocks (UAX #11), and emoji with emoji presentation. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]/u;

function characterWidth(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Returns the columns that a text takes on a terminal; colour codes take none. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += characterWidth(character);
  return width;
}

/** Returns the longest prefix of an uncoloured text within `width` columns, and the rest. */
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

/** Returns an uncoloured text cut to `width` columns, ending with the ellipsis if it was cut. */
export function truncate(text: string, width: number, ellipsis: string): string {
  if (displayWidth(text) <= width) return text;
  return splitAt(text, Math.max(0, width - ellipsis.length))[0].trimEnd() + ellipsis;
}

/** Matches a space, except one between a number and its unit. */
const BREAK = / (?!(?<=\d )(?:ms|s|min|h|pp|req\/s|req\/min|tok\/s)(?![\w/]))/;

/**
 * Returns a text wrapped at its spaces into lines of at most `width` columns, never between a number and its unit. A word that is
 * longer than a line is broken anywhere, so it must not be coloured; with `whole` it has a line of its own instead.
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
