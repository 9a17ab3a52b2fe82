import type { Verdict } from '../verdict/judge.ts';
import { clean } from './clean.ts';
import { judgedBy } from './gates.ts';
import { OUTCOME, unfinished } from './headline.ts';
import type { Judged } from './text.ts';

type Level = 'error' | 'warning' | 'notice';

const LEVEL: Record<Verdict['status'], Level> = {
  pass: 'notice',
  none: 'notice',
  fail: 'error',
  invalid: 'error',
  interrupted: 'error',
};

/**
 * Annotations of GitHub's workflows: the verdict, each missed gate as an error, each doubt as a warning. They are commands
 * on stdout, so texts of others are escaped as GitHub's own toolkit does it.
 */
export function renderGithub({ report, audit, verdict }: Judged): string {
  const name = clean(report.run.name);
  const early = unfinished(report, { unicode: true });
  const outcome = `${OUTCOME[verdict.status](verdict, audit)} (exit ${verdict.exitCode})`;
  const level = report.run.status === 'failed' ? 'error' : LEVEL[verdict.status];
  const lines = [command(level, `goodput: ${name}`, early === null ? outcome : `${outcome}. ${early}`)];
  for (const gate of verdict.gates) {
    if (gate.pass && gate.uncertain !== true) continue;
    const told = `${gate.gate}: ${judgedBy(gate)}`;
    lines.push(command(gate.pass ? 'warning' : 'error', `${name}: gate`, told));
  }
  for (const { level: doubt, text, advice } of audit.reasons)
    lines.push(
      command(doubt === 'invalid' ? 'error' : 'warning', `${name}: self-audit`, `${text} ${advice}`),
    );
  for (const finding of audit.findings) lines.push(command('warning', `${name}: finding`, finding));
  return lines.join('');
}

const command = (level: Level, title: string, message: string): string =>
  `::${level} title=${property(clean(title))}::${data(clean(message))}\n`;

const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
