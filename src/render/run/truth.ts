import type { ComparedCount, InstantErrors, TruthAudit } from '../../analysis/truth-audit.ts';
import { count, significant } from '../../numbers.ts';
import { columns, entry } from '../layout/layout.ts';
import type { Page } from '../layout/style.ts';

const WHAT: readonly (readonly [keyof TruthAudit['errors'], string])[] = [
  ['sent', 'send, before its arrival'],
  ['headers', 'headers, after their write'],
  ['events', 'events, after their write'],
  ['written', 'the simulator’s own lateness'],
];

/** Returns how a run of the simulated endpoint differs from the endpoint's truth log. */
export function truth(found: TruthAudit, page: Page): string[] {
  const verdict = found.agrees
    ? page.ink.good('all counts and outcomes agree, and nothing was recorded before it happened')
    : page.ink.bad('what was recorded differs from what happened');
  const lines = entry('Truth', `${count(found.matched)} requests matched: ${verdict}`, page);
  if (!found.whole) lines.push(...entry('', 'the truth log was not closed: its end may be missing', page));
  lines.push(
    ...columns(
      [
        ['  difference in ms', 'p50', 'p99', 'max', 'early'],
        ...WHAT.map(([name, what]) => row(`  ${what}`, found.errors[name], page)),
      ],
      ['left', 'right', 'right', 'right', 'right'],
    ),
  );
  const all = { ...found.counts, ...found.outcomes };
  const differing = Object.entries(all).filter(([, { measured, truth: real }]) => measured !== real);
  for (const [name, sums] of differing) lines.push(...entry('', `${name}: ${both(sums)}`, page));
  const { output_tokens, cached_tokens, preemptions } = found.counts;
  lines.push(
    ...entry(
      '',
      `${count(output_tokens.truth)} output tokens, ${count(cached_tokens.truth)} cached, ${count(preemptions.truth)} preemptions; ` +
        Object.entries(found.outcomes)
          .map(([name, sums]) => `${name} ${count(sums.truth)}`)
          .join(', '),
      page,
    ),
  );
  return lines;
}

function row(label: string, { p50, p99, max, early }: InstantErrors, page: Page): string[] {
  const shown = (ms: number | null): string => (ms === null ? page.signs.none : significant(ms));
  return [label, shown(p50), shown(p99), shown(max), count(early)];
}

const both = ({ measured, truth: real }: ComparedCount): string =>
  `measured ${count(measured)}, true ${count(real)}`;
