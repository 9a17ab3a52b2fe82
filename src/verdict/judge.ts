import type { GroupAnalyses } from '../analysis/groups.ts';
import type { Report, ReportValues } from '../analysis/report.ts';
import { EXIT } from '../errors.ts';
import type { Gate } from '../slo/grammar.ts';
import type { Audit } from './audit.ts';
import { judgeGate, type GateResult, withoutGroup } from './gate.ts';

/** The verdict on a run, with the result of each gate. */
export interface Verdict {
  status: 'pass' | 'fail' | 'invalid' | 'none' | 'interrupted';
  exitCode: number;
  gates: GateResult[];
  /** Advice if no gate was declared, one sentence. */
  hint: string | null;
}

export interface JudgeOptions {
  /** Treats a suspect run as invalid. */
  strict: boolean;
  /** True for a recorded run that is judged again: an interrupt does not decide its verdict. */
  again?: boolean;
  /** The groups that gates name. */
  groups?: GroupAnalyses | undefined;
}

const EXIT_OF: Record<Verdict['status'], number> = {
  pass: EXIT.ok,
  none: EXIT.ok,
  fail: EXIT.missed,
  invalid: EXIT.invalid,
  interrupted: EXIT.interrupted,
};

/** Judges a run by its gates. An invalid run overrides an interrupt, which overrides the gates. */
export function judge(
  report: Report,
  values: ReportValues,
  audit: Pick<Audit, 'status'>,
  gates: readonly Gate[],
  options: JudgeOptions,
): Verdict {
  const results = gates.map((gate) => resultOf(gate, report, values, options.groups));
  const status = statusOf(report, audit, results, options);
  // If goodput failed, the exit code reports that, whatever the verdict is.
  const failed =
    report.run.status === 'failed' && report.run.stopped_by !== 'endpoint' && options.again !== true;
  const exitCode = failed ? EXIT.failure : EXIT_OF[status];
  return { status, exitCode, gates: results, hint: hintOf(report, status) };
}

function resultOf(
  gate: Gate,
  report: Report,
  values: ReportValues,
  groups: GroupAnalyses | undefined,
): GateResult {
  if (gate.group === undefined) return judgeGate(gate, report, values);
  if (groups === undefined) return withoutGroup(gate, 'groups were not analysed');
  const found = groups.analysisOf(gate.group);
  return found === null
    ? withoutGroup(gate, groups.whyEmpty(gate.group))
    : judgeGate(gate, found.report, found.values);
}

function statusOf(
  report: Report,
  audit: Pick<Audit, 'status'>,
  results: readonly GateResult[],
  options: JudgeOptions,
): Verdict['status'] {
  // A run that a gate stopped is decided: the gate fails by what was measured, and the rest could not have changed that. If the
  // endpoint answered no request, there is nothing to judge.
  const { status: end, stopped_by } = report.run;
  if (stopped_by === 'endpoint') return 'invalid';
  const stopped = end === 'interrupted' && stopped_by === 'gate';
  const interrupted = end !== 'complete' && !stopped && options.again !== true;
  // If it was interrupted before any request was judged, there is no figure that could be wrong.
  if (interrupted && report.counts.judged === 0) return 'interrupted';
  if (audit.status === 'invalid' || (options.strict && audit.status === 'suspect')) return 'invalid';
  if (results.some((result) => result.invalid === true)) return 'invalid';
  if (interrupted) return 'interrupted';
  if (results.length === 0) return 'none';
  return results.every((result) => result.pass) ? 'pass' : 'fail';
}

function hintOf(report: Report, status: Verdict['status']): string | null {
  if (status !== 'none' || report.slo === null) return null;
  return 'SLOs without a gate do not decide the verdict: add one, like --gate "attainment >= 90%".';
}
