import { expect, it } from 'vitest';
import { Endpoint } from '../../src/simulator/server/endpoint.ts';
import { ignoredParameters } from '../../src/simulator/api/ignored-parameters.ts';
import { resolveSettings } from '../../src/simulator/server/endpoint-settings.ts';
import { call } from './http.ts';
import { linear } from './linear.ts';

it.each([
  [{ tools: [{ type: 'function' }], tool_choice: 'auto', temperature: 0.5 }, ['tools']],
  [
    { response_format: { type: 'json_object' }, logprobs: true, top_logprobs: 5 },
    ['response_format', 'logprobs', 'top_logprobs'],
  ],
  [{ logprobs: 0 }, ['logprobs']],
  [{ text: { format: { type: 'json_schema' } }, reasoning: { effort: 'low' } }, ['text', 'reasoning']],
  [{ thinking: { type: 'enabled', budget_tokens: 1024 } }, ['thinking']],
  [{ modalities: ['text', 'audio'] }, ['modalities']],
  [
    {
      input: [
        { type: 'item_reference', id: 'item-0-x' },
        { role: 'user', content: 'a' },
      ],
    },
    ['item_reference'],
  ],
  [{ input: [{ role: 'user', content: 'item_reference' }] }, []],
  // Default values.
  [{ tools: [], response_format: { type: 'text' }, logprobs: false, top_logprobs: null }, []],
  [{ text: { format: { type: 'text' }, verbosity: 'low' }, thinking: { type: 'disabled' } }, []],
  [{ modalities: ['text'], truncation: 'disabled', logit_bias: {}, suffix: '' }, []],
])('%j: the ignored parameters are %j', (body, params) => {
  expect(ignoredParameters(body)).toEqual(params);
});

it('an endpoint reports each once, and all when it is closed', async () => {
  const reported: string[] = [];
  const settings = resolveSettings({ cost: linear({ base: 200 }) });
  const endpoint = new Endpoint(settings, (param) => reported.push(param));
  const url = await endpoint.listen();
  const body = { model: 'm', prompt: 'a', max_tokens: 1 };
  for (const more of [{}, { echo: true }, { echo: true, logprobs: 1 }, { logprobs: 2 }]) {
    expect((await call(`${url}/completions`, { body: { ...body, ...more } })).status).toBe(200);
  }
  expect(reported.toSorted()).toEqual(['echo', 'logprobs']);
  expect((await endpoint.close()).ignored.toSorted()).toEqual(['echo', 'logprobs']);
});
