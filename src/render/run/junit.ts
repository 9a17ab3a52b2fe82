import type { GateResult } from '../../verdict/gate.ts';
import { judgedBy } from './gates.ts';
import { OUTCOME, unfinished } from './headline.ts';
import { type Case, junitDocument, type Suite } from '../writers/junit-suite.ts';
import { simulatedName } from '../layout/simulated.ts';
import type { Judged } from './text.ts';

/**
 * Returns JUnit XML: a suite per run, a case per gate, and cases that the run is valid and complete, which are errors and not
 * failures. It fails exactly if the exit code is not 0.
 */
export const renderJunit = (runs: readonly Judged[]): string => junitDocument(runs.map(suiteOf));

const suiteOf = (judged: Judged): Suite => ({
  name: judged.report.run.name + simulatedName(judged.report.endpoint),
  started: judged.report.run.startedAt,
  seconds: judged.report.load.window_s,
  cases: casesOf(judged),
  properties: properties(judged),
});

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
  // An interruption does not matter when a recorded run is judged again.
  if (early !== null && (verdict.status === 'interrupted' || report.run.status === 'failed'))
    cases.push({ name: 'the run is complete', problem: { kind: 'error', message: early }, output: '' });
  return cases;
}

function gateCase(gate: GateResult): Case {
  const output = judgedBy(gate);
  return {
    name: gate.gate,
    problem: gate.pass ? null : { kind: 'failure', message: `${gate.gate}: ${output}` },
    output,
  };
}

/** Returns the properties of the suite: identity, verdict and rates of the run. */
function properties({ report, audit, verdict }: Judged): Suite['properties'] {
  const { run, endpoint, rates, counts } = report;
  return [
    ['id', run.id],
    ['run', run.dir],
    ['url', endpoint.url],
    ['model', endpoint.model],
    ['simulated', String(endpoint.simulated)],
    ['verdict', verdict.status],
    ['exit_code', verdict.exitCode],
    ['audit', audit.status],
    ['steady_state', audit.steady?.state ?? null],
    ['judged', counts.judged],
    ...Object.entries(rates),
  ];
}
