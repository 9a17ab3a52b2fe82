import { afterEach, describe, expect, it } from 'vitest';
import { inOrder } from '../../src/ask/in-order.ts';
import { QuestionClient } from '../../src/ask/question-client.ts';
import { DIRECT } from '../../src/client/connection/network-route.ts';
import { resolveSingleRun } from '../../src/scenario/runs.ts';
import { type AnsweringServer, answeringServer, type Scripted } from './answering-server.ts';

let server: AnsweringServer | null = null;
let client: QuestionClient | null = null;
afterEach(async () => {
  await client?.close();
  server?.close();
  client = server = null;
});

/** Opens a client for a scripted server; the pauses before a question is sent again are recorded and not waited for. */
async function opened(script: Parameters<typeof answeringServer>[0]) {
  server = await answeringServer(script);
  const { resolved } = resolveSingleRun({ file: null, env: {}, flags: { url: server.url } });
  const waits: number[] = [];
  client = await QuestionClient.open({
    endpoint: resolved.scenario.endpoint,
    url: server.url,
    route: DIRECT,
    wait: async (ms) => void waits.push(ms),
  });
  return { asking: client, waits, bodies: server.bodies };
}

const QUESTION = { text: 'Where?', maxTokens: 40 };
/** Answers the first request, which finds out what the server accepts. */
const afterTrial =
  (...responses: Scripted[]) =>
  (_: string, number: number): Scripted =>
    number === 0 ? { text: 'yes' } : (responses[number - 1] ?? { text: 'none left' });

describe('a question', () => {
  it('is one message; its answer is the text without reasoning, with the counts of the server', async () => {
    const { asking, bodies } = await opened(afterTrial({ text: 'Here.', reasoning: 'Hm.' }));
    expect(await asking.ask(QUESTION)).toEqual({
      ok: true,
      value: { text: 'Here.', finish: 'stop', input_tokens: 7, output_tokens: 3 },
    });
    expect(bodies[1]).toMatchObject({
      model: 'scripted',
      max_tokens: 40,
      messages: [{ role: 'user', content: 'Where?' }],
    });
  });

  it('is sent again after an overload or a failure that may pass, when the server says or with growing pauses', async () => {
    const { asking, waits } = await opened(
      afterTrial(
        { status: 429, error: 'slow down', headers: { 'retry-after': '7' } },
        { status: 500, error: 'oops' },
        { status: 503, error: 'busy' },
        { text: 'Here.' },
      ),
    );
    expect(await asking.ask(QUESTION)).toMatchObject({ ok: true, value: { text: 'Here.' } });
    expect(waits).toEqual([7000, 2000, 4000]);
  });

  it('that the server refuses is its own failure, and others are answered', async () => {
    const { asking, waits } = await opened(
      afterTrial({ status: 400, error: 'too long for the context' }, { text: 'Here.' }),
    );
    expect(await asking.ask(QUESTION)).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/400.*context/) as string,
    });
    expect(await asking.ask(QUESTION)).toMatchObject({ ok: true });
    expect(waits).toEqual([]);
  });

  it.each([
    [{ status: 500, error: 'broken' }, 4, /500.*broken/],
    [{ status: 401, error: 'no key' }, 0, /401.*no key/],
  ])('%j ends after %i more attempts', async (failure, repeats, message) => {
    const { asking, waits } = await opened((_, number) => (number === 0 ? { text: 'yes' } : failure));
    await expect(asking.ask(QUESTION)).rejects.toMatchObject({
      kind: 'endpoint',
      message: expect.stringMatching(message) as string,
    });
    expect(waits).toHaveLength(repeats);
  });
});

describe('opening', () => {
  it('finds out the name of the limit of output tokens', async () => {
    const { asking, bodies } = await opened((_, __, body) =>
      'max_tokens' in body ? { status: 400, error: "Unsupported parameter: 'max_tokens'" } : { text: 'fine' },
    );
    expect(await asking.ask(QUESTION)).toMatchObject({ ok: true });
    expect(bodies.at(-1)).toMatchObject({ max_completion_tokens: 40 });
  });

  it('fails with the fix if the endpoint rejects the key', async () => {
    await expect(opened(() => ({ status: 401, error: 'no key' }))).rejects.toMatchObject({
      kind: 'endpoint',
      hint: expect.stringContaining('--api-key-env') as string,
    });
  });
});

describe('several questions', () => {
  async function* numbers(count: number): AsyncGenerator<number> {
    for (let k = 0; k < count; k++) yield k;
  }

  it('are in flight up to the limit; the answers come in the order of the questions', async () => {
    let inFlight = 0;
    let most = 0;
    const answers: number[] = [];
    const ask = async (k: number): Promise<number> => {
      most = Math.max(most, ++inFlight);
      // Later questions are answered earlier.
      for (let turn = 0; turn < 20 - k; turn++) await Promise.resolve();
      inFlight--;
      return k;
    };
    for await (const answer of inOrder(numbers(20), 4, ask)) answers.push(answer);
    expect(answers).toEqual(Array.from({ length: 20 }, (_, k) => k));
    expect(most).toBe(4);
  });

  it('after a failure those in flight are awaited, and no other is asked', async () => {
    const ended: number[] = [];
    const ask = async (k: number): Promise<void> => {
      if (k === 1) throw new Error('failed');
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      ended.push(k);
    };
    const all = (async () => {
      for await (const _ of inOrder(numbers(20), 3, ask)) {
        // Each answer was recorded when it came.
      }
    })();
    await expect(all).rejects.toThrow('failed');
    expect(ended.toSorted((a, b) => a - b)).toEqual([0, 2, 3]);
  });
});
