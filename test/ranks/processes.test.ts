/** @module-tag timed */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mergeRanks } from '../../src/merge/merge.ts';
import { arrivals } from '../../src/plan/arrivals.ts';
import { openRun } from '../../src/record/reader.ts';
import { eventInstants, type Sample } from '../../src/sample.ts';
import { scenarioFromEcho } from '../../src/scenario/echo.ts';
import { startEndpoint, type StartedEndpoint } from '../../src/simulator/index.ts';
import { BUSY } from '../busy.ts';
import { goodput, scratchFolder, start } from '../cli/goodput.ts';
import { headerOf, linesOf } from '../merge/split-run.ts';
import { linear } from '../simulator/linear.ts';
import { countsIn, fano, gapsOf, ksBound, ksDistance, mean, variance, Z } from '../statistics.ts';

const root = await scratchFolder();
let endpoint: StartedEndpoint;
beforeAll(async () => {
  endpoint = await startEndpoint({ cost: linear({ base: 1000 }) });
});
afterAll(() => endpoint.close());

const RATE = 60;
const SECONDS = 4;
const SLO_MS = 20;
/** A send that is so much later than planned met a busy machine; it counts at its planned instant. */
const LATE_US = 3000;

let folders = 0;
/** Returns a folder that does not exist; a test that is retried gets another one. */
const folder = (name: string): string => join(root, `${name}-${++folders}`);

const env = { GOODPUT_MEET_TOKEN: 'token' };

/** Returns the arguments of each rank. */
const ranksOf = (out: string, indices: readonly number[], of: number, more: readonly string[]): string[][] =>
  indices.map((index) => [
    'run',
    '--url',
    endpoint.url,
    '--rank',
    `${index}/${of}`,
    '--out',
    out,
    '--no-probe',
    '--quiet',
    '--json',
    '--input-tokens',
    '8',
    '--output-tokens',
    '3',
    '--drain',
    '1s',
    '--warmup',
    '0s',
    '--slo',
    `ttft<=${SLO_MS}ms`,
    ...more,
  ]);

async function samplesIn(dir: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of (await openRun(dir)).samples()) samples.push(sample);
  return samples;
}

it('four ranks are one run: its plan, its arrivals, its figures', { timeout: 120_000 }, async ({ skip }) => {
  const out = folder('four');
  const [first, ...others] = ranksOf(out, [0, 1, 2, 3], 4, [
    '--meet',
    out,
    '--rate',
    `${RATE}/s`,
    '--duration',
    `${SECONDS}s`,
    '--drain',
    '20s',
  ]);
  // The load of the first has a thread of its own in this process, which saves the start of another one.
  const ranks = [goodput(first!, { env }), ...others.map((args) => start(args, { env }).ended)];
  const ended = await Promise.all(ranks);
  // An invalid run is one of a busy machine.
  const failures = ended.filter(({ code }) => code !== 0 && code !== 98);
  expect(failures).toEqual([]);

  // One start, on one clock.
  const headers = [0, 1, 2, 3].map((index) => headerOf(join(out, `rank-${index}`)));
  expect(new Set(headers.map(({ origin }) => origin.monotonic_ns)).size).toBe(1);
  expect(headers.map(({ rank }) => rank!.start!.error_ms)).toEqual([0, 0, 0, 0]);

  // Rank 0 has merged them, and prints the merged report.
  const merged = join(out, 'merged');
  const summary = JSON.parse(ended[0]!.stdout) as Record<string, never>;
  expect(summary).toEqual(JSON.parse(readFileSync(join(merged, 'summary.json'), 'utf8')));
  const samples = await samplesIn(merged);
  const plan = [...arrivals(scenarioFromEcho(headers[0]!.scenario))];
  expect(samples.map(({ i, planned_us }) => [i, planned_us])).toEqual(
    plan.map(({ i, planned_us }) => [i, planned_us]),
  );
  for (const index of [0, 1, 2, 3])
    expect((await samplesIn(join(out, `rank-${index}`))).every(({ i }) => i % 4 === index)).toBe(true);

  // The figures by their definitions, computed here from the union.
  const ttfts = samples
    .map((sample) => (eventInstants(sample)[0]! - sample.planned_us) / 1000)
    .toSorted((a, b) => a - b);
  const n = samples.length;
  const nearestRank = (p: number): number => ttfts[Math.ceil(p * n) - 1]!;
  const good = ttfts.filter((ttft) => ttft <= SLO_MS).length;
  expect(summary).toMatchObject({
    counts: { planned: n, sent: n, judged: n, ok: n, good, lost: 0 },
    metrics: {
      ttft: { count: n, min: ttfts[0], max: ttfts[n - 1], p50: nearestRank(0.5), p90: nearestRank(0.9) },
    },
    slo: { attainment: { value: good / n } },
    rates: { offered_rps: n / SECONDS },
    run: { status: 'complete' },
    ranks: { of: 4, met: true, starts_within_ms: 0 },
  });

  // The arrivals of the union are Poisson.
  const late = samples.filter(({ planned_us, sent_us }) => sent_us! - planned_us > LATE_US).length;
  if (late > n / 2) skip(BUSY);
  const instants = samples.map(
    ({ planned_us, sent_us }) => (sent_us! - planned_us > LATE_US ? planned_us : sent_us!) / 1e6,
  );
  const gaps = gapsOf(instants.toSorted((a, b) => a - b));
  const spans = 2 * SECONDS;
  const counts = countsIn(instants, { from: 0, span: 0.5, spans });
  expect(Math.abs(Math.sqrt(variance(gaps)) / mean(gaps) - 1)).toBeLessThan(Z / Math.sqrt(gaps.length));
  expect(Math.abs(fano(counts) - 1)).toBeLessThan(Z * Math.sqrt(2 / (spans - 1)));
  // An instant that is off by up to δ shifts a distribution of density at most λ by at most λ·δ.
  const shift = (RATE * LATE_US) / 1e6;
  expect(ksDistance(gaps, (x) => -Math.expm1(-RATE * x))).toBeLessThan(ksBound(gaps.length) + shift);
});

it(
  'kill -9 of a rank loses what it did not end; the rank is named, and its other requests are kept',
  { timeout: 120_000 },
  async () => {
    const out = folder('killed');
    const meet = `${out}-meet`;
    const [first, second] = ranksOf(out, [0, 1], 2, [
      '--meet',
      meet,
      '--rate',
      `${RATE}/s`,
      '--duration',
      '3s',
    ]);
    const firstEnded = goodput(first!, { env });
    const { child, ended } = start(second!, { env });
    const samples = join(out, 'rank-1', 'samples.jsonl');
    // A second of load: the rank has recorded requests, and has more to send.
    while (!existsSync(samples) || readFileSync(samples, 'utf8').split('\n').length < 20) await sleep(20);
    const killed_us =
      Number(process.hrtime.bigint() - BigInt(headerOf(join(out, 'rank-1')).origin.monotonic_ns)) / 1000;
    child.kill('SIGKILL');
    await Promise.all([firstEnded, ended]);

    const kept = linesOf(join(out, 'rank-1')).length;
    const { summary, header } = await mergeRanks(out, { out: `${out}-merged`, strict: false });
    const own = [...arrivals(scenarioFromEcho(header.scenario))].filter(({ i }) => i % 2 === 1);
    expect(header.ranks!.each.map(({ status }) => status)).toEqual(['complete', 'running']);
    expect(header.ranks!.each[1]).toMatchObject({
      requests: kept,
      lost: own.length - kept,
      lost_in_window: own.length - kept,
    });
    expect(summary.counts.lost).toBe(own.length - kept);
    expect(summary.slo!.attainment.kind).toBe('lost');
    expect([summary.verdict.status, summary.audit.reasons.join()]).toEqual([
      'invalid',
      expect.stringMatching(/Rank 1 of 2 was killed/),
    ]);
    // All that was due more than a second (and the longest response) before the kill has a record.
    const longest_us = Math.max(
      ...(await samplesIn(`${out}-merged`)).map(({ ended_us, planned_us }) => ended_us - planned_us),
    );
    expect(kept).toBeGreaterThanOrEqual(
      own.filter(({ planned_us }) => planned_us < killed_us - 1e6 - longest_us).length,
    );
  },
);

it('a rank that never arrives keeps all from starting, and all name it', { timeout: 120_000 }, async () => {
  const out = folder('never');
  const meet = `${out}-meet`;
  const ranks = ranksOf(out, [0, 1], 3, [
    '--meet',
    meet,
    '--meet-timeout',
    '2s',
    '--rate',
    '10/s',
    '--duration',
    '1s',
  ]);
  for (const { code, stdout, stderr } of await Promise.all(ranks.map((args) => goodput(args, { env })))) {
    expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/no rank started: rank.*\b2 of 3/)]);
  }
  for (const index of [0, 1]) expect(linesOf(join(out, `rank-${index}`))).toEqual([]);
});
