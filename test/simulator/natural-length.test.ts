import { afterAll, describe, expect, it, test } from 'vitest';
import { drawLength, type Length } from '../../src/lengths.ts';
import { randomStream } from '../../src/random.ts';
import { planAnswer } from '../../src/simulator/api/answer.ts';
import { Endpoint } from '../../src/simulator/server/endpoint.ts';
import { type GivenSettings, resolveSettings } from '../../src/simulator/server/endpoint-settings.ts';
import { call } from './http.ts';
import { linear } from './linear.ts';

type Asked = Parameters<typeof planAnswer>[0];

const asked = (given: Partial<Asked>): Asked => ({
  api: 'chat',
  limit: null,
  minTokens: 0,
  ignoreEos: false,
  stop: [],
  ...given,
});

describe('an answer of a model that ends after 8 tokens, with 20 left in the context', () => {
  const end = (given: Partial<Asked>): [number, string] => {
    const { tokens, finish } = planAnswer(asked(given), { naturalLength: 8, tokensLeft: 20 });
    return [tokens, finish];
  };

  it.each([
    ['without a limit', {}, [8, 'stop']],
    ['with a limit beyond it', { limit: 9 }, [8, 'stop']],
    ['with that limit', { limit: 8 }, [8, 'stop']],
    ['with a limit below it', { limit: 7 }, [7, 'length']],
    ['with more tokens at least', { limit: 15, minTokens: 12 }, [12, 'stop']],
    ['with as many at least as at most', { limit: 15, minTokens: 15 }, [15, 'stop']],
    ['that must not end', { limit: 15, ignoreEos: true }, [15, 'length']],
    ['that a text ends first', { limit: 15, stop: ['three'] }, [3, 'stop']],
    ['that a text would end later', { limit: 15, stop: ['nine'] }, [8, 'stop']],
    ['of the completions API without a limit', { api: 'completions' }, [8, 'stop']],
  ] as const)('%s', (_, given, expected) => {
    expect(end(given as Partial<Asked>)).toEqual(expected);
  });

  test('a longer one ends at the context length, or at the completions API’s default of 16', () => {
    const model = { naturalLength: 30, tokensLeft: 20 };
    expect(planAnswer(asked({}), model)).toMatchObject({ tokens: 20, finish: 'length' });
    expect(planAnswer(asked({ api: 'completions' }), model)).toMatchObject({ tokens: 16, finish: 'length' });
  });
});

const opened: Endpoint[] = [];
afterAll(() => Promise.all(opened.map((each) => each.close())));

async function open(given: GivenSettings): Promise<string> {
  const endpoint = new Endpoint(resolveSettings({ cost: linear({ base: 200 }), ...given }));
  opened.push(endpoint);
  const url = await endpoint.listen();
  endpoint.begin(null);
  return url;
}

const NATURAL: Length = { distribution: 'uniform', min: 2, max: 30 };

describe('an endpoint with a natural length', () => {
  it('draws each from the seed, and reports the end in each API’s format', async () => {
    const url = await open({ naturalLength: NATURAL, seed: 7 });
    const wanted = Array.from({ length: 4 }, (_, n) =>
      drawLength(NATURAL, randomStream(7, 'natural length', n)),
    );
    expect(new Set(wanted).size).toBeGreaterThan(1);
    const messages = [{ role: 'user', content: 'a' }];
    const ask = async (path: string, body: object): Promise<any> => {
      const { text } = await call(url + path, { body: { model: 'm', ...body } });
      return JSON.parse(text);
    };
    const chat = await ask('/chat/completions', { messages });
    const completion = await ask('/completions', { prompt: 'a', max_tokens: 500 });
    const response = await ask('/responses', { input: 'a' });
    const message = await ask('/messages', { messages, max_tokens: 500 });
    expect([
      [chat.usage.completion_tokens, chat.choices[0].finish_reason],
      [completion.usage.completion_tokens, completion.choices[0].finish_reason],
      [response.usage.output_tokens, response.status],
      [message.usage.output_tokens, message.stop_reason],
    ]).toEqual([
      [wanted[0], 'stop'],
      [wanted[1], 'stop'],
      [wanted[2], 'completed'],
      [wanted[3], 'end_turn'],
    ]);
  });

  it('rejects by the limit, not by the natural length', async () => {
    const url = await open({
      naturalLength: { distribution: 'constant', tokens: 2 },
      engine: { maxModelLen: 10 },
    });
    const status = async (max_tokens: number): Promise<number> =>
      (await call(`${url}/completions`, { body: { model: 'm', prompt: 'a b c', max_tokens } })).status;
    expect([await status(7), await status(8)]).toEqual([200, 400]);
  });
});
