import type { Report, ReportValues } from '../analysis/report.ts';
import { EXIT } from '../errors.ts';
import type { Gate } from '../slo/grammar.ts';
import type { Audit } from './audit.ts';
import { judgeGate, type GateResult } from './gate.ts';

export interface Verdict {
  status: 'pass' | 'fail' | 'invalid' | 'none' | 'interrupted';
  exitCode: number;
  gates: GateResult[];
  /** What to do where nothing was decided, one sentence. */
  hint: string | null;
}

export interface JudgeOptions {
  /** A suspect run counts as an invalid one. */
  strict: boolean;
  /** Judging a recorded run again: that it was interrupted decides nothing any more. */
  again?: boolean;
}

const EXIT_OF: Record<Verdict['status'], number> = {
  pass: EXIT.ok,
  none: EXIT.ok,
  fail: EXIT.missed,
  invalid: EXIT.invalid,
  interrupted: EXIT.interrupted,
};

/** Whether the run passed its gates. Invalid comes before everything, then an interrupt, then the gates. */
export function judge(
  report: Report,
  values: ReportValues,
  audit: Pick<Audit, 'status'>,
  gates: readonly Gate[],
  options: JudgeOptions,
): Verdict {
  const results = gates.map((gate) => judgeGate(gate, report, values));
  const status = statusOf(report, audit, results, options);
  // goodput could not do its work: no verdict, however it reads, is what the process ends with.
  const failed =
    report.run.status === 'failed' && report.run.stopped_by !== 'endpoint' && options.again !== true;
  const exitCode = failed ? EXIT.failure : EXIT_OF[status];
  return { status, exitCode, gates: results, hint: hintOf(report, status) };
}

function statusOf(
  report: Report,
  audit: Pick<Audit, 'status'>,
  results: readonly GateResult[],
  options: JudgeOptions,
): Verdict['status'] {
  // A run that a gate ended is decided: the gate fails by what was measured, and the rest could not have changed that. An endpoint
  // that answers no request leaves nothing to judge.
  const { status: end, stopped_by } = report.run;
  if (stopped_by === 'endpoint') return 'invalid';
  const stopped = end === 'interrupted' && stopped_by === 'gate';
  const interrupted = end !== 'complete' && !stopped && options.again !== true;
  // Cut before anything could be judged: there is no number that could be wrong, and the user knows why.
  if (interrupted && report.counts.judged === 0) return 'interrupted';
  if (audit.status === 'invalid' || (options.strict && audit.status === 'suspect')) return 'invalid';
  if (interrupted) return 'interrupted';
  if (results.length === 0) return 'none';
  return results.every((result) => result.pass) ? 'pass' : 'fail';
}

function hintOf(report: Report, status: Verdict['status']): string | null {
  if (status !== 'none' || report.slo === null) return null;
  return 'Objectives without a gate decide nothing: add one, like --gate "attainment >= 90%".';
}
