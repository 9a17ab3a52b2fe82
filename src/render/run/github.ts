import { exitWords } from '../../verdict/exits.ts';
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

/** Returns annotations for a GitHub workflow: the verdict, each failed gate and invalid reason as an error, the rest as warnings. */
export function renderGithub({ report, audit, verdict, exits }: Judged): string {
  const name = clean(report.run.name);
  const early = unfinished(report, { unicode: true });
  const outcome = `${OUTCOME[verdict.status](verdict, audit)}${exitWords(verdict, exits)}`;
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
    const message = `${gate.gate}: ${judgedBy(gate)}`;
    lines.push(annotation(gate.pass ? 'warning' : 'error', `${name}: gate`, message));
  }
  for (const { level: severity, text, advice } of audit.reasons)
    lines.push(
      annotation(severity === 'invalid' ? 'error' : 'warning', `${name}: audit`, `${text} ${advice}`),
    );
  for (const { text } of audit.findings) lines.push(annotation('warning', `${name}: finding`, text));
  return lines.join('');
}
