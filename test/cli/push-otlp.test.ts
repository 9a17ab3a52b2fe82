import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startCollector } from './collector/collector-stub.ts';
import { goodput, scratchFolder } from './goodput.ts';

const RUN = join(await scratchFolder(), 'run');
const SIMULATED = ['simulate', '--rate', '5/s', '--warmup', '0s', '--duration', '10s'];

beforeAll(async () => {
  const { code, stderr } = await goodput([...SIMULATED, '--quiet', '--slo', 'ttft<=1s', '--out', RUN]);
  if (code !== 0) throw new Error(stderr);
}, 60_000);

const push = (url: string, env: Record<string, string> = {}, args: readonly string[] = ['report', RUN]) =>
  goodput([...args, '--push-otlp'], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, ...env } });

describe('--push-otlp', () => {
  test('sends what --format otlp prints, with the attributes of the environment, and says so', async () => {
    const { url, received } = await startCollector({});
    const env = { OTEL_SERVICE_NAME: 'bench', OTEL_RESOURCE_ATTRIBUTES: 'team=a' };
    const { code, stdout, stderr } = await push(url, env);
    expect(code).toBe(0);
    expect(stdout).toMatch(/no gates declared/);
    expect(stderr).toMatch(/^sent \d+ metrics of 1 run to http:\/\/127\.0\.0\.1:\d+\/v1\/metrics\n$/);
    const printed = await goodput(['report', RUN, '--format', 'otlp'], {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: url },
    });
    // Printing sends nothing.
    expect(received).toHaveLength(1);
    const [sent, shown] = [
      received[0]!.document,
      JSON.parse(printed.stdout) as (typeof received)[0]['document'],
    ];
    expect(sent.resourceMetrics[0]!.scopeMetrics).toEqual(shown.resourceMetrics[0]!.scopeMetrics);
    const attributes = shown.resourceMetrics[0]!.resource.attributes.filter(
      ({ key }) => key !== 'service.name',
    );
    expect(sent.resourceMetrics[0]!.resource.attributes).toEqual([
      ...attributes,
      { key: 'team', value: { stringValue: 'a' } },
      { key: 'service.name', value: { stringValue: 'bench' } },
    ]);
  });

  test('a run sends its metrics when it ends, silently with --quiet', async () => {
    const { url, received } = await startCollector({});
    const { code, stderr } = await push(url, {}, [
      ...SIMULATED,
      '--quiet',
      '--out',
      join(RUN, '..', 'other'),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(received).toHaveLength(1);
  });

  test('a collector that is not there, or refuses points: exit 1, and the report is printed', async () => {
    const gone = await push('http://127.0.0.1:1/x');
    expect(gone).toMatchObject({ code: 1, stdout: expect.stringMatching(/no gates declared/) });
    expect(gone.stderr).toMatch(
      /cannot send metrics to http:\/\/127\.0\.0\.1:1\/x\/v1\/metrics: nothing listens there/,
    );
    const { url } = await startCollector({
      body: '{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"too \\u001b[31mold"}}',
    });
    const refused = await push(url);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/refused 2 of the data points: too old/);
  });

  test('wrong variables are reported before anything is measured, without their values', async () => {
    const { code, stdout, stderr } = await push(
      'http://me:secret@127.0.0.1/',
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_HEADERS: 'secret' },
      ['run', '--url', 'http://127.0.0.1:1/v1'],
    );
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
    for (const name of ['ENDPOINT', 'PROTOCOL', 'HEADERS'])
      expect(stderr).toContain(`OTEL_EXPORTER_OTLP_${name}: `);
    expect(stderr).not.toContain('secret');
  });

  test('other results have no metrics', async () => {
    const two = join(RUN, '..', 'two.yaml');
    writeFileSync(
      two,
      'endpoints: [{ name: a, url: simulated }, { name: b, url: simulated }]\nrounds: 2\nload: { rate: 5/s, duration: 5s }\n',
    );
    const { code, stderr } = await push('http://127.0.0.1:1', {}, ['simulate', two]);
    expect(stderr).toMatch(/--push-otlp: a comparison has no metrics/);
    expect(code).toBe(104);
  });
});
