import { EXIT, GoodputError } from '../../errors.ts';
import type { RunMode } from '../../measure/carry-out.ts';
import { measureRounds } from '../../multi-run/rounds.ts';
import { COMPARISONS } from '../../render/exporters.ts';
import { quote } from '../../render/layout/quote.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { Rounds } from '../../scenario/runs.ts';
import type { Io } from '../console/io.ts';
import { openOutputs } from '../console/outputs.ts';
import { stopOfRuns, withRunHooks } from '../console/run-hooks.ts';
import { assertAgainstNamed } from './named-endpoint.ts';

/**
 * Measures rounds of several endpoints and reports their comparison.
 * @returns the exit code of the comparison; 105 if it was interrupted
 * @throws {GoodputError} kind `usage` before anything is sent; other kinds if goodput could not do its work
 */
export async function runRounds(rounds: Rounds, flags: Flags, mode: RunMode, io: Io): Promise<number> {
  const conflicting = (['gate', 'slo-grid', 'plots', 'audit-truth', 'fail-fast'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (conflicting !== undefined)
    throw new GoodputError('usage', `--${conflicting} cannot be combined with a comparison of endpoints`, {
      hint: `omit it, and use it with goodput report on a run of the folder`,
    });
  const { resolved } = rounds.endpoints[0];
  assertAgainstNamed(flags, rounds.endpoints.at(-1)!.resolved);
  const outputs = await openOutputs(flags, COMPARISONS, io);
  try {
    const { dir, comparison } = await withRunHooks(flags, io, stopOfRuns(resolved.scenario), (hooks) =>
      measureRounds(rounds, mode, hooks),
    );
    if ('missing' in comparison) {
      io.stderr.write(`interrupted: ${comparison.missing}; the same command with --out ${dir} resumes it\n`);
      return EXIT.interrupted;
    }
    await outputs.write(comparison, io, `goodput compare ${quote(dir)}`);
    return comparison.compared.verdict.exitCode;
  } finally {
    await outputs.close();
  }
}
