import type { FilterDocument, RuleResult } from '../../dataset/filter/filter.ts';
import { clean } from '../layout/clean.ts';
import { count, plural } from '../../numbers.ts';
import { entry, hanging } from '../layout/layout.ts';
import { openPage, type Style } from '../layout/style.ts';

/** Returns what a filter did, as text. */
export function renderFilter(
  { sessions, kept, removed, rules, cleaned }: FilterDocument,
  style: Style,
): string {
  const page = openPage(style);
  const list = (label: string, results: readonly RuleResult[], verb: string): string[] =>
    results.flatMap(({ rule, sessions, examples }, at) => [
      ...entry(at === 0 ? label : '', `${clean(rule)}: ${verb} ${plural(sessions, 'session')}`, page),
      ...examples.flatMap((example) => hanging(' '.repeat(14), clean(example) || '(empty)', page)),
    ]);
  return `${[
    ...entry('Sessions', `${count(sessions)} read, ${count(kept)} kept, ${count(removed)} removed`, page),
    ...list('Rules', rules, 'matched'),
    ...list('Repairs', cleaned, 'changed'),
  ].join('\n')}\n`;
}
