/** @module-tag timed */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { PRESETS } from '../../src/simulator/engine/model-presets.ts';
import { call } from '../simulator/http.ts';
import { type Ended, goodput, scratchFolder, start } from './goodput.ts';

const scratch = await scratchFolder();
const KEY = 'sk-of-a-server-0123456789';

interface Served {
  url: string;
  /** Stops the server as Ctrl-C does. */
  stop(signal?: NodeJS.Signals): Promise<Ended>;
}

async function serving(args: readonly string[], env: Record<string, string> = {}): Promise<Served> {
  const { child, ended } = start(['serve', '--port', '0', ...args], { env });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', (part: string) => {
      text += part;
      if (text.includes('\n')) resolve(text.trim());
    });
    void ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  return {
    url,
    stop: (signal = 'SIGINT') => {
      child.kill(signal);
      return ended;
    },
  };
}

const STREAM = { model: 'm', messages: [{ role: 'user', content: 'a b c' }], max_tokens: 4, stream: true };

describe('goodput serve', () => {
  it('prints its address alone on stdout, answers, and ends in good order', async () => {
    const { url, stop } = await serving(['--preset', 'tiny']);
    const reply = await call(`${url}/chat/completions`, { body: STREAM });
    expect([reply.status, reply.events.at(-1)!.data]).toEqual([200, '[DONE]']);
    const { code, stdout, stderr } = await stop();
    expect([code, stdout]).toEqual([0, `${url}\n`]);
    expect(stderr).toContain(`goodput run --url ${url}`);
    expect(stderr).toMatch(/served 1 requests in 4 steps, 0 preemptions; tokens were sent \d/);
  });

  it('is measured by goodput run, from another process', async () => {
    const { url, stop } = await serving(['--preset', 'tiny', '--dialect', 'vllm', '--quiet']);
    const args = [
      '--url',
      url,
      '--requests',
      '20',
      '--rate',
      '40/s',
      '--warmup',
      '0s',
      '--input-tokens',
      '20',
    ];
    const out = join(scratch, 'run');
    const run = await goodput(['run', ...args, '--output-tokens', '6', '--json', '--quiet', '--out', out]);
    const summary = JSON.parse(run.stdout);
    expect(summary.counts).toMatchObject({ cohort: 20, ok: 20, failed: 0 });
    const header = JSON.parse(await readFile(join(out, 'run.json'), 'utf8'));
    expect(header.endpoint).toMatchObject({ simulated: false, model: 'simulated' });
    // vLLM's extras were found to work.
    expect(header.probe.asked).toEqual(
      expect.arrayContaining(['continuous_usage_stats', 'return_token_ids']),
    );
    expect(await stop('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes the simulator of a scenario, whatever endpoint that names; flags go before it', async () => {
    const file = join(scratch, 'chat.yaml');
    await writeFile(file, 'endpoint: simulated\nsimulator: { preset: tiny, engine: { maxModelLen: 5 } }\n');
    const { url, stop } = await serving([file, '--engine', 'maxModelLen=6']);
    const ask = async (max_tokens: number) =>
      (await call(`${url}/chat/completions`, { body: { ...STREAM, max_tokens } })).status;
    expect([await ask(3), await ask(4)]).toEqual([200, 400]);
    await stop();
  });

  it('asks for the key of a variable or of a file, and shows it nowhere', async () => {
    const file = join(scratch, 'key.txt');
    await writeFile(file, `${KEY}\n`);
    const ways: [string[], Record<string, string>][] = [
      [['--api-key-env', 'SERVE_KEY'], { SERVE_KEY: KEY }],
      [['--api-key-file', file], {}],
    ];
    for (const [args, env] of ways) {
      const { url, stop } = await serving(['--preset', 'tiny', ...args], env);
      const without = await call(`${url}/chat/completions`, { body: STREAM });
      const headers = { authorization: `Bearer ${KEY}` };
      const withKey = await call(`${url}/chat/completions`, { body: STREAM, headers });
      expect([without.status, withKey.status]).toEqual([401, 200]);
      const { stdout, stderr } = await stop();
      expect(stdout + stderr + without.text).not.toContain('0123456789');
    }
  });

  it('writes the truth of every request', async () => {
    const log = join(scratch, 'truth.jsonl');
    const { url, stop } = await serving(['--preset', 'tiny', '--log', log]);
    const reply = await call(`${url}/chat/completions`, { body: STREAM });
    await call(`${url}/chat/completions`, { body: { ...STREAM, max_tokens: 1_000_000 } });
    await stop();
    const lines = (await readFile(log, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ truth: 1, engine: { maxNumSeqs: 8 }, cost: { base: 2000 }, seed: 42 });
    expect(lines[1]).toMatchObject({
      id: reply.headers['x-request-id'],
      api: 'chat',
      status: 200,
      end: 'complete',
      fault: null,
      prompt: 3,
      computed: 4,
      output: 4,
      cached: 0,
      preemptions: 0,
    });
    const { arrived_us, entered_us, admitted_us, headers_us, computed_us, written_us } = lines[1];
    expect(arrived_us).toBeLessThanOrEqual(entered_us);
    expect(admitted_us).toBe(entered_us);
    expect(headers_us).toBeGreaterThanOrEqual(arrived_us);
    // A step of 2 ms and 10 µs for each of 3 tokens; then 2 ms and 100 µs for the one that decodes.
    expect(computed_us).toEqual([entered_us + 2030, 2100, 2100, 2100]);
    expect(written_us).toHaveLength(4);
    expect(lines[2]).toMatchObject({ status: 400, end: 'refused', computed: 0 });
    expect(lines[3]).toEqual({ end: { steps: 4, preemptions: 0, peak_running: 1, peak_blocks: 1 } });
    const again = await goodput(['serve', '--port', '0', '--log', log]);
    expect(again.code).toBe(104);
    expect(again.stderr).toMatch(new RegExp(`the log ${log} already exists`));
  });

  it('limits what clients can hold of it, and says how many connections were too many', async () => {
    const { url, stop } = await serving(
      '--preset tiny --max-body 100 --max-connections 2 --header-timeout 200ms --request-timeout 300ms'.split(
        ' ',
      ),
    );
    const large = await call(`${url}/chat/completions`, { body: { ...STREAM, user: 'x'.repeat(100) } });
    expect([large.status, large.headers.connection]).toEqual([413, 'close']);
    const port = Number(new URL(url).port);
    const sockets = Array.from({ length: 5 }, () => connect(port, '127.0.0.1'));
    await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
    const { code, stderr } = await stop();
    expect(code).toBe(0);
    expect(stderr).toMatch(/warning: \d connections were closed at once.*--max-connections/);
  });

  it('has refused requests in its log, by id, status and API', async () => {
    const log = join(scratch, 'refused.jsonl');
    const args = ['--preset', 'tiny', '--log', log, '--model', 'mine', '--max-body', '1k'];
    const { url, stop } = await serving([...args, '--api-key-env', 'SERVE_KEY'], { SERVE_KEY: KEY });
    const headers = { authorization: `Bearer ${KEY}` };
    const body = { ...STREAM, model: 'mine' };
    const replies = [
      await call(`${url}/chat/completions`, { body }),
      await call(`${url}/chat/completions`, { body: STREAM, headers }),
      await call(`${url}/messages`, { body: '{', headers }),
      await call(`${url}/responses`, { body: 'x'.repeat(2000), headers }),
      await call(`${url}/completions`, { method: 'GET', headers }),
      await call(`${url}/embeddings`, { body, headers }),
      await call(`${url}/chat/completions`, { body, headers }),
    ];
    await call(`${url}/models`, { method: 'GET', headers });
    await stop();
    const lines = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(1, -1);
    const logged = lines.map((line) => JSON.parse(line));
    expect(logged.map(({ api, status, end }) => [api, status, end])).toEqual([
      ['chat', 401, 'refused'],
      ['chat', 404, 'refused'],
      ['messages', 400, 'refused'],
      ['responses', 413, 'refused'],
      ['completions', 405, 'refused'],
      [null, 404, 'refused'],
      ['chat', 200, 'complete'],
    ]);
    expect(logged.map(({ id }) => id)).toEqual(replies.map((reply) => reply.headers['x-request-id']));
    expect(replies.map(({ status }) => status)).toEqual(logged.map(({ status }) => status));
  });

  it('reports each parameter that it ignores once, and ends answers at their natural length', async () => {
    const { url, stop } = await serving(['--preset', 'tiny', '--natural-length', '3']);
    const body = { ...STREAM, stream: false, max_tokens: 50, tools: [{ type: 'function' }] };
    for (const more of [{}, { logprobs: true }, { logprobs: true }]) {
      const { text } = await call(`${url}/chat/completions`, { body: { ...body, ...more } });
      const { choices, usage } = JSON.parse(text);
      expect([choices[0].finish_reason, usage.completion_tokens]).toEqual(['stop', 3]);
    }
    const { stderr } = await stop();
    expect(stderr.match(/warning: .*"tools"/g)).toHaveLength(1);
    expect(stderr.match(/warning: .*"logprobs"/g)).toHaveLength(1);
    expect(stderr.match(/warning/g)).toHaveLength(2);
  });

  it('warns where other machines may reach it and no key is asked for', async () => {
    const open = await serving(['--preset', 'tiny', '--host', '0.0.0.0']);
    expect(open.url).toMatch(/^http:\/\/0\.0\.0\.0:\d+\/v1$/);
    expect((await open.stop()).stderr).toContain('warning: 0.0.0.0 may be reachable from other machines');
    const guarded = await serving(['--host', '0.0.0.0', '--api-key-env', 'SERVE_KEY'], { SERVE_KEY: KEY });
    expect((await guarded.stop()).stderr).not.toContain('warning');
  });

  it('a port in use: the error names it and suggests --port 0', async () => {
    const { url, stop } = await serving(['--preset', 'tiny']);
    const { port } = new URL(url);
    const second = await goodput(['serve', '--port', port]);
    expect(second.code).toBe(104);
    expect(second.stderr).toMatch(new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}.*--port 0`, 's'));
    await stop();
  });
});

test('--list-presets prints every preset, a line each', async () => {
  const { code, stdout, stderr } = await goodput(['serve', '--list-presets']);
  expect([code, stderr]).toEqual([0, '']);
  const names = stdout.split('\n').map((line) => line.split(' ')[0]);
  expect(names.slice(1, PRESETS.length + 1)).toEqual(PRESETS.map(({ name }) => name));
  expect(stdout).toMatch(/^llama-3\.1-8b-h100 .* 464,688 +6\.96 ms +10\.5 ms$/m);
});

test.each([
  [['--port', '70000'], /--port: got "70000"; expected a whole number from 0 to 65535/],
  [['--max-body', '0'], /--max-body: got "0"; expected a number of bytes/],
  [['--max-bodies', '1.5'], /--max-bodies: got "1.5"; expected a number of bytes/],
  [['--max-connections', 'all'], /--max-connections: got "all"; expected a number of connections/],
  [['--header-timeout', '60'], /--header-timeout: got "60"; expected a duration/],
  [['--request-timeout', '0'], /--request-timeout: got "0"; expected a duration/],
  [['--preset', 'tinny'], /--preset: got "tinny"; .*did you mean tiny\?/s],
  [['--dialect', 'vlm'], /--dialect: got "vlm"; .*did you mean vllm\?/s],
  [['--fault', 'resett'], /--fault: .*unknown fault "resett".*.*did you mean reset\?/s],
  [['--api-key-env', 'NOT_SET'], /--api-key-env: the variable NOT_SET is empty or not set/],
  [['--api-key-file', '/nowhere/key'], /--api-key-file: cannot read \/nowhere\/key/],
  [['--api-key-env', 'A', '--api-key-file', 'b'], /--api-key-file: cannot be combined with --api-key-env/],
  [['--log', '/nowhere/log.jsonl'], /cannot write the log \/nowhere\/log\.jsonl/],
  [['--prt', '1'], /unknown option '--prt'.*--port/s],
  [['--api-key', KEY], /unknown option '--api-key'/],
])('mistakes end with 104: %j', async (args, message) => {
  const { code, stdout, stderr } = await goodput(['serve', '--port', '0', ...args]);
  expect(stderr).toMatch(message);
  expect([code, stdout]).toEqual([104, '']);
  expect(stderr).not.toContain(KEY);
});
