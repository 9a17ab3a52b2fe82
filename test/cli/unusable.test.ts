/** @module-tag timed */
import type { ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/verdict/summary.ts';
import { goodput, scratchFolder, serve } from './goodput.ts';

const scratch = await scratchFolder();
let count = 0;
const folder = (): string => join(scratch, `run-${count++}`);

/** Several minutes of load: a run that goes on to its end would exceed the test's time. */
const LONG = ['--rate', '20/s', '--warmup', '0s', '--duration', '5m', '--quiet'];

const parse = (text: string): Summary => JSON.parse(text) as Summary;

async function deadUrl(): Promise<string> {
  const { server, url } = await serve((_, response) => response.end());
  await new Promise((resolve) => server.close(resolve));
  return `${url}/v1`;
}

const refusing =
  (status: number, message: string) =>
  (_: unknown, response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message } }));
  };

describe('an endpoint that answers no request', () => {
  it('no server: the preflight ends the run before anything is measured, exit 98', async () => {
    const url = await deadUrl();
    const out = folder();
    const { code, stdout, stderr } = await goodput(['run', '--url', url, ...LONG, '--json', '--out', out]);
    const summary = parse(stdout);
    expect(code).toBe(98);
    expect(summary.run).toMatchObject({ status: 'failed', stopped_by: 'endpoint' });
    expect(summary.run.reason).toMatch(/preflight.*ECONNREFUSED/);
    expect(summary.run.fix).toContain(`is the server listening at ${url}?`);
    expect(summary.counts).toMatchObject({ planned: 0, sent: 0 });
    expect(summary.verdict).toMatchObject({ status: 'invalid', exitCode: 98 });
    expect(summary.audit.reasons).toEqual([expect.stringContaining('is the server listening')]);
    expect(stderr).toMatch(/^error: .*ECONNREFUSED.*\n {2}hint: is the server listening/);
    expect(stderr).not.toContain('    at ');
    // The folder tells the same.
    const again = await goodput(['report', out, '--json', '--gate', 'rps>=1']);
    expect(parse(again.stdout).verdict.status).toBe('invalid');
    expect(await readFile(join(out, 'samples.jsonl'), 'utf8')).toBe('');
  });

  it.each([
    ['a rejected key', 401, '/v1', ['--api-key-env', 'MY_KEY'], 'rejected the API key'],
    ['a missing key', 403, '/v1', [], 'requires an API key: set it with --api-key-env NAME'],
    ['a base URL without its /v1', 404, '', [], 'may need a /v1: try --url http://127.0.0.1:'],
    ['an unknown model', 404, '/v1', ['--model', 'x'], 'the model name (--model)'],
  ])('%s: HTTP %i ends the run, and says what to do', async (_, status, path, more, fix) => {
    let posts = 0;
    const refuse = refusing(status, 'words of the server');
    const { url } = await serve((request, response) => {
      if (request.method === 'POST') posts++;
      refuse(request, response);
    });
    const args = ['run', '--url', url + path, ...LONG, ...more, '--out', folder()];
    const { code, stdout, stderr } = await goodput(args, { env: { MY_KEY: 'sk-0123456789abcdef' } });
    expect(code).toBe(98);
    expect(posts).toBe(1);
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain(`HTTP ${status}: words of the server`);
    expect(text).toContain(fix);
    expect(stderr).toContain(fix);
  });

  it.each([
    ['no server', null, 'is the server listening'],
    ['a rejected key', 401, 'requires an API key'],
    ['a refused body', 400, 'check the model name'],
  ])('--no-probe: the first requests show it (%s)', async (_, status, fix) => {
    let posts = 0;
    const { url } =
      status === null
        ? { url: await deadUrl() }
        : await serve((request, response) => {
            if (request.method === 'POST') posts++;
            refusing(status, 'no')(request, response);
          });
    const args = ['run', '--url', url, '--model', 'm', '--no-probe', ...LONG, '--json', '--out', folder()];
    const { code, stdout } = await goodput(args);
    const summary = parse(stdout);
    expect(code).toBe(98);
    expect(summary.run).toMatchObject({ stopped_by: 'endpoint' });
    expect(summary.run.reason).toContain('the first requests all failed');
    expect(summary.run.fix).toContain(fix);
    // 5 minutes at 20/s would be 6,000; samples reach the main thread within a fraction of a second.
    expect(summary.counts.cohort).toBeGreaterThanOrEqual(10);
    expect(summary.counts.cohort).toBeLessThan(600);
    expect(posts).toBeLessThan(600);
  });

  it('a server that is busy or broken for now is measured: 503 may pass', async () => {
    let posts = 0;
    const { url } = await serve((request, response) => {
      if (request.method === 'POST' && posts++ > 12) {
        response.setHeader('content-type', 'text/event-stream');
        response.end(
          'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
        );
      } else refusing(503, 'loading model')(request, response);
    });
    const args = ['--rate', '40/s', '--warmup', '0s', '--duration', '1s', '--quiet', '--json'];
    const { stdout } = await goodput(['run', '--url', url, ...args, '--model', 'm', '--out', folder()]);
    const summary = parse(stdout);
    expect(summary.run.status).toBe('complete');
    expect(summary.counts.ok).toBeGreaterThan(0);
    expect(summary.counts.outcomes.http_error).toBeGreaterThan(0);
  });
});
