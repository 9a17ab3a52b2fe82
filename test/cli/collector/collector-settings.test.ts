import { describe, expect, test } from 'vitest';
import { collectorSettings } from '../../../src/cli/collector/collector-settings.ts';

function settings(env: Record<string, string>) {
  const found = collectorSettings(env);
  if (!found.ok) throw new Error(found.problem.join('\n'));
  return found.value;
}

function problems(env: Record<string, string>): string[] {
  const found = collectorSettings(env);
  return found.ok ? [] : found.problem;
}

describe('the environment variables of OpenTelemetry', () => {
  // The examples of the specification, and its default.
  test.each([
    [{}, 'http://localhost:4318/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, 'http://localhost:4318/v1/metrics'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, 'http://collector:4318/v1/metrics'],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/mycollector/' },
      'http://collector:4318/mycollector/v1/metrics',
    ],
    [
      { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://collector.example.com/metrics' },
      'https://collector.example.com/metrics',
    ],
    [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318' }, 'http://collector:4318/'],
    [
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://general:4318',
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://own:4318/x',
      },
      'http://own:4318/x',
    ],
  ])('%j: %s', (env, url) => expect(settings(env).url.href).toBe(url));

  test('headers and resource attributes are percent-decoded lists', () => {
    const found = settings({
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20YTpi, x-tenant = a%2Cb,',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=staging,service.name=ignored,team=%C3%A9',
      OTEL_SERVICE_NAME: 'bench',
    });
    expect(found.headers).toEqual({ authorization: 'Basic YTpi', 'x-tenant': 'a,b' });
    expect(found.resource).toEqual({
      'deployment.environment': 'staging',
      'service.name': 'bench',
      team: 'é',
    });
  });

  test('a variable for metrics overrides the general one', () => {
    const found = settings({
      OTEL_EXPORTER_OTLP_HEADERS: 'a=1',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'b=2',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_TIMEOUT: '50',
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '70',
    });
    expect(found).toMatchObject({ headers: { b: '2' }, isCompressed: true, timeout_ms: 70 });
    expect(settings({})).toMatchObject({ headers: {}, isCompressed: false, timeout_ms: 10_000 });
  });

  test('problems are reported together, with the variable and without its value', () => {
    const found = problems({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:secret@collector:4318',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=%ZZsecret',
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
      OTEL_EXPORTER_OTLP_TIMEOUT: '10s',
      OTEL_RESOURCE_ATTRIBUTES: 'novalue',
    });
    const variables = ['ENDPOINT', 'HEADERS', 'COMPRESSION', 'TIMEOUT', 'METRICS_PROTOCOL'];
    expect(found.map((problem) => problem.split(':')[0])).toEqual([
      ...variables.map((name) => `OTEL_EXPORTER_OTLP_${name}`),
      'OTEL_RESOURCE_ATTRIBUTES',
    ]);
    expect(found.join()).not.toContain('secret');
  });

  test.each(['collector:4318', 'ftp://collector', '/v1/metrics'])('%s is no endpoint', (text) =>
    expect(problems({ OTEL_EXPORTER_OTLP_ENDPOINT: text })).toEqual([expect.stringMatching(/http or https/)]),
  );

  test.each(['a b=1', '=1', 'a', 'a=1%0d%0ax: y'])('%j are no headers', (text) =>
    expect(problems({ OTEL_EXPORTER_OTLP_HEADERS: text })).toHaveLength(1),
  );

  test('a key of JavaScript is an attribute like any other', () => {
    const { resource } = settings({ OTEL_RESOURCE_ATTRIBUTES: '__proto__=a,constructor=b' });
    expect(Object.entries(resource)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});
