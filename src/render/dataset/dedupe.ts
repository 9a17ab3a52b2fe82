import type { DedupeDocument } from '../../dataset/duplicates/dedupe.ts';
import { count, plural, share, significant } from '../../numbers.ts';
import { entry } from '../layout/layout.ts';
import { openPage, type Style } from '../layout/style.ts';

const MOST_SHOWN = 5;

/**
 * Returns what was removed, as text.
 * @param missed the share of pairs at the threshold that MinHash does not find
 */
export function renderDedupe(
  document: DedupeDocument,
  { style, missed }: { style: Style; missed: number },
): string {
  const page = openPage(style);
  const { method, level, threshold, records, kept, removed, clusters, units, groups, bloom } = document;
  const lines = [
    ...entry('Compared', level === 'prefix' ? 'prefixes' : `${level}s, ${method}`, page),
    ...entry('Records', `${count(records)} read, ${count(kept)} kept, ${count(removed)} removed`, page),
  ];
  if (units !== undefined)
    lines.push(
      ...entry(
        'Units',
        `${count(units.total)} in total; removed ${count(units.inside)} that repeat one in the same record, and ${count(units.across)} that repeat one in an earlier record`,
        page,
      ),
    );
  if (bloom !== undefined)
    lines.push(
      ...entry(
        'Filter',
        `${count(bloom.bits)} bits, ${plural(bloom.hashes, 'hash function')}, made for ${count(bloom.expected)} texts; of this many, about ${significant(bloom.expected_false)} are removed by mistake`,
        page,
      ),
    );
  if (threshold !== null)
    lines.push(
      ...entry(
        'Threshold',
        `Jaccard index of at least ${threshold}, exact for every pair reported; ${share(missed, 2)} of pairs at the threshold are missed`,
        page,
      ),
    );
  if (clusters !== undefined)
    lines.push(
      ...list(
        'Clusters',
        clusters,
        ({ kept, removed }) => `record ${kept} is kept, ${named(removed)} removed`,
      ),
    );
  if (groups !== undefined)
    lines.push(
      ...list(
        'Groups',
        groups,
        ({ tokens, records }) => `${count(tokens)} tokens shared by ${named(records)}`,
      ),
    );
  return `${lines.join('\n')}\n`;

  function list<T>(label: string, all: readonly T[], text: (each: T) => string): string[] {
    const more = all.length - MOST_SHOWN;
    return [
      ...entry(label, all.length === 0 ? 'none' : `${count(all.length)} (records are numbered from 0)`, page),
      ...all.slice(0, MOST_SHOWN).flatMap((each) => entry('', text(each), page)),
      ...(more > 0 ? entry('', `and ${count(more)} more (--json lists all)`, page) : []),
    ];
  }
}

function named(records: readonly number[]): string {
  const more = records.length - MOST_SHOWN;
  return `${records.slice(0, MOST_SHOWN).join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`;
}
