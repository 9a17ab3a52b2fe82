import Table from 'cli-table3';
import type { Page } from './style.ts';
import { displayWidth, wrap } from './wrap.ts';

/** Returns wrapped lines of which the first begins with `lead` and the others are indented by its width. An empty text has no lines. */
export function hanging(lead: string, text: string, page: Page): string[] {
  if (text === '') return [];
  const indent = displayWidth(lead);
  return wrap(text, page.width - indent).map((line, i) => (i === 0 ? lead : ' '.repeat(indent)) + line);
}

const LABEL_WIDTH = 12;

/** Returns `Label       text`, with the text wrapped next to its label. An empty label continues the entry above. */
export function entry(label: string, text: string, page: Page): string[] {
  return hanging(page.ink.strong(label) + ' '.repeat(LABEL_WIDTH - label.length), text, page);
}

const BORDERLESS = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'])
    .map((name) => [name, '']),
);

/** Returns aligned columns with two spaces between them, without borders. */
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

/** Returns the width of a table without wrapped cells. */
const tableWidth = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);

const GAP = 2;
const NO_BREAK = '\u00a0';

/**
 * Returns aligned columns within `width`. Columns are omitted in the order of `expendable`, by their heads, until the others fit
 * next to the longest remark of the last column, which is wrapped at its commas. No other cell is wrapped. A line below names the
 * omitted columns, and where to find them (`elsewhere`).
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
  // `wrap` breaks at spaces, so the spaces within a remark are replaced.
  const remarks = (cells: readonly string[]): string => cells[last]!.replaceAll(/(?<!,) /g, NO_BREAK);
  const longest = Math.max(...rows.flatMap((cells) => remarks(cells).split(' ').map(displayWidth)));
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
        at === last ? wrap(remarks(cells), room).join('\n').replaceAll(NO_BREAK, ' ') : cells[at]!,
      ),
    ),
    shown.map((at) => aligns[at]!),
  );
  if (out.length === 0) return lines;
  const names = head.filter((_, at) => out.includes(at)).join(', ');
  return [...lines, ...wrap(`Not shown at this width: ${names} (${elsewhere}).`, width)];
}
