/** Compares what goodput's telemetry says about a run with the server's own counters and log, and with the samples. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, type Check, divide, readRun, type Sample } from './check.ts';
import type { ServerTiming, ServerWork } from './server-view.ts';

interface Telemetry {
  targets: { kind: string; scrapes: number; failed: number }[];
  running_mean: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  prefill_ms: number | null;
  decode_ms: number | null;
  doubts: string[];
}

// The counters of seconds have six significant digits.
const TOLERANCE = 1e-3;
// The log has hundredths of a millisecond.
const ROUNDING_MS = 0.006;

/** @param work over the run, without a preflight: telemetry begins after it */
export async function checkTelemetry(
  dir: string,
  work: ServerWork | null,
  timings: readonly ServerTiming[],
): Promise<Check[]> {
  const { samples, summary } = await readRun(dir);
  const { telemetry, server_timing } = summary as unknown as {
    telemetry: Telemetry;
    server_timing?: { requests: number; from: string; residual_p50_ms: number };
  };
  const { served } = divide(samples, timings);
  const lines = (await readFile(join(dir, 'telemetry.jsonl'), 'utf8')).trimEnd().split('\n');
  const [target] = telemetry.targets;
  const sum = (of: (sample: Sample) => number | null | undefined): number =>
    samples.reduce((total, sample) => total + (of(sample) ?? 0), 0);
  const output = sum(({ output_tokens }) => output_tokens);
  const input = sum(({ input_tokens, cached_tokens }) => (input_tokens ?? 0) - (cached_tokens ?? 0));
  return [
    check(
      'telemetry recognises llama.cpp, and no scrape failed',
      target?.kind === 'llamacpp' && target.failed === 0 && target.scrapes === lines.length,
      `${target?.kind}, ${target?.failed} of ${target?.scrapes} failed, ${lines.length} lines`,
    ),
    check(
      'its counters are the tokens of the samples',
      telemetry.input_tokens === input && telemetry.output_tokens === output && telemetry.doubts.length === 0,
      `input ${telemetry.input_tokens} and ${input}, output ${telemetry.output_tokens} and ${output}; ${telemetry.doubts.join(' ')}`,
    ),
    ...(work === null
      ? []
      : [
          meanAgrees('prefill', telemetry.prefill_ms, work.promptMs / samples.length),
          meanAgrees('decode', telemetry.decode_ms, work.outputMs / samples.length),
        ]),
    check(
      'it saw requests being processed',
      (telemetry.running_mean ?? 0) > 0,
      `mean ${telemetry.running_mean?.toFixed(2)}`,
    ),
    timesAgree(
      'prefill',
      samples,
      served,
      (timed) => timed.prefill_ms,
      ({ promptMs }) => promptMs,
    ),
    timesAgree(
      'decode',
      samples,
      served,
      (timed) => timed.decode_ms,
      ({ outputMs }) => outputMs,
    ),
    check(
      'every request has a residual beyond its prefill',
      server_timing?.requests === samples.length &&
        server_timing.from === 'prefill' &&
        server_timing.residual_p50_ms > 0,
      `${server_timing?.requests} of ${samples.length}, p50 ${server_timing?.residual_p50_ms.toFixed(2)} ms`,
    ),
  ];
}

const meanAgrees = (name: string, found: number | null, wanted: number): Check =>
  check(
    `its mean ${name} is that of the server's counters`,
    found !== null && Math.abs(found / wanted - 1) < TOLERANCE,
    `${found?.toFixed(3)} ms and ${wanted.toFixed(3)} ms`,
  );

/** Compares the times in the answers with those in the log, in the order of their length. */
function timesAgree(
  name: string,
  samples: readonly Sample[],
  served: readonly ServerTiming[],
  ofAnswer: (timed: NonNullable<Sample['server_timing']>) => number | undefined,
  ofLog: (timing: ServerTiming) => number,
): Check {
  const answers = samples
    .map(({ server_timing = {} }) => ofAnswer(server_timing) ?? Number.NaN)
    .sort((a, b) => a - b);
  const logged = served.map(ofLog).sort((a, b) => a - b);
  const off = answers.map((ms, k) => Math.abs(ms - (logged[k] ?? Number.NaN)));
  const worst = Math.max(...off);
  return check(
    `the ${name} in each answer is that of the log`,
    answers.length === logged.length && worst <= ROUNDING_MS,
    `${answers.length} answers, ${logged.length} in the log, at most ${worst.toFixed(4)} ms apart`,
  );
}
