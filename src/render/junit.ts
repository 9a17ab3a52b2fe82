import type { GateResult } from '../verdict/gate.ts';
import { judgedBy } from './gates.ts';
import { OUTCOME, unfinished } from './headline.ts';
import { xmlText } from './markup.ts';
import type { Judged } from './text.ts';

type Kind = 'failure' | 'error';

interface Case {
  name: string;
  /** `error`: nothing was decided. */
  problem: { kind: Kind; message: string } | null;
  /** What a green case has to say. */
  output: string;
}

/**
 * JUnit's XML, as CI servers read it: a suite per run, a case per gate, and cases that the run is valid and complete, which
 * are errors and not failures where they do not hold. Red wherever the exit code is not 0.
 */
export function renderJunit(runs: readonly Judged[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="goodput">\n${runs.map(suite).join('')}</testsuites>\n`;
}

function suite(judged: Judged): string {
  const { report } = judged;
  const cases = casesOf(judged);
  const having = (kind: Kind): number => cases.filter(({ problem }) => problem?.kind === kind).length;
  const time = report.load.window_s.toFixed(3);
  const name = xmlText(report.run.name);
  const attributes = [
    `name="${name}"`,
    `tests="${cases.length}"`,
    `failures="${having('failure')}"`,
    `errors="${having('error')}"`,
    'skipped="0"',
    `timestamp="${xmlText(report.run.startedAt.replace(/(\.\d+)?Z$/, ''))}"`,
    `time="${time}"`,
  ];
  const body = cases.map((each) => testCase(each, `goodput.${name}`)).join('');
  return `  <testsuite ${attributes.join(' ')}>\n${properties(judged)}${body}  </testsuite>\n`;
}

function casesOf({ report, audit, verdict }: Judged): Case[] {
  const invalid = verdict.status === 'invalid';
  const reasons = audit.reasons.map(({ text, advice }) => `${text} ${advice}`).join(' ');
  const outcome = OUTCOME.invalid(verdict, audit);
  const early = unfinished(report, { unicode: true });
  const cases: Case[] = [
    {
      name: 'the run is valid',
      problem: invalid ? { kind: 'error', message: `${outcome}. ${reasons}`.trim() } : null,
      output: reasons,
    },
    ...verdict.gates.map(gateCase),
  ];
  // That it was interrupted decides nothing where a recorded run is judged again.
  if (early !== null && (verdict.status === 'interrupted' || report.run.status === 'failed'))
    cases.push({ name: 'the run is complete', problem: { kind: 'error', message: early }, output: '' });
  return cases;
}

function gateCase(gate: GateResult): Case {
  const told = judgedBy(gate);
  return {
    name: gate.gate,
    problem: gate.pass ? null : { kind: 'failure', message: `${gate.gate}: ${told}` },
    output: told,
  };
}

function testCase({ name, problem, output }: Case, classname: string): string {
  const open = `    <testcase name="${xmlText(name)}" classname="${classname}" time="0"`;
  if (problem !== null) {
    const text = xmlText(problem.message);
    return `${open}>\n      <${problem.kind} message="${text}">${text}</${problem.kind}>\n    </testcase>\n`;
  }
  return output === ''
    ? `${open}/>\n`
    : `${open}>\n      <system-out>${xmlText(output)}</system-out>\n    </testcase>\n`;
}

/** What a reader of the build wants beside the cases. */
function properties({ report, audit, verdict }: Judged): string {
  const { run, endpoint, rates, counts } = report;
  const all: [string, string | number | null][] = [
    ['id', run.id],
    ['run', run.dir],
    ['url', endpoint.url],
    ['model', endpoint.model],
    ['simulated', String(endpoint.simulated)],
    ['verdict', verdict.status],
    ['exit_code', verdict.exitCode],
    ['audit', audit.status],
    ['judged', counts.judged],
    ...Object.entries(rates),
  ];
  const lines = all.flatMap(([name, value]) =>
    value === null ? [] : [`      <property name="${xmlText(name)}" value="${xmlText(String(value))}"/>\n`],
  );
  return `    <properties>\n${lines.join('')}    </properties>\n`;
}
