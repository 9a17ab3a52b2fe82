import type { Report } from '../../analysis/report.ts';
import { EXIT } from '../../errors.ts';
import type { Audit } from '../../verdict/audit.ts';
import type { GateResult } from '../../verdict/gate.ts';
import type { Verdict } from '../../verdict/judge.ts';
import { clean, sentence } from '../layout/clean.ts';
import { count, plural } from '../layout/format.ts';
import { hanging } from '../layout/layout.ts';
import { truncate } from '../layout/wrap.ts';
import { simulatedWord } from '../layout/simulated.ts';
import type { Ink, Page } from '../layout/style.ts';

const BADGE: Record<Verdict['status'], readonly [words: string, ink: keyof Ink]> = {
  pass: ['PASS', 'good'],
  fail: ['FAIL', 'bad'],
  invalid: ['INVALID', 'bad'],
  none: ['NO GATES', 'strong'],
  interrupted: ['INTERRUPTED', 'warn'],
};

const LONGEST_NAME = 40;

/** The verdict in one line; below it why the run ended early, or how to get a verdict. */
export function headline(report: Report, audit: Audit, verdict: Verdict, page: Page): string[] {
  const [words, ink] = BADGE[verdict.status];
  const name = truncate(clean(report.run.name), LONGEST_NAME, page.signs.ellipsis);
  // The verdict of a recorded run that goodput could not finish is not what the process ended with.
  const failed = report.run.status === 'failed' && report.run.stopped_by !== 'endpoint';
  const exit = failed && verdict.exitCode !== EXIT.failure ? '' : ` (exit ${verdict.exitCode})`;
  const text = `${simulatedWord(report.endpoint, page)}${page.ink.strong(name)}: ${OUTCOME[verdict.status](verdict, audit)}${exit}`;
  const lines = hanging(`${page.ink[ink](words)}  `, text, page);
  const early = unfinished(report, page);
  if (early !== null) lines.push(...hanging('  ', early, page).map(page.ink.warn));
  const hint = verdict.status === 'none' ? (verdict.hint ?? NO_SLO) : verdict.hint;
  if (hint !== null)
    lines.push(...hanging('  hint: ', sentence(hint, page.unicode), page).map(page.ink.faint));
  return lines;
}

const NO_SLO = 'Say what a good request is, like --slo "ttft<=200ms,tpot<=100ms", and goodput counts those.';

/** The verdict in words, to follow the run's name. */
export const OUTCOME: Record<Verdict['status'], (verdict: Verdict, audit: Pick<Audit, 'status'>) => string> =
  {
    pass: ({ gates }) => (gates.length === 1 ? 'its gate is met' : `all ${plural(gates.length, 'gate')} met`),
    fail: ({ gates }) => failed(gates),
    invalid: (_, audit) =>
      audit.status === 'invalid' ? 'do not trust these numbers' : 'suspect, which --strict makes invalid',
    none: () => 'nothing was to be decided',
    interrupted: () => 'stopped early',
  };

function failed(gates: readonly GateResult[]): string {
  const inconclusive = gates.filter((gate) => gate.inconclusive === true).length;
  const missed = gates.filter((gate) => !gate.pass).length - inconclusive;
  if (gates.length === 1)
    return inconclusive === 1 ? 'its gate is inconclusive, which fails' : 'its gate is missed';
  const of = plural(gates.length, 'gate');
  if (inconclusive === 0) return `${count(missed)} of ${of} missed`;
  return missed === 0
    ? `${count(inconclusive)} of ${of} inconclusive, which fails`
    : `${count(missed)} of ${of} missed, ${count(inconclusive)} inconclusive`;
}

const UNFINISHED: Record<Exclude<Report['run']['status'], 'complete'>, string> = {
  interrupted: 'The run was interrupted',
  failed: 'The run failed',
  running: 'The run never closed: it was killed, or is still going',
};

/** Why the numbers cover less than was planned; `null` of a complete run. */
export function unfinished({ run }: Report, page: Pick<Page, 'unicode'>): string | null {
  // The audit says why an unusable endpoint ended the run, and what to do.
  if (run.status === 'complete' || run.stopped_by === 'endpoint') return null;
  const reason = sentence(run.reason ?? '', page.unicode);
  const words = run.stopped_by === 'gate' ? 'The run was ended early' : UNFINISHED[run.status];
  return `${words}${reason === '' ? '' : ` (${reason})`}; the numbers cover what ran.`;
}
