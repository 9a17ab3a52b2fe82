/** @module-tag timed */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/verdict/summary.ts';
import { decodeSample } from '../../src/record/samples-jsonl.ts';
import { goodput, scratchFolder, serve, start } from './goodput.ts';

const scratch = await scratchFolder();
let count = 0;
const folder = (): string => join(scratch, `run-${count++}`);

/** Half a second of load on the embedded endpoint. */
const SHORT = [
  '--rate',
  '20/s',
  '--warmup',
  '100ms',
  '--duration',
  '500ms',
  '--output-tokens',
  '3',
  '--input-tokens',
  '20',
  '--quiet',
];

const parse = (text: string): Summary => JSON.parse(text) as Summary;

describe('goodput run on the embedded endpoint', () => {
  it('reports, leaves a folder that reports the same again, and judges it by other limits', async () => {
    const out = folder();
    const run = await goodput([
      'run',
      ...SHORT,
      '--out',
      out,
      '--slo',
      'ttft<=10s',
      '--gate',
      'attainment>=50%',
    ]);
    // A stalled machine may make the run invalid, and says so; the rest holds all the same.
    expect([0, 98]).toContain(run.code);
    expect(run.stderr).toBe('');
    expect(run.stdout).toContain('SIMULATED');
    expect((await readdir(out)).toSorted()).toEqual([
      'latency.hlog',
      'run.json',
      'samples.jsonl',
      'summary.json',
      'truth.jsonl',
    ]);

    const again = await goodput(['report', out]);
    expect(again.stdout).toBe(run.stdout.replace(/\(exit (\d+)\)/, '(the run exited $1)'));
    expect(again.code).toBe(0);

    const json = await goodput(['report', out, '--json']);
    expect(json.stdout).toBe(await readFile(join(out, 'summary.json'), 'utf8'));

    const stricter = await goodput(['report', out, '--slo', 'ttft<=1us', '--gate', 'attainment>=50%']);
    expect([99, 98]).toContain(stricter.code);
    expect(stricter.stdout).toMatch(/FAIL|INVALID/);
  });

  it('prints one document with --json, and it is the summary of the folder; a failed gate ends with 99', async () => {
    const out = folder();
    const gated = ['--slo', 'ttft<=1us', '--gate', 'attainment>=50%'];
    const { stdout, code } = await goodput(['run', ...SHORT, '--out', out, ...gated, '--json']);
    expect(stdout).toBe(await readFile(join(out, 'summary.json'), 'utf8'));
    const summary = parse(stdout);
    expect(summary.schemaVersion).toBe(1);
    expect(code).toBe(summary.verdict.status === 'invalid' ? 98 : 99);
    expect(summary.verdict.exitCode).toBe(code);
    expect(summary.verdict.gates).toEqual([
      { gate: 'attainment >= 50%', value: 0, unit: 'ratio', pass: false },
    ]);
    expect(summary.counts.outcomes.ok).toBe(summary.counts.cohort);
    expect(summary.endpoint.simulated).toBe(true);
    expect(summary.tokens.from).toEqual({ usage: summary.counts.ok });
  });

  it('takes a scenario file, flags go before it, and without a gate there is no verdict', async () => {
    const out = folder();
    const file = join(scratch, 'scenario.yaml');
    await writeFile(
      file,
      'name: mine\nendpoint: simulated\nworkload: { input: { tokens: 10 }, output: { tokens: 3 } }\nload: { rate: 2/s, warmup: 100ms, duration: 60s }\n',
    );
    const { code, stdout } = await goodput([
      'run',
      file,
      '--requests',
      '12',
      '--rate',
      '30/s',
      '--quiet',
      '--json',
      '--slo',
      'ttft<=1us',
      '--out',
      out,
    ]);
    const summary = parse(stdout);
    expect(summary.run.name).toBe('mine');
    expect(summary.counts.cohort).toBe(12);
    expect(summary.load.rate_rps).toBe(30);
    const { stdout: text } = await goodput(['report', out]);
    if (text.startsWith('INVALID')) return;
    expect(code).toBe(0);
    expect(text).toContain('--gate');
  });
});

it('--fail-fast ends a real run in good order, long before its time', { timeout: 90_000 }, async () => {
  const out = folder();
  const load = ['--rate', '20/s', '--warmup', '0s', '--requests', '2000', '--output-tokens', '5'];
  const gated = ['--slo', 'ttft<=1us', '--gate', 'attainment >= 99%', '--fail-fast'];
  const run = await goodput(['run', ...load, ...gated, '--input-tokens', '20', '--json', '--out', out]);
  expect([99, 98]).toContain(run.code);
  expect(run.stderr).toContain('attainment >= 99% can no longer be met: ');
  const summary = parse(run.stdout);
  expect(summary.run).toMatchObject({ status: 'interrupted', stopped_by: 'gate' });
  expect(summary.verdict.gates).toMatchObject([{ gate: 'attainment >= 99%', pass: false }]);
  // 21 misses of 2,000 decide, a second of 20 requests; each request that was sent has its line, and none was cut.
  expect(summary.counts.judged).toBeGreaterThanOrEqual(21);
  expect(summary.counts.judged).toBeLessThan(1000);
  expect(summary.counts).toMatchObject({ lost: 0, censored: 0, failed: 0 });
  const header = JSON.parse(await readFile(join(out, 'run.json'), 'utf8'));
  const lines = (await readFile(join(out, 'samples.jsonl'), 'utf8')).trimEnd().split('\n');
  expect(lines).toHaveLength(header.planned);
});

describe.concurrent('what a user may do to a run', () => {
  const LONG = [
    '--rate',
    '40/s',
    '--warmup',
    '100ms',
    '--duration',
    '50s',
    '--input-tokens',
    '20',
    '--output-tokens',
    '64',
    '--quiet',
    '--json',
  ];

  /** Resolves once the run has recorded something. */
  async function recording(out: string): Promise<void> {
    for (let k = 0; k < 400; k++) {
      const text = await readFile(join(out, 'samples.jsonl'), 'utf8').catch(() => '');
      if (text.split('\n').length > 5) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('the run recorded nothing');
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s once: stops sending, drains, reports, 105',
    async (signal) => {
      const out = folder();
      const { child, ended } = start(['run', ...LONG, '--output-tokens', '5', '--out', out]);
      await recording(out);
      child.kill(signal);
      const { code, stdout, stderr } = await ended;
      // Invalid comes before interrupted, and a stalled machine may make it so.
      expect([105, 98]).toContain(code);
      expect(stderr).toContain('press Ctrl-C again');
      const summary = parse(stdout);
      expect(summary.run.status).toBe('interrupted');
      expect(summary.counts.outcomes.aborted ?? 0).toBe(0);
      expect(summary.counts.ok).toBeGreaterThan(0);
    },
  );

  it('Ctrl-C twice: leaves now, and nothing that was recorded is lost', { timeout: 60_000 }, async () => {
    const out = folder();
    const args = ['run', ...LONG, '--rate', '5/s', '--out', out, '--body', 'max_tokens=100000'];
    const { child, ended } = start(args);
    // These responses never end, so nothing is recorded; a run reacts to signals once its folder exists.
    while ((await readdir(out).catch(() => [])).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const heard = new Promise<void>((resolve) => {
      child.stderr!.on('data', (text: string) => {
        if (text.includes('press Ctrl-C again')) resolve();
      });
    });
    child.kill('SIGINT');
    await heard;
    child.kill('SIGINT');
    const { code } = await ended;
    expect(code).toBe(105);
    const report = await goodput(['report', out, '--json']);
    expect(report.code).toBe(0);
    expect(parse(report.stdout).run.status).toBe('interrupted');
  });

  it('closes stdout: the run goes on to its end', async () => {
    const out = folder();
    const { child, ended } = start(['run', ...SHORT, '--out', out]);
    child.stdout!.destroy();
    const { code, stderr } = await ended;
    expect([0, 98]).toContain(code);
    expect(stderr).toBe('');
    expect(await readdir(out)).toContain('summary.json');
  });

  it('gives it a stderr that takes nothing: the run goes on to its end', async () => {
    const out = folder();
    const args = ['run', ...SHORT, '--json', '--out', out].filter((arg) => arg !== '--quiet');
    const { code, stdout } = await goodput(args, { shell: '"$0" "$@" 2>/dev/full' });
    expect([0, 98]).toContain(code);
    expect(parse(stdout).run.status).toBe('complete');
  });

  it('gives it a stdout that takes nothing: 1, in one sentence, and the folder is whole', async () => {
    const out = folder();
    const { code, stderr } = await goodput(['run', ...SHORT, '--out', out], {
      shell: '"$0" "$@" >/dev/full',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: cannot write to stdout: .*ENOSPC.*\n$/);
    expect(await readdir(out)).toContain('summary.json');
  });
});

describe('a machine that is too small', { timeout: 120_000 }, () => {
  it('no file descriptor left: the requests say so, the run is invalid, and the report names the fix', async () => {
    // It never ends an answer, so 100 requests need 100 descriptors at once.
    const { url } = await serve((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      // The list of models is not waited for.
      if (request.method === 'GET') response.end();
    });
    const load = ['--rate', '200/s', '--arrivals', 'constant', '--requests', '100', '--warmup', '0s'];
    const args = ['run', '--url', url, ...load, '--drain', '1s', '--no-probe', '--quiet', '--json'];
    const { code, stdout } = await goodput([...args, '--model', 'm', '--out', folder()], {
      shell: 'ulimit -n 70; "$0" "$@"',
    });
    const { counts, audit, failures, notes } = parse(stdout);
    expect(code).toBe(98);
    expect(counts.outcomes.connect).toBeGreaterThanOrEqual(30);
    expect(failures[0]!.example).toMatch(
      /cannot connect to 127\.0\.0\.1:\d+: connect EMFILE 127\.0\.0\.1:\d+$/,
    );
    expect(audit.reasons.join(' ')).toMatch(
      /This machine could not open connections for \d+ of 100 .*EMFILE/,
    );
    expect(notes.join(' ')).toContain('prlimit --pid $$ --nofile=65536');
  });
});

it(
  'with too few descriptors even for goodput itself, reports that with a hint',
  { timeout: 60_000 },
  async () => {
    const args = ['run', '--rate', '5/s', '--duration', '1s', '--warmup', '0s', '--quiet', '--out', folder()];
    const { code, stderr } = await goodput(args, { shell: 'ulimit -n 25; "$0" "$@"' });
    // Node decides which file is the first that cannot be opened: a thread's, or the run folder's.
    expect([1, 104]).toContain(code);
    expect(stderr).toMatch(/EMFILE|too many open files/);
    expect(stderr).toContain('`ulimit -Hn`');
  },
);

describe('an endpoint that is not what it should be', () => {
  const AT = (url: string, ...more: string[]): string[] => [
    'run',
    '--url',
    url,
    '--rate',
    '20/s',
    '--warmup',
    '0s',
    '--duration',
    '500ms',
    '--quiet',
    '--json',
    '--out',
    folder(),
    ...more,
  ];

  it.each([
    ['chat', 'authorization', 'Bearer '],
    ['messages', 'x-api-key', ''],
  ])('a key that is refused: 401, and the key shows nowhere (%s)', async (api, header, scheme) => {
    const key = 'sk-test-51c2d7e0b94f';
    const seen: unknown[] = [];
    const { url } = await serve((request, response) => {
      seen.push(request.headers[header]);
      // A server that repeats the key in its answer and in a header, as some do.
      response
        .writeHead(401, { 'content-type': 'application/json', 'x-request-id': `req ${key}` })
        .end(JSON.stringify({ error: { message: `Incorrect API key provided: ${key}` } }));
    });
    const args = AT(`${url}/v1`, '--api', api, '--api-key-env', 'MY_KEY', '--keep-text');
    const out = args[args.indexOf('--out') + 1]!;
    const { code, stdout, stderr } = await goodput(args, { env: { MY_KEY: key } });
    expect(code).toBe(98);
    // The list of models and the preflight request.
    expect(seen).toHaveLength(2);
    expect(new Set(seen)).toEqual(new Set([scheme + key]));
    const { fix = '' } = parse(stdout).run;
    expect(fix).toContain('--api-key-env');
    expect(fix.includes('x-api-key')).toBe(api === 'messages');
    const files = await Promise.all((await readdir(out)).map((name) => readFile(join(out, name), 'utf8')));
    for (const text of [stdout, stderr, ...files]) expect(text).not.toContain(key);
  });

  it('Anthropic’s API: asks for its models, fits the prompts to its tokens, reads its streams', async () => {
    const models: string[] = [];
    const asked = new Set<string>();
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      asked.add(`${request.method} ${request.url} ${String(request.headers['anthropic-version'])}`);
      if (request.method === 'GET') {
        response.end(JSON.stringify({ data: [{ type: 'model', id: 'm-1' }], has_more: false }));
        return;
      }
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const { model, messages } = JSON.parse(body) as { model: string; messages: { content: string }[] };
      models.push(model);
      // Two tokens a word and seven around them, three of all out of the cache.
      const input = 2 * messages[0]!.content.trim().split(/\s+/).length + 7;
      const events = [
        {
          type: 'message_start',
          message: { usage: { input_tokens: input - 3, cache_read_input_tokens: 3, output_tokens: 1 } },
        },
        { type: 'ping' },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Fair' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ' winds' } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } },
        { type: 'message_stop' },
      ];
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
      );
    };
    const { url } = await serve((request, response) => void answer(request, response));
    const args = AT(`${url}/v1`, '--api', 'messages', '--input-tokens', '101');
    const { stderr } = await goodput(args);
    expect(stderr).toBe('');
    expect(asked).toEqual(new Set(['GET /v1/models 2023-06-01', 'POST /v1/messages 2023-06-01']));
    expect(new Set(models)).toEqual(new Set(['m-1']));
    const lines = await readFile(join(args[args.indexOf('--out') + 1]!, 'samples.jsonl'), 'utf8');
    const samples = lines
      .trim()
      .split('\n')
      .map((line) => decodeSample(line));
    expect(samples.length).toBeGreaterThan(3);
    for (const sample of samples) {
      expect(sample).toMatchObject({
        outcome: 'ok',
        finish: 'end_turn',
        input_tokens: 101,
        cached_tokens: 3,
        output_tokens: 4,
        tokens_from: 'usage',
      });
      expect(sample.events_us).toHaveLength(2);
    }
  });

  it('a web page, a whole JSON answer, a redirect: each has its name', async () => {
    const cases = [
      {
        type: 'text/html',
        body: '<!doctype html><title>Welcome</title>',
        status: 200,
        outcome: 'protocol_error',
      },
      {
        type: 'application/json',
        body: '{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}',
        status: 200,
        outcome: 'protocol_error',
      },
      { type: 'text/plain', body: '', status: 307, outcome: 'http_error' },
    ];
    for (const { type, body, status, outcome } of cases) {
      const { url } = await serve((_, response) => {
        response
          .writeHead(status, { 'content-type': type, location: 'http://127.0.0.1:1/elsewhere' })
          .end(body);
      });
      const { code, stdout } = await goodput(AT(`${url}/v1`));
      const summary = parse(stdout);
      expect(code).toBe(98);
      expect(Object.keys(summary.counts.outcomes)).toEqual([outcome]);
    }
  });
});
