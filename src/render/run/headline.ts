import type { Report } from '../../analysis/report.ts';
import type { Audit } from '../../verdict/audit.ts';
import type { GateResult } from '../../verdict/gate.ts';
import { exitWords } from '../../verdict/exits.ts';
import type { Verdict } from '../../verdict/judge.ts';
import { clean, sentence } from '../layout/clean.ts';
import { count, plural } from '../../numbers.ts';
import { hanging } from '../layout/layout.ts';
import { truncate } from '../layout/wrap.ts';
import { simulatedWord } from '../layout/simulated.ts';
import type { Ink, Page } from '../layout/style.ts';
import type { Judged } from './text.ts';

const BADGE: Record<Verdict['status'], readonly [words: string, ink: keyof Ink]> = {
  pass: ['PASS', 'good'],
  fail: ['FAIL', 'bad'],
  invalid: ['INVALID', 'bad'],
  none: ['NO GATES', 'strong'],
  interrupted: ['INTERRUPTED', 'warn'],
};

const LONGEST_NAME = 40;

/** Returns the verdict in one line, and below it why the run ended early, or how to get a verdict. */
export function headline({ report, audit, verdict, exits }: Judged, page: Page): string[] {
  const [words, ink] = BADGE[verdict.status];
  const name = truncate(clean(report.run.name), LONGEST_NAME, page.signs.ellipsis);
  const text = `${simulatedWord(report.endpoint, page)}${page.ink.strong(name)}: ${OUTCOME[verdict.status](verdict, audit)}${exitWords(verdict, exits)}`;
  const lines = hanging(`${page.ink[ink](words)}  `, text, page);
  const early = unfinished(report, page);
  if (early !== null) lines.push(...hanging('  ', early, page).map(page.ink.warn));
  const hint = verdict.status === 'none' ? (verdict.hint ?? NO_SLO) : verdict.hint;
  if (hint !== null)
    lines.push(...hanging('  hint: ', sentence(hint, page.unicode), page).map(page.ink.faint));
  return lines;
}

const NO_SLO =
  'Define a good request, such as --slo "ttft<=200ms,tpot<=100ms", and goodput counts good requests.';

/** The verdict as text that follows the run's name. */
export const OUTCOME: Record<Verdict['status'], (verdict: Verdict, audit: Pick<Audit, 'status'>) => string> =
  {
    pass: ({ gates }) =>
      gates.length === 1 ? 'its gate passed' : `all ${plural(gates.length, 'gate')} passed`,
    fail: ({ gates }) => failed(gates),
    invalid: ({ gates }, audit) =>
      audit.status === 'invalid'
        ? 'do not trust these numbers'
        : gates.some(({ invalid }) => invalid === true)
          ? 'a gate is on an impossible figure'
          : 'suspect, which --strict treats as invalid',
    none: () => 'no gates declared',
    interrupted: () => 'stopped early',
  };

function failed(gates: readonly GateResult[]): string {
  const inconclusive = gates.filter((gate) => gate.inconclusive === true).length;
  const missed = gates.filter((gate) => !gate.pass).length - inconclusive;
  if (gates.length === 1)
    return inconclusive === 1 ? 'its gate is inconclusive, which fails' : 'its gate failed';
  const of = plural(gates.length, 'gate');
  if (inconclusive === 0) return `${count(missed)} of ${of} failed`;
  return missed === 0
    ? `${count(inconclusive)} of ${of} inconclusive, which fails`
    : `${count(missed)} of ${of} failed, ${count(inconclusive)} inconclusive`;
}

const UNFINISHED: Record<Exclude<Report['run']['status'], 'complete'>, string> = {
  interrupted: 'The run was interrupted',
  failed: 'The run failed',
  running: 'The run did not end properly: it was killed, or is still running',
};

/** Returns why the numbers cover less than was planned; `null` for a complete run. */
export function unfinished({ run }: Report, page: Pick<Page, 'unicode'>): string | null {
  // The audit says why an unusable endpoint ended the run, and what to do.
  if (run.status === 'complete' || run.stopped_by === 'endpoint') return null;
  const reason = sentence(run.reason ?? '', page.unicode);
  const words = run.stopped_by === 'gate' ? 'The run ended early' : UNFINISHED[run.status];
  return `${words}${reason === '' ? '' : ` (${reason})`}; the numbers cover only the part that ran.`;
}
