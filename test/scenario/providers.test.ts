import { describe, expect, test } from 'vitest';
import { profileOf } from '../../src/preflight/preflight.ts';
import { isAt, providerAt, PROVIDERS } from '../../src/scenario/keys/providers.ts';
import { FILE, inOrder, mistakes, resolve } from './resolving.ts';

const KEY = 'sk-provider-key-0001';

describe('a provider', () => {
  test.each(PROVIDERS.map(({ name }) => name))('%s is complete', (name) => {
    const {
      url,
      form,
      keys,
      apis,
      kind,
      stream,
      model,
      domains = [],
    } = PROVIDERS.find((provider) => provider.name === name)!;
    expect(url.value ?? form).toMatch(/^https?:\/\/[^/]+(\/|$)/);
    expect(url.value ?? form).not.toMatch(/\/$/);
    for (const { source } of [url, keys, stream]) expect(source).not.toBe('');
    for (const key of keys.value) expect(key).toMatch(/^[A-Z][A-Z0-9_]*$/);
    expect(new Set(apis).size).toBe(apis.length);
    for (const domain of domains) expect(domain).toMatch(/^\.[a-z]/);
    if (kind === 'hosted') {
      // A key is only sent over https.
      expect(url.value ?? form).toMatch(/^https:/);
      expect(keys.value.length).toBeGreaterThan(0);
      expect(model).not.toBeNull();
    } else {
      expect(url.value).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    }
    const flags = { provider: name, ...(url.value === null ? { url: form!.toLowerCase() } : {}) };
    const { endpoint } = resolve(null, flags).resolved.scenario;
    expect(endpoint).toMatchObject({ provider: name, api: apis[0], simulated: false });
  });

  test('names are unique, and no two hosted ones share a host', () => {
    expect(new Set(PROVIDERS.map(({ name }) => name)).size).toBe(PROVIDERS.length);
    for (const provider of PROVIDERS.filter(({ kind, url }) => kind === 'hosted' && url.value !== null)) {
      expect(providerAt(new URL(provider.url.value!).hostname)).toBe(provider);
    }
    expect(providerAt('127.0.0.1')).toBeNull();
  });

  test('sets URL and API; explicit settings override them', () => {
    const { resolved } = resolve(null, { provider: 'anthropic' });
    expect(resolved.scenario.endpoint).toMatchObject({
      url: 'https://api.anthropic.com/v1',
      api: 'messages',
    });
    const of = (path: string) => resolved.values.find((value) => value.path === path);
    expect(of('endpoint.url')).toEqual({
      path: 'endpoint.url',
      shown: 'https://api.anthropic.com/v1',
      source: 'flag',
      from: '--provider anthropic',
    });
    const beside = resolve(null, { provider: 'vllm', url: 'http://gpu:9000/v1', api: 'completions' });
    expect(beside.resolved.scenario.endpoint).toMatchObject({
      provider: 'vllm',
      url: 'http://gpu:9000/v1',
      api: 'completions',
    });
    const file = 'endpoint: { provider: sglang, url: "http://gpu:30000/v1", model: m }';
    expect(resolve(file).resolved.scenario.endpoint).toMatchObject({
      provider: 'sglang',
      url: 'http://gpu:30000/v1',
    });
  });

  test('is replaced entirely by a source with higher precedence', () => {
    const file = 'endpoint: { provider: groq, model: m }';
    expect(resolve(file, { url: 'http://h/v1' }).resolved.scenario.endpoint).toMatchObject({
      provider: null,
      url: 'http://h/v1',
      api: 'chat',
    });
    const other = 'endpoint: { url: "http://h/v1", api: completions, apiKey: file-key-123 }';
    expect(resolve(other, { provider: 'groq' }).resolved.scenario.endpoint).toMatchObject({
      provider: 'groq',
      url: 'https://api.groq.com/openai/v1',
      api: 'chat',
      // The file's key belongs to the file's endpoint.
      apiKey: null,
    });
  });

  test('its key is sent only to its own hosts', () => {
    const env = { GROQ_API_KEY: KEY, OPENAI_API_KEY: 'sk-openai-0002' };
    const endpoint = (flags: Record<string, string>, more: Record<string, string> = {}) =>
      resolve(null, flags, { ...env, ...more }).resolved.scenario.endpoint;
    expect(endpoint({ provider: 'groq' }).apiKey).toBe(KEY);
    expect(
      endpoint({ provider: 'groq', url: 'https://api.groq.com.evil.example/openai/v1' }).apiKey,
    ).toBeNull();
    expect(endpoint({ provider: 'groq', url: 'http://api.groq.com/openai/v1' }).apiKey).toBeNull();
    expect(endpoint({ provider: 'groq', url: 'http://127.0.0.1:1/v1' }).apiKey).toBeNull();
    // It is not sent another provider's key, even on OpenAI's host.
    expect(endpoint({ provider: 'groq', url: 'https://api.openai.com/v1' }).apiKey).toBeNull();
    expect(endpoint({ provider: 'openai' }).apiKey).toBe('sk-openai-0002');
    expect(endpoint({ provider: 'groq' }, { GOODPUT_API_KEY: 'sk-general-0003' }).apiKey).toBe(
      'sk-general-0003',
    );
    expect(endpoint({ provider: 'groq', 'api-key-env': 'OTHER' }, { OTHER: 'sk-other-0004' }).apiKey).toBe(
      'sk-other-0004',
    );
    expect(JSON.stringify(resolve(null, { provider: 'groq' }, env).resolved.echo)).not.toContain(KEY);
  });

  test('the first variable of several that is set', () => {
    const key = (env: Record<string, string>) =>
      resolve(null, { provider: 'gemini' }, env).resolved.scenario.endpoint.apiKey;
    expect(key({ GOOGLE_API_KEY: 'g-2222' })).toBe('g-2222');
    expect(key({ GOOGLE_API_KEY: 'g-2222', GEMINI_API_KEY: 'g-1111' })).toBe('g-1111');
  });

  test('Azure: a host per customer, and a different key header', () => {
    const url = 'https://mine.openai.azure.com/openai/v1';
    const { resolved } = resolve(null, { provider: 'azure', url }, { AZURE_OPENAI_API_KEY: KEY });
    expect(resolved.scenario.endpoint).toMatchObject({ apiKey: null, headers: { 'api-key': KEY } });
    expect(JSON.stringify(resolved.echo)).not.toContain(KEY);
    expect(mistakes(null, { provider: 'azure' })).toEqual([
      expect.stringMatching(
        /^--provider: Azure OpenAI .*--url.*https:\/\/RESOURCE\.openai\.azure\.com\/openai\/v1$/,
      ),
    ]);
    expect(
      isAt(
        PROVIDERS.find(({ name }) => name === 'azure')!,
        'https://openai.azure.com.evil.example',
      ),
    ).toBe(false);
  });

  test('without a preflight, the fields that it is known to accept are requested', () => {
    const profile = (flags: Record<string, string>) => profileOf(resolve(null, flags).resolved.scenario);
    expect(profile({ provider: 'vllm' })).toEqual({
      limit: 'max_tokens',
      optionalFields: ['include_usage', 'continuous_usage_stats', 'return_token_ids'],
    });
    expect(profile({ provider: 'openai' })).toEqual({
      limit: 'max_completion_tokens',
      optionalFields: ['include_usage'],
    });
    expect(profile({ url: 'http://h/v1' })).toEqual({
      limit: 'max_tokens',
      optionalFields: ['include_usage'],
    });
  });

  test('mistakes and warnings', () => {
    const [unknown] = mistakes(null, { provider: 'grok' });
    expect(unknown).toMatch(/^--provider: got "grok"; expected one of openai, .*; did you mean groq\?$/);
    expect(mistakes('endpoint: { provider: nobody }')).toHaveLength(1);
    expect(mistakes('endpoint: { provider: vllm, url: simulated }')).toEqual([
      expect.stringMatching(inOrder(`${FILE}:1:13: endpoint.provider: cannot be combined … simulated`)),
    ]);
    expect(resolve(null, { provider: 'deepseek' }).warnings).toEqual([
      expect.stringMatching(/no API key.*DEEPSEEK_API_KEY/),
    ]);
    expect(
      resolve(null, { provider: 'mistral', api: 'responses' }, { MISTRAL_API_KEY: KEY }).warnings,
    ).toEqual([expect.stringMatching(/Mistral .*responses API.*chat/)]);
  });
});
