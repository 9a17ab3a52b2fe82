import Table from 'cli-table3';
import type { Page } from './style.ts';
import { displayWidth, wrap } from './wrap.ts';

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
