import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../cli/goodput.ts';
import { cacheOf } from './readers.ts';

/** The SDKs of OpenAI and Anthropic understand `goodput serve`: answers, histories, errors and faults. */
const DIR = cacheOf('sdks');
const SOURCES = join(import.meta.dirname, 'sdks');
const PYTHON = join(DIR, 'venv', 'bin', 'python');
const run = promisify(execFile);

beforeAll(async () => {
  await mkdir(DIR, { recursive: true });
  await cp(SOURCES, DIR, { recursive: true });
  await run('python3', ['-m', 'venv', join(DIR, 'venv')]);
  await run(PYTHON, ['-m', 'pip', 'install', '--quiet', 'openai==3.57.0', 'anthropic==2.14.0']);
  await writeFile(join(DIR, 'package.json'), '{"private":true}');
  const packages = ['openai@7.59.0', '@anthropic-ai/sdk@1.14.0'];
  await run('npm', ['install', '--silent', '--no-audit', '--no-fund', ...packages], { cwd: DIR });
}, 600_000);

const KEY = 'sk-interop';
const children: (() => void)[] = [];
afterAll(() => {
  for (const stop of children) stop();
});

/** Starts `goodput serve` and returns its URL. */
async function serve(...args: string[]): Promise<string> {
  const fixed = ['--port', '0', '--preset', 'tiny', '--model', 'm', '--api-key-env', 'SERVE_KEY', '--quiet'];
  const { child, ended } = start(['serve', ...fixed, ...args], { env: { SERVE_KEY: KEY } });
  children.push(() => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', (text: string) => resolve(text.trim()));
    void ended.then(({ stderr }) => reject(new Error(stderr)));
  });
}

type Came = Record<string, any>;

async function ask(language: 'python' | 'node', sdk: string, plan: Record<string, string>): Promise<Came> {
  const [program, file] = language === 'python' ? [PYTHON, 'clients.py'] : [process.execPath, 'clients.mjs'];
  const asking = run(program, [join(DIR, file), sdk]);
  asking.child.stdin!.end(JSON.stringify(plan));
  return JSON.parse((await asking).stdout) as Came;
}

/** Servers that all clients share, by the case that is asked of them. */
const SERVERS: Record<string, string[]> = {
  plain: [],
  reasoning: ['--dialect', 'reasoning'],
  error: ['--fault', 'error after=2'],
  malformed: ['--fault', 'malformed after=2'],
  reset: ['--fault', 'reset after=2'],
  truncate: ['--fault', 'truncate after=2'],
  429: ['--fault', '429 retry-after=5s'],
  500: ['--fault', '500'],
  503: ['--fault', '503'],
  529: ['--fault', '529'],
};
const urls: Record<string, string> = {};
beforeAll(async () => {
  for (const [name, args] of Object.entries(SERVERS)) urls[name] = await serve(...args);
}, 300_000);

const TEXT = 'one two three four five six seven eight';
const ID = expect.stringMatching(/^(chatcmpl|resp|msg)-/);

describe.each(['python', 'node'] as const)('the SDK of %s', (language) => {
  it('of OpenAI', { timeout: 300_000 }, async () => {
    const whole = ['chat', 'chat_stream', 'completion', 'completion_stream', 'response', 'response_stream'];
    const mistakes = ['no_key', 'no_model', 'too_long', 'bad_request'];
    const histories = ['chat_history', 'response_history'];
    const streams = ['chat_stream', 'response_stream'];
    const plan = Object.fromEntries([
      ...[...whole, ...mistakes, ...histories].map((name) => [name, urls['plain']!]),
      ...['chat', 'chat_stream', 'response_stream', ...histories].map((name) => [
        `${name} reasoning`,
        urls['reasoning']!,
      ]),
      ...['error', 'malformed', 'reset'].flatMap((kind) =>
        streams.map((name) => [`${name} ${kind}`, urls[kind]!]),
      ),
      ...['429', '500', '503'].map((kind) => [`chat ${kind}`, urls[kind]!]),
      ['chat_stream truncate', urls['truncate']!],
      ['response 429', urls['429']!],
      ['retried', await serve('--fault', '429 retry-after=1ms times=2')],
      ['retried 503', await serve('--fault', '503 retry-after=1ms times=2')],
    ]);
    const came = await ask(language, 'openai', plan);

    const answer = { text: TEXT, finish: 'length' };
    const usage = [4, 8];
    expect(came['chat']).toMatchObject({ ...answer, usage, has_id: true });
    expect(came['chat_stream']).toMatchObject({ ...answer, usage, reasoning: '' });
    expect(came['completion']).toEqual(answer);
    expect(came['completion_stream']).toEqual(answer);
    expect(came['response']).toEqual({ text: TEXT, status: 'incomplete', usage });
    expect(came['response_stream']).toMatchObject({
      text: TEXT,
      status: 'incomplete',
      first: 'response.created',
    });
    const thought = { reasoning: 'one two', text: TEXT.slice('one two '.length) };
    expect(came['chat reasoning']).toMatchObject(thought);
    expect(came['chat_stream reasoning']).toMatchObject(thought);
    expect(came['response_stream reasoning']).toMatchObject(thought);
    // 4 words, 2 of reasoning, the name, 2 of arguments and 2 of the result.
    expect([came['chat_history'], came['chat_history reasoning']]).toEqual([
      [11, 8],
      [11, 8],
    ]);
    // 4 words, the answer's 8, and the call.
    expect([came['response_history'], came['response_history reasoning']]).toEqual([
      [17, 8],
      [17, 8],
    ]);

    const error = (name: string, status: number, code: string | null): object => ({
      error: name,
      status,
      code,
      id: ID,
    });
    expect(came['no_key']).toMatchObject(error('AuthenticationError', 401, 'invalid_api_key'));
    expect(came['no_model']).toMatchObject(error('NotFoundError', 404, 'model_not_found'));
    expect(came['bad_request']).toMatchObject(error('BadRequestError', 400, null));
    expect(came['too_long']).toMatchObject(error('BadRequestError', 400, 'context_length_exceeded'));
    expect(came['too_long'].message).toContain('maximum context length is');
    expect(came['chat 429']).toMatchObject(error('RateLimitError', 429, 'rate_limit_exceeded'));
    expect(came['response 429']).toMatchObject(error('RateLimitError', 429, 'rate_limit_exceeded'));
    expect(came['chat 500']).toMatchObject(error('InternalServerError', 500, null));
    expect(came['chat 503']).toMatchObject(error('InternalServerError', 503, null));
    expect(came['chat_stream error']).toMatchObject({
      error: 'APIError',
      message: expect.stringContaining('died'),
    });
    // A stream that ends well without its end is no error to an SDK: only the missing finish shows it.
    expect(came['chat_stream truncate']).toMatchObject({ text: 'one two', finish: null, usage: null });
    // Python's hands the event over, JavaScript's throws it.
    expect(came['response_stream error']).toMatchObject({
      ...(language === 'python' ? { event: 'error' } : { error: 'APIError' }),
      code: 'server_error',
      message: expect.stringContaining('died'),
    });
    for (const name of streams) {
      expect(came[`${name} malformed`].error).toBe(language === 'python' ? 'JSONDecodeError' : 'SyntaxError');
      expect(came[`${name} reset`].error).toBe(language === 'python' ? 'APIConnectionError' : 'TypeError');
    }
    expect([came['retried'], came['retried 503']]).toEqual([TEXT, TEXT]);
  });

  it('of Anthropic', { timeout: 300_000 }, async () => {
    const plain = ['message', 'message_stream', 'message_raw_stream', 'message_history'];
    const mistakes = ['no_key', 'no_model', 'too_long', 'bad_request'];
    const plan = Object.fromEntries([
      ...[...plain, ...mistakes].map((name) => [name, urls['plain']!]),
      ...['message', 'message_stream', 'message_history'].map((name) => [
        `${name} reasoning`,
        urls['reasoning']!,
      ]),
      ...['error', 'malformed', 'reset'].map((kind) => [`message_raw_stream ${kind}`, urls[kind]!]),
      ...['429', '500', '503', '529'].map((kind) => [`message ${kind}`, urls[kind]!]),
      ['retried', await serve('--fault', '529 retry-after=1ms times=2')],
    ]);
    const came = await ask(language, 'anthropic', plan);

    const answer = { text: TEXT, finish: 'max_tokens', usage: [4, 8] };
    expect(came['message']).toMatchObject({ ...answer, has_id: true });
    expect(came['message_stream']).toMatchObject({ ...answer, same: true });
    expect(came['message_raw_stream']).toEqual([4, 8]);
    const thought = { reasoning: 'one two', text: TEXT.slice('one two '.length) };
    expect(came['message reasoning']).toMatchObject(thought);
    expect(came['message_stream reasoning']).toMatchObject({ ...thought, same: true });
    // 4 words, the answer's 8, one that is redacted, the name, 2 of input and 2 of the result.
    expect([came['message_history'], came['message_history reasoning']]).toEqual([
      [18, 8],
      [18, 8],
    ]);

    const error = (name: string, status: number, type: string): object => ({
      error: name,
      status,
      type,
      id: ID,
    });
    expect(came['no_key']).toMatchObject(error('AuthenticationError', 401, 'authentication_error'));
    expect(came['no_model']).toMatchObject(error('NotFoundError', 404, 'not_found_error'));
    expect(came['bad_request']).toMatchObject(error('BadRequestError', 400, 'invalid_request_error'));
    expect(came['too_long']).toMatchObject(error('BadRequestError', 400, 'invalid_request_error'));
    expect(came['too_long'].message).toContain('maximum context length is');
    expect(came['message 429']).toMatchObject(error('RateLimitError', 429, 'rate_limit_error'));
    expect(came['message 500']).toMatchObject(error('InternalServerError', 500, 'api_error'));
    expect(came['message 503']).toMatchObject(error('ServiceUnavailableError', 503, 'api_error'));
    expect(came['message 529']).toMatchObject(error('OverloadedError', 529, 'overloaded_error'));
    expect(came['message_raw_stream error']).toMatchObject({
      type: 'api_error',
      message: expect.stringContaining('died'),
    });
    expect(came['message_raw_stream malformed'].error).toBe(
      language === 'python' ? 'JSONDecodeError' : 'SyntaxError',
    );
    expect(came['message_raw_stream reset'].error).toBe(language === 'python' ? 'ReadError' : 'TypeError');
    expect(came['retried']).toBe(TEXT);
  });
});
