import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OtlpDocument } from '../../src/render/export/otlp-document.ts';
import { startCollector } from '../cli/collector/collector-stub.ts';
import { goodput } from '../cli/goodput.ts';
import { cacheOf } from './readers.ts';

/** The OpenTelemetry collector receives what `--push-otlp` sends, and passes it on. */
const dir = cacheOf('collector');
const scratch = mkdtempSync(join(tmpdir(), 'goodput-collector-'));
const RUN = join(scratch, 'run');
let collector: ChildProcess | undefined;

beforeAll(async () => {
  mkdirSync(dir, { recursive: true });
  cpSync(join(import.meta.dirname, 'readers', 'collector'), dir, { recursive: true });
  const builder = 'go.opentelemetry.io/collector/cmd/builder@v0.165.0';
  execFileSync('go', ['run', builder, '--config', 'builder.yaml'], { cwd: dir, stdio: 'pipe' });
  const args =
    'simulate --quiet --rate 5/s --warmup 0s --duration 20s --slo ttft<=1s --gate attainment>=90% --out';
  const { code, stderr } = await goodput([...args.split(' '), RUN]);
  if (code !== 0) throw new Error(stderr);
}, 1_800_000);

afterAll(() => {
  collector?.kill();
  rmSync(scratch, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Starts the collector, which passes metrics on to `next`. Returns its URL. */
async function startReal(next: string): Promise<string> {
  const url = `127.0.0.1:${await freePort()}`;
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint: url } } } },
    exporters: { otlp_http: { endpoint: next, encoding: 'json', compression: 'none' } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { metrics: { receivers: ['otlp'], exporters: ['otlp_http'] } },
    },
  };
  const file = join(scratch, 'config.json');
  writeFileSync(file, JSON.stringify(config));
  const started = spawn(join(dir, 'build', 'collector'), ['--config', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  collector = started;
  let said = '';
  await new Promise<void>((resolve, reject) => {
    started.stderr.on('data', (part: Buffer) => {
      said += part.toString();
      if (said.includes('Everything is ready')) resolve();
    });
    started.on('exit', () => reject(new Error(said)));
  });
  return `http://${url}`;
}

/** Every point by its metric and its attributes. */
function pointsOf({ resourceMetrics }: OtlpDocument): Map<string, unknown> {
  const points = new Map<string, unknown>();
  for (const { resource, scopeMetrics } of resourceMetrics) {
    points.set(
      'resource',
      [...resource.attributes].sort((a, b) => a.key.localeCompare(b.key)),
    );
    for (const { metrics } of scopeMetrics)
      for (const { name, unit, histogram, gauge, summary } of metrics) {
        const data = histogram?.dataPoints ?? gauge?.dataPoints ?? summary?.dataPoints ?? [];
        for (const { attributes, ...point } of data)
          points.set(`${name} ${JSON.stringify(attributes)}`, withoutDefaults({ unit, ...point }));
      }
  }
  return points;
}

/** Removes numbers that are 0 and empty texts, which the encodings of Protocol Buffers leave out. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutDefaults(each));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, each]) => each !== 0 && each !== '' && each !== undefined);
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutDefaults(each)]));
}

test('a collector passes on every point with its numbers', async () => {
  const { url, received } = await startCollector({});
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: await startReal(url), OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' };
  const pushed = await goodput(['report', RUN, '--push-otlp'], { env });
  expect(pushed).toMatchObject({ code: 0, stderr: expect.stringMatching(/^sent \d+ metrics of 1 run/) });
  await expect.poll(() => received.length, { timeout: 30_000 }).toBe(1);
  const { stdout } = await goodput(['report', RUN, '--format', 'otlp']);
  const [ours, theirs] = [pointsOf(JSON.parse(stdout) as OtlpDocument), pointsOf(received[0]!.document)];
  expect(ours.size).toBeGreaterThan(100);
  expect([...theirs.keys()].toSorted()).toEqual([...ours.keys()].toSorted());
  for (const [point, value] of ours) expect([point, theirs.get(point)]).toEqual([point, value]);
});
