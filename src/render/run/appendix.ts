import type { FailureClass, Report } from '../../analysis/report.ts';
import { clean, sentence } from '../layout/clean.ts';
import { count } from '../../numbers.ts';
import { entry, hanging } from '../layout/layout.ts';
import { truncate, wrap } from '../layout/wrap.ts';
import { quote } from '../layout/quote.ts';
import type { Page } from '../layout/style.ts';

const MOST_CLASSES = 8;
const MOST_NOTES = 8;
const EXAMPLE_LINES = 2;

/** Returns the failures by class, each with one example message from the server. */
export function failures({ failures: classes }: Report, page: Page): string[] {
  if (classes.length === 0) return [];
  const shown = classes.slice(0, MOST_CLASSES);
  const nameWidth = Math.max(...shown.map(({ outcome }) => outcome.length));
  const countWidth = Math.max(...shown.map((each) => count(each.count).length));
  const lines = shown.flatMap((each) => {
    const lead = `  ${page.ink.bad(each.outcome.padEnd(nameWidth))}  ${count(each.count).padStart(countWidth)}  `;
    return example(each, lead, 2 + nameWidth + 2 + countWidth + 2, page);
  });
  const rest = classes.length - shown.length;
  if (rest > 0) lines.push(`  and ${rest} more`);
  return [page.ink.strong('Failures'), ...lines];
}

function example(
  { example: message, status }: FailureClass,
  lead: string,
  indent: number,
  page: Page,
): string[] {
  const words = clean(message);
  const text = [status === null ? '' : `HTTP ${status}`, words].filter((part) => part !== '').join(': ');
  const lines = wrap(text, page.width - indent);
  const kept = lines.slice(0, EXAMPLE_LINES);
  if (lines.length > EXAMPLE_LINES) {
    const last = kept[EXAMPLE_LINES - 1]!;
    const room = page.width - indent - page.signs.ellipsis.length;
    kept[EXAMPLE_LINES - 1] = truncate(last, room, '') + page.signs.ellipsis;
  }
  return kept.map((line, i) => ((i === 0 ? lead : ' '.repeat(indent)) + line).trimEnd());
}

/** Returns the findings and notes of the run. */
export function notes(sentences: readonly string[], page: Page): string[] {
  const texts = sentences.map((text) => sentence(text, page.unicode)).filter((text) => text !== '');
  if (texts.length === 0) return [];
  const lines = texts.slice(0, MOST_NOTES).flatMap((text) => hanging(`  ${page.signs.bullet}`, text, page));
  const rest = texts.length - MOST_NOTES;
  if (rest > 0) lines.push(`  and ${rest} more in summary.json`);
  return [page.ink.strong('Notes'), ...lines];
}

/** Returns the run's folder, when it was made, and the command that shows it again. */
export function folder({ run }: Report, page: Page): string[] {
  const dir = clean(run.dir);
  const origin = `started ${clean(run.startedAt).replace(/\.\d+Z$/, 'Z')}, goodput ${clean(run.version)}`;
  if (dir === '') return entry('Run', origin, page);
  const lines = [...entry('Run', dir, page), ...entry('', origin, page)];
  // A path with characters that had to be removed would not work as an argument.
  return dir === run.dir ? [...lines, ...entry('Show again', `goodput report ${quote(dir)}`, page)] : lines;
}
