import { carryOutBatch } from '../../batch/carry-out-batch.ts';
import { Pauses } from '../../batch/pauses.ts';
import { EXIT, GoodputError } from '../../errors.ts';
import { renderError } from '../../render/error-text.ts';
import { BATCHES } from '../../render/exporters.ts';
import { styleOf } from '../../render/layout/style.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { resolveSingleRun } from '../../scenario/runs.ts';
import { expectationText, parseCount, parseSize } from '../../units.ts';
import { fitted } from '../console/fitted.ts';
import type { Io } from '../console/io.ts';
import { openOutputs } from '../console/outputs.ts';
import { openStatusWriter } from '../console/status-writer.ts';
import { onStopSignals } from '../console/stop-signals.ts';
import { assertEndpointNamed } from './named-endpoint.ts';
import { scenarioSources } from './scenario-sources.ts';

/**
 * `goodput batch`: carries out a scenario through the Batch API, or continues it, and reports it.
 * @returns the exit code
 * @throws {GoodputError} before anything is uploaded
 */
export async function batchCommand(
  path: string | null,
  own: Readonly<Record<string, unknown>>,
  flags: Flags,
  io: Io,
): Promise<number> {
  const run = resolveSingleRun(await scenarioSources(path, flags, io));
  assertEndpointNamed(run.resolved, flags, io.env);
  const limits = {
    ...sizeFrom('batch-requests', own['batch-requests'], parseCount, 'requests'),
    ...sizeFrom('batch-bytes', own['batch-bytes'], parseSize, 'bytes'),
  };
  const outputs = await openOutputs(flags, BATCHES, io);
  const { warn, say, progress } = openStatusWriter(flags, io);
  const pauses = new Pauses();
  let stops = 0;
  const removeHandlers = onStopSignals(() => {
    stops++;
    if (stops > 2) process.exit(EXIT.interrupted);
    warn(
      stops === 1
        ? 'interrupted: the batches continue at the endpoint (press Ctrl-C again to end the request in progress)'
        : 'interrupted again: the request in progress is ended',
    );
    pauses.request();
  });
  try {
    const { dir, status, error, summary } = await carryOutBatch(run, {
      uploadAgain: own['upload-again'] === true,
      limits,
      pauses,
      io: { say, warn },
    });
    await outputs.write(summary, io);
    if (status !== 'complete' && !run.resolved.scenario.endpoint.simulated)
      say(`To continue, repeat the command with --out ${dir}`);
    else say(`Folder: ${dir}`);
    if (error === null) return status === 'complete' ? EXIT.ok : EXIT.interrupted;
    const style = styleOf(io.stderr, io.env, { color: outputs.color });
    io.stderr.write(fitted(renderError(error, style), io.stderr));
    return error.exitCode;
  } finally {
    removeHandlers();
    progress.end();
    await outputs.close();
  }
}

/** @throws {GoodputError} kind `usage` if the option has another value than a whole number of at least 1 */
function sizeFrom<K extends string>(
  name: string,
  given: unknown,
  parse: typeof parseCount,
  key: K,
): Partial<Record<K, number>> {
  if (typeof given !== 'string') return {};
  const parsed = parse(given);
  if (parsed.ok && Number.isSafeInteger(parsed.value) && parsed.value >= 1)
    return { [key]: parsed.value } as Record<K, number>;
  const expected = parsed.ok ? 'a whole number of at least 1' : expectationText(parsed.problem);
  throw new GoodputError('usage', `--${name}: "${given}" is not ${expected}`);
}
