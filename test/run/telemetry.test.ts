/** @module-tag timed */
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.ts';
import { telemetryReport } from '../../src/analysis/telemetry-figures.ts';
import { openRun } from '../../src/record/reader.ts';
import { readTelemetry } from '../../src/record/telemetry.ts';
import { meanOf } from '../../src/statistics/moments.ts';
import { embedded, type EmbeddedRun } from './embedded.ts';

let requests = 0;
/** A server whose page of metrics is none. */
const other = createServer((_, response) => {
  requests++;
  response.writeHead(200, { 'content-type': 'text/html' }).end('<html>password=abcdef12</html>');
});

beforeAll(() => new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve)));
afterAll(() => other.close());

async function telemetryOf({ dir }: EmbeddedRun) {
  const { header, samples } = await openRun(dir);
  const { client, extent } = await analyze(header, dir, samples(), []);
  const scrapes = (await readTelemetry(dir))!;
  return {
    header,
    scrapes,
    window: extent.window,
    report: telemetryReport(scrapes, extent.window, { client }),
  };
}

test('the figures of the embedded endpoint are those of its truth log, and another target that fails is a note', async () => {
  const { port } = other.address() as { port: number };
  requests = 0;
  const run = await embedded({
    rate: '40/s',
    duration: '1500ms',
    warmup: '300ms',
    drain: '20s',
    'no-probe': true,
    'input-tokens': 'uniform:20-80',
    'output-tokens': 'uniform:4-20',
    engine: ['maxNumSeqs=4'],
    preset: 'tiny',
    telemetry: ['endpoint', `http://me:hunter2@127.0.0.1:${port}?token=abcdef12`],
    'telemetry-every': '100ms',
  });
  const { header, scrapes, report, window } = await telemetryOf(run);
  const truths = [...run.log.requests.values()];
  const mean = (of: (truth: (typeof truths)[number]) => number): number => meanOf(truths.map(of)) / 1000;
  const first = (truth: (typeof truths)[number]): number => truth.computed_us[0]!;

  expect(report.requests).toBe(truths.length);
  expect(report.input_tokens).toBe(truths.reduce((sum, { prompt }) => sum + prompt, 0));
  expect(report.output_tokens).toBe(truths.reduce((sum, { computed }) => sum + computed, 0));
  expect(report.preemptions).toBe(run.log.totals!.preemptions);
  expect(report.queue_ms).toBeCloseTo(
    mean((truth) => truth.admitted_us! - truth.entered_us!),
    6,
  );
  expect(report.prefill_ms).toBeCloseTo(
    mean((truth) => first(truth) - truth.admitted_us!),
    6,
  );
  expect(report.decode_ms).toBeCloseTo(
    mean((truth) => truth.computed_us.at(-1)! - first(truth)),
    6,
  );
  const serverTtft = mean((truth) => first(truth) - truth.entered_us!);
  expect(report.server_ttft_ms).toBeCloseTo(serverTtft, 6);
  const ours = meanOf(run.samples.map(({ events_us, sent_us }) => events_us[0]! - sent_us!)) / 1000;
  expect(report.residual_ms).toBeCloseTo(ours - serverTtft, 6);
  expect(report.residual_ms).toBeGreaterThan(0);
  expect(report.queue_ms).toBeGreaterThan(0);
  expect(report.doubts).toEqual([]);

  // Targets are in the order of their first scrape.
  const own = report.targets.find(({ kind }) => kind === 'goodput');
  const failing = report.targets.find(({ kind }) => kind !== 'goodput');
  expect(own).toMatchObject({ failed: 0 });
  expect(failing).toMatchObject({
    url: `http://***@127.0.0.1:${port}/metrics?token=***`,
    scrapes: requests,
    failed: requests,
  });
  expect(header.notes.join()).toMatch(/\*\*\*@.*all \d+ scrapes failed.*not Prometheus.*text\/html/);
  expect(JSON.stringify([header, scrapes])).not.toMatch(/hunter2|abcdef12/);

  // One scrape before the first request, one after the last has ended, and others between.
  const instants = scrapes.filter(({ target }) => target === own!.url).map(({ receivedUs }) => receivedUs);
  expect(instants[0]).toBeLessThan(Math.min(...run.samples.map(({ sent_us }) => sent_us!)));
  expect(scrapes.at(-1)!.sentUs).toBeGreaterThan(Math.max(...run.samples.map(({ ended_us }) => ended_us)));
  expect(instants.filter((at_us) => at_us > window.start_us && at_us < window.end_us).length).toBeGreaterThan(
    2,
  );
});
