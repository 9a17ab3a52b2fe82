import type { Verdict } from '../../verdict/judge.ts';
import { annotation, type Level } from '../writers/annotation.ts';
import { clean } from '../layout/clean.ts';
import { judgedBy } from './gates.ts';
import { OUTCOME, unfinished } from './headline.ts';
import { simulatedName } from '../layout/simulated.ts';
import type { Judged } from './text.ts';

const LEVEL: Record<Verdict['status'], Level> = {
  pass: 'notice',
  none: 'notice',
  fail: 'error',
  invalid: 'error',
  interrupted: 'error',
};

/**
 * Annotations of GitHub's workflows: the verdict, each missed gate as an error, each doubt as a warning.
 */
export function renderGithub({ report, audit, verdict }: Judged): string {
  const name = clean(report.run.name);
  const early = unfinished(report, { unicode: true });
  const outcome = `${OUTCOME[verdict.status](verdict, audit)} (exit ${verdict.exitCode})`;
  const level = report.run.status === 'failed' ? 'error' : LEVEL[verdict.status];
  const lines = [
    annotation(
      level,
      `goodput: ${name}${simulatedName(report.endpoint)}`,
      early === null ? outcome : `${outcome}. ${early}`,
    ),
  ];
  for (const gate of verdict.gates) {
    if (gate.pass && gate.uncertain !== true) continue;
    const told = `${gate.gate}: ${judgedBy(gate)}`;
    lines.push(annotation(gate.pass ? 'warning' : 'error', `${name}: gate`, told));
  }
  for (const { level: doubt, text, advice } of audit.reasons)
    lines.push(
      annotation(doubt === 'invalid' ? 'error' : 'warning', `${name}: self-audit`, `${text} ${advice}`),
    );
  for (const finding of audit.findings) lines.push(annotation('warning', `${name}: finding`, finding));
  return lines.join('');
}
