import type { Api } from './scenario.ts';

/** A fact and its source. */
interface Fact<T> {
  value: T;
  source: string;
}

/** Optional request fields that a server is known to support (client/api/request-profile.ts describes them). */
type KnownField = 'include_usage' | 'continuous_usage_stats' | 'return_token_ids';

/** A named server or service: its URL, how its key is sent, and how it streams. */
export interface Provider {
  /** The name for `--provider`. */
  name: string;
  label: string;
  kind: 'hosted' | 'self-hosted';
  /** Base URL; `null` if each customer has a different one, shaped like `form`. */
  url: Fact<string | null>;
  form?: string;
  /** Suffixes of its other host names, to which its key may be sent over https. */
  domains?: readonly string[];
  /** Environment variables of the key; the first that is set is used. Empty if no key is needed. */
  keys: Fact<readonly string[]>;
  /** The header for the key, if it differs from the API's. */
  keyHeader?: string;
  /** Supported APIs, the default first. */
  apis: readonly [Api, ...Api[]];
  limit: 'max_tokens' | 'max_completion_tokens';
  /** Fields requested without a preflight (`--no-probe`); a preflight tries all of them. */
  optionalFields: readonly KnownField[];
  /** A model name for examples; `null` for self-hosted servers, which list their models. */
  model: string | null;
  /** Properties of its streams, for docs/endpoints.md. `source` is the source of all four. */
  stream: { tokens: string; reasoning: string; cached: string; note: string; source: string };
}

const USAGE: readonly KnownField[] = ['include_usage'];
const NO_KEY = { value: [], source: 'runs without one' } as const;
const SDK = 'vercel/ai, packages/';
const sdk = (file: string): string => `${SDK}${file}`;
const UNVERIFIED = 'not verified';

/**
 * The providers of `--provider`. Properties of streams come from server sources, captured streams and vendors' documents, as given
 * by `source`; unverified ones say so.
 */
export const PROVIDERS: readonly Provider[] = [
  {
    name: 'openai',
    label: 'OpenAI',
    kind: 'hosted',
    url: { value: 'https://api.openai.com/v1', source: 'openai-python, src/openai/_client.py' },
    keys: { value: ['OPENAI_API_KEY'], source: 'openai-python, src/openai/_client.py' },
    apis: ['chat', 'completions', 'responses'],
    limit: 'max_completion_tokens',
    optionalFields: USAGE,
    model: 'gpt-4.1-mini',
    stream: {
      tokens: 'usage, in an event after the last choice',
      reasoning: 'hidden, counted; summaries with `responses`',
      cached: '`prompt_tokens_details.cached_tokens`',
      note: 'pads its events (`obfuscation`) unless asked not to; reasoning models refuse `max_tokens`',
      source: 'captured streams, vendor docs',
    },
  },
  {
    name: 'azure',
    label: 'Azure OpenAI',
    kind: 'hosted',
    url: { value: null, source: sdk('azure/src/azure-openai-provider.ts') },
    form: 'https://RESOURCE.openai.azure.com/openai/v1',
    domains: ['.openai.azure.com', '.services.ai.azure.com'],
    keys: {
      value: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'],
      source: `openai-python, src/openai/lib/azure.py; ${sdk('azure/src/azure-openai-provider.ts')}`,
    },
    keyHeader: 'api-key',
    apis: ['chat', 'completions', 'responses'],
    limit: 'max_completion_tokens',
    optionalFields: USAGE,
    model: 'my-deployment',
    stream: {
      tokens: 'usage, in an event after the last choice',
      reasoning: 'hidden, counted',
      cached: '`prompt_tokens_details.cached_tokens`',
      note: 'begins with an event of the content filter, without choices; the filter releases text in blocks unless it is asynchronous',
      source: 'captured streams, vendor docs, maintainers’ issues',
    },
  },
  {
    name: 'anthropic',
    label: 'Anthropic',
    kind: 'hosted',
    url: { value: 'https://api.anthropic.com/v1', source: sdk('anthropic/src/anthropic-provider.ts') },
    keys: { value: ['ANTHROPIC_API_KEY'], source: sdk('anthropic/src/anthropic-provider.ts') },
    apis: ['messages'],
    limit: 'max_tokens',
    optionalFields: [],
    model: 'claude-haiku-4-5',
    stream: {
      tokens: 'usage of `message_delta`',
      reasoning: 'summaries, or hidden',
      cached: '`cache_read_input_tokens`',
      note: '529 is overload; pings re-arm no timer',
      source: 'captured streams, vendor docs',
    },
  },
  {
    name: 'gemini',
    label: 'Gemini',
    kind: 'hosted',
    url: {
      value: 'https://generativelanguage.googleapis.com/v1beta/openai',
      source: 'ai.google.dev, OpenAI compatibility',
    },
    keys: { value: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'], source: 'ai.google.dev, API keys' },
    apis: ['chat'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: 'gemini-2.5-flash',
    stream: {
      tokens: 'usage, whose `total_tokens` is right: `completion_tokens` leaves out the reasoning',
      reasoning: 'hidden',
      cached: '–',
      note: 'few and big events; a finish reason has been null, and then the stream counts as truncated',
      source: 'maintainers’ issues; its usage not verified',
    },
  },
  {
    name: 'mistral',
    label: 'Mistral',
    kind: 'hosted',
    url: { value: 'https://api.mistral.ai/v1', source: sdk('mistral/src/mistral-provider.ts') },
    keys: { value: ['MISTRAL_API_KEY'], source: sdk('mistral/src/mistral-provider.ts') },
    apis: ['chat'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: 'mistral-small-latest',
    stream: {
      tokens: 'usage, with the finish reason',
      reasoning: 'streamed, as parts of the content',
      cached: '–',
      note: 'content may be a list of parts; tool calls come whole, with the finish reason',
      source: 'captured streams',
    },
  },
  {
    name: 'deepseek',
    label: 'DeepSeek',
    kind: 'hosted',
    url: { value: 'https://api.deepseek.com', source: sdk('deepseek/src/deepseek-provider.ts') },
    keys: { value: ['DEEPSEEK_API_KEY'], source: sdk('deepseek/src/deepseek-provider.ts') },
    apis: ['chat'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: 'deepseek-chat',
    stream: {
      tokens: 'usage, with the finish reason',
      reasoning: 'streamed as `reasoning_content`',
      cached: '`prompt_cache_hit_tokens`',
      note: 'comments may keep a request open for minutes; they do not extend any timeout',
      source: 'captured streams, vendor docs',
    },
  },
  {
    name: 'xai',
    label: 'xAI',
    kind: 'hosted',
    url: { value: 'https://api.x.ai/v1', source: sdk('xai/src/xai-provider.ts') },
    keys: { value: ['XAI_API_KEY'], source: sdk('xai/src/xai-provider.ts') },
    apis: ['chat', 'responses'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: 'grok-4',
    stream: {
      tokens: 'usage, whose `total_tokens` is right: `completion_tokens` leaves out the reasoning',
      reasoning: 'streamed as `reasoning_content`',
      cached: '`prompt_tokens_details.cached_tokens`',
      note: 'events have no `finish_reason` key until the last',
      source: 'captured streams',
    },
  },
  {
    name: 'groq',
    label: 'Groq',
    kind: 'hosted',
    url: { value: 'https://api.groq.com/openai/v1', source: sdk('groq/src/groq-provider.ts') },
    keys: { value: ['GROQ_API_KEY'], source: sdk('groq/src/groq-provider.ts') },
    apis: ['chat', 'responses'],
    limit: 'max_completion_tokens',
    optionalFields: USAGE,
    model: 'llama-3.1-8b-instant',
    stream: {
      tokens: 'usage, with the finish reason, also in `x_groq`',
      reasoning: 'streamed as `reasoning`',
      cached: '–',
      note: 'tool calls come whole',
      source: 'captured streams',
    },
  },
  {
    name: 'together',
    label: 'Together',
    kind: 'hosted',
    url: { value: 'https://api.together.ai/v1', source: 'docs.together.ai, OpenAI compatibility' },
    domains: ['.together.xyz'],
    keys: {
      value: ['TOGETHER_API_KEY', 'TOGETHER_AI_API_KEY'],
      source: `docs.together.ai, OpenAI compatibility; ${sdk('togetherai/src/togetherai-provider.ts')}`,
    },
    apis: ['chat', 'completions'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: 'openai/gpt-oss-20b',
    stream: {
      tokens: 'usage, with the finish reason; a token id with each event',
      reasoning: 'streamed',
      cached: '–',
      note: 'sends each token twice in one event: counted once',
      source: UNVERIFIED,
    },
  },
  {
    name: 'fireworks',
    label: 'Fireworks',
    kind: 'hosted',
    url: {
      value: 'https://api.fireworks.ai/inference/v1',
      source: sdk('fireworks/src/fireworks-provider.ts'),
    },
    keys: { value: ['FIREWORKS_API_KEY'], source: sdk('fireworks/src/fireworks-provider.ts') },
    apis: ['chat', 'completions'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: 'accounts/fireworks/models/llama-v3p1-8b-instruct',
    stream: {
      tokens: 'usage, with the finish reason',
      reasoning: 'streamed',
      cached: '–',
      note: 'tells its own times in headers (`fireworks-…`), which are kept',
      source: 'vendor docs',
    },
  },
  {
    name: 'cerebras',
    label: 'Cerebras',
    kind: 'hosted',
    url: { value: 'https://api.cerebras.ai/v1', source: sdk('cerebras/src/cerebras-provider.ts') },
    keys: { value: ['CEREBRAS_API_KEY'], source: sdk('cerebras/src/cerebras-provider.ts') },
    apis: ['chat', 'completions'],
    limit: 'max_completion_tokens',
    optionalFields: USAGE,
    model: 'llama3.1-8b',
    stream: {
      tokens: 'usage',
      reasoning: 'streamed as `reasoning`',
      cached: '–',
      note: 'several tokens an event are usual at its speeds',
      source: UNVERIFIED,
    },
  },
  {
    name: 'openrouter',
    label: 'OpenRouter',
    kind: 'hosted',
    url: { value: 'https://openrouter.ai/api/v1', source: 'openrouter.ai, API of a model' },
    keys: { value: ['OPENROUTER_API_KEY'], source: 'openrouter.ai, API of a model' },
    apis: ['chat', 'completions', 'responses', 'messages'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: 'meta-llama/llama-3.1-8b-instruct',
    stream: {
      tokens: 'usage, in an event of its own, whose choices may not be empty',
      reasoning: 'streamed as `reasoning`, or a summary of it',
      cached: '`prompt_tokens_details.cached_tokens`',
      note: 'many servers behind one name: pin one with `--body provider=…`. Errors come within a 200, with their code',
      source: 'vendor docs',
    },
  },
  {
    name: 'perplexity',
    label: 'Perplexity',
    kind: 'hosted',
    url: { value: 'https://api.perplexity.ai', source: sdk('perplexity/src/perplexity-provider.ts') },
    keys: { value: ['PERPLEXITY_API_KEY'], source: sdk('perplexity/src/perplexity-provider.ts') },
    apis: ['chat'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: 'sonar',
    stream: {
      tokens: 'usage so far, in every event',
      reasoning: '–',
      cached: '–',
      note: 'searches before it answers: its time to first token holds that',
      source: 'captured streams',
    },
  },
  {
    name: 'moonshot',
    label: 'Moonshot',
    kind: 'hosted',
    url: { value: 'https://api.moonshot.ai/v1', source: sdk('moonshotai/src/moonshotai-provider.ts') },
    keys: { value: ['MOONSHOT_API_KEY'], source: sdk('moonshotai/src/moonshotai-provider.ts') },
    apis: ['chat'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: 'kimi-k2-0905-preview',
    stream: {
      tokens: 'usage, within the choice',
      reasoning: 'streamed as `reasoning_content`',
      cached: '`cached_tokens`',
      note: '',
      source: 'captured streams, maintainers’ issues',
    },
  },
  {
    name: 'nvidia',
    label: 'NVIDIA NIM',
    kind: 'hosted',
    url: { value: 'https://integrate.api.nvidia.com/v1', source: 'build.nvidia.com' },
    keys: { value: ['NVIDIA_API_KEY'], source: 'build.nvidia.com' },
    apis: ['chat', 'completions'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: 'meta/llama-3.1-8b-instruct',
    stream: {
      tokens: 'usage, in the last event',
      reasoning: 'streamed as `reasoning_content`',
      cached: '–',
      note: '',
      source: UNVERIFIED,
    },
  },
  {
    name: 'vllm',
    label: 'vLLM',
    kind: 'self-hosted',
    url: { value: 'http://127.0.0.1:8000/v1', source: 'vllm serve, --port' },
    keys: NO_KEY,
    apis: ['chat', 'completions', 'responses', 'messages'],
    limit: 'max_tokens',
    optionalFields: ['include_usage', 'continuous_usage_stats', 'return_token_ids'],
    model: null,
    stream: {
      tokens: 'usage; token ids with `return_token_ids`, usage so far with `continuous_usage_stats`',
      reasoning: 'streamed as `reasoning` (`reasoning_content` before 2026)',
      cached: 'with `--enable-prompt-tokens-details`',
      note: 'one event may hold several tokens; the role comes with the first output, or a whole prefill step early. Some errors come within a 200, followed by `[DONE]`',
      source: 'server source, maintainers’ issues',
    },
  },
  {
    name: 'sglang',
    label: 'SGLang',
    kind: 'self-hosted',
    url: { value: 'http://127.0.0.1:30000/v1', source: 'sglang.launch_server, --port' },
    keys: NO_KEY,
    apis: ['chat', 'completions', 'responses', 'messages'],
    limit: 'max_tokens',
    optionalFields: ['include_usage', 'continuous_usage_stats'],
    model: null,
    stream: {
      tokens: 'usage; usage so far with `continuous_usage_stats`',
      reasoning: 'streamed as `reasoning_content`',
      cached: 'with `--enable-cache-report`',
      note: 'later errors come within a 200, followed by `[DONE]`',
      source: 'server source',
    },
  },
  {
    name: 'tgi',
    label: 'TGI',
    kind: 'self-hosted',
    url: {
      value: 'http://127.0.0.1:3000/v1',
      source: 'text-generation-inference, docs/source/reference/launcher.md',
    },
    keys: NO_KEY,
    apis: ['chat', 'completions'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: null,
    stream: {
      tokens: 'usage: by chat where asked for, by completions always',
      reasoning: '–',
      cached: '–',
      note: 'overload and refusals arrive as an error within a 200. Its containers are mostly mapped to port 8080',
      source: 'server source',
    },
  },
  {
    name: 'llamacpp',
    label: 'llama.cpp',
    kind: 'self-hosted',
    url: { value: 'http://127.0.0.1:8080/v1', source: 'llama.cpp, tools/server/README.md' },
    keys: NO_KEY,
    apis: ['chat', 'completions', 'responses', 'messages'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: null,
    stream: {
      tokens: 'usage, in an event of its own',
      reasoning: 'streamed as `reasoning_content`',
      cached: '–',
      note: 'reuses the prefix of the request before on the same slot: `--body cache_prompt=false` turns it off. Old versions write errors in a field of their own (`error:`)',
      source: 'server source',
    },
  },
  {
    name: 'ollama',
    label: 'Ollama',
    kind: 'self-hosted',
    url: { value: 'http://127.0.0.1:11434/v1', source: 'docs.ollama.com, OpenAI compatibility' },
    keys: NO_KEY,
    apis: ['chat', 'completions', 'responses', 'messages'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: null,
    stream: {
      tokens: 'usage; zeros until the last event of `completions`',
      reasoning: 'streamed as `reasoning`',
      cached: '–',
      note: 'an error in mid-stream is a bare end: `stream_truncated`. Tool calls come whole',
      source: 'server source',
    },
  },
  {
    name: 'lmdeploy',
    label: 'LMDeploy',
    kind: 'self-hosted',
    url: { value: 'http://127.0.0.1:23333/v1', source: 'lmdeploy serve api_server, --server-port' },
    keys: NO_KEY,
    apis: ['chat', 'completions'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: null,
    stream: {
      tokens: 'usage; token ids as `output_ids`',
      reasoning: 'streamed as `reasoning_content`',
      cached: '–',
      note: 'errors come within a 200, followed by `[DONE]`',
      source: 'server source',
    },
  },
  {
    name: 'trtllm',
    label: 'TensorRT-LLM',
    kind: 'self-hosted',
    url: { value: 'http://127.0.0.1:8000/v1', source: 'trtllm-serve, --port' },
    keys: NO_KEY,
    apis: ['chat', 'completions'],
    limit: 'max_tokens',
    optionalFields: ['include_usage', 'continuous_usage_stats'],
    model: null,
    stream: {
      tokens: 'usage, in the last event; usage so far with `continuous_usage_stats`',
      reasoning: 'streamed by the parser in use',
      cached: '–',
      note: 'an event with empty content may stand for a token',
      source: 'server source',
    },
  },
  {
    name: 'triton',
    label: 'Triton',
    kind: 'self-hosted',
    url: {
      value: 'http://127.0.0.1:9000/v1',
      source: 'triton-inference-server/server, python/openai/README.md',
    },
    keys: NO_KEY,
    apis: ['chat', 'completions'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: null,
    stream: {
      tokens: 'usage, in the last event; none in older versions',
      reasoning: '–',
      cached: '–',
      note: 'sends the role when it accepts a request, before the prefill: not a token. On a failure the body breaks off',
      source: 'server source',
    },
  },
  {
    name: 'dynamo',
    label: 'Dynamo',
    kind: 'self-hosted',
    url: { value: 'http://127.0.0.1:8000/v1', source: 'docs.nvidia.com/dynamo, Frontend' },
    keys: NO_KEY,
    apis: ['chat', 'completions', 'responses'],
    limit: 'max_tokens',
    optionalFields: ['include_usage', 'continuous_usage_stats'],
    model: null,
    stream: {
      tokens: 'usage, in the last event',
      reasoning: 'streamed as `reasoning_content`',
      cached: '–',
      note: 'an error may be sent as a comment, which SSE readers ignore: then `stream_truncated`',
      source: 'maintainers’ issues',
    },
  },
  {
    name: 'litellm',
    label: 'LiteLLM',
    kind: 'self-hosted',
    url: { value: 'http://127.0.0.1:4000/v1', source: UNVERIFIED },
    keys: { value: ['LITELLM_API_KEY'], source: UNVERIFIED },
    apis: ['chat', 'completions', 'responses', 'messages'],
    limit: 'max_tokens',
    optionalFields: USAGE,
    model: 'my-model',
    stream: {
      tokens: 'usage, in an event of its own, whose choices are not empty',
      reasoning: 'as its upstream',
      cached: 'as its upstream',
      note: '`messages` asks `openai/` models by `responses`: a limit below 16 becomes 16, and an answer that ends at its limit has `end_turn` (`responses`: `completed`). May swallow an error of the server behind it',
      source: 'captured streams, maintainers’ issues',
    },
  },
];

export const PROVIDER_NAMES: readonly string[] = PROVIDERS.map(({ name }) => name);

export const providerNamed = (name: unknown): Provider | null =>
  PROVIDERS.find((provider) => provider.name === name) ?? null;

/** Returns true if a URL is one of the provider's, so that its key may be sent there. */
export function isAt({ url: { value }, domains = [] }: Provider, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, hostname, protocol } = new URL(url);
  if (value !== null && origin === new URL(value).origin) return true;
  return protocol === 'https:' && domains.some((domain) => hostname.endsWith(domain));
}

/** Returns the hosted provider of a host; `null` if none is known. */
export const providerAt = (host: string): Provider | null =>
  PROVIDERS.find((provider) => provider.kind === 'hosted' && isAt(provider, `https://${host}`)) ?? null;
