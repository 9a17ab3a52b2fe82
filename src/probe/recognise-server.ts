import { providerAt } from '../scenario/keys/providers.ts';
import type { Recognised } from './endpoint-profile.ts';

/** Facts by which a server can be recognised. */
export interface Marks {
  host: string;
  /** `owned_by` of its models. */
  owners: readonly string[];
  /** Response headers that goodput keeps, names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** All payloads of a stream laid over each other, and all of its choices and deltas. */
  seen: Readonly<Record<string, unknown>>;
  choice: Readonly<Record<string, unknown>>;
}

type Mark = (marks: Marks) => string | null;

const owner =
  (name: RegExp): Mark =>
  ({ owners }) => {
    const found = owners.find((each) => name.test(each));
    return found === undefined ? null : `its models are owned by "${found}"`;
  };

const header =
  (name: string, value: RegExp = /./): Mark =>
  ({ headers }) => {
    const found = Object.keys(headers).find((each) => each.startsWith(name) && value.test(headers[each]!));
    if (found === undefined) return null;
    return name === 'server' || name === 'via' ? `${name}: ${headers[found]}` : `it sends ${found}`;
  };

const payload =
  (key: string): Mark =>
  ({ seen }) =>
    Object.hasOwn(seen, key) ? `events have ${key}` : null;

const choice =
  (key: string): Mark =>
  (marks) =>
    Object.hasOwn(marks.choice, key) ? `choices have ${key}` : null;

const fingerprint =
  (pattern: RegExp): Mark =>
  ({ seen }) => {
    const value = seen['system_fingerprint'];
    return typeof value === 'string' && pattern.test(value) ? `system_fingerprint is "${value}"` : null;
  };

const usage =
  (key: string): Mark =>
  ({ seen }) => {
    const value = seen['usage'];
    return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? `usage has ${key}`
      : null;
  };

/**
 * Marks of servers, strong ones alone: what one of them does and no other (docs/endpoints.md, "Servers"). Gateways first,
 * because what is behind them shows through.
 */
const SERVERS: readonly { name: string; marks: readonly Mark[] }[] = [
  { name: 'LiteLLM', marks: [header('x-litellm-')] },
  { name: 'OpenRouter', marks: [header('x-generation-id')] },
  { name: 'Azure OpenAI', marks: [header('apim-request-id'), payload('prompt_filter_results')] },
  { name: 'OpenAI', marks: [header('openai-processing-ms'), payload('obfuscation')] },
  { name: 'Anthropic', marks: [header('anthropic-ratelimit-')] },
  { name: 'Groq', marks: [payload('x_groq'), header('x-groq-region')] },
  { name: 'Fireworks', marks: [header('fireworks-')] },
  { name: 'goodput’s simulated endpoint', marks: [owner(/^goodput/)] },
  { name: 'SGLang', marks: [owner(/^sglang$/i), choice('matched_stop')] },
  { name: 'LMDeploy', marks: [owner(/^lmdeploy$/i), choice('output_ids')] },
  {
    name: 'llama.cpp',
    marks: [owner(/^llamacpp$/i), header('server', /llama\.cpp/i), payload('timings'), fingerprint(/^b\d+-/)],
  },
  { name: 'Ollama', marks: [fingerprint(/^fp_ollama$/)] },
  { name: 'TGI', marks: [header('x-compute-'), fingerprint(/^\d+\.\d+\.\d+(-dev\d*)?-(native|sha-\w+)/)] },
  { name: 'Triton', marks: [owner(/triton/i)] },
  { name: 'TensorRT-LLM', marks: [owner(/^tensorrt_llm$/i)] },
  { name: 'Dynamo or NIM', marks: [header('nvcf-reqid'), owner(/^(nvidia|dynamo)$/i)] },
  { name: 'vLLM', marks: [owner(/^vllm$/i)] },
  { name: 'DeepSeek', marks: [usage('prompt_cache_hit_tokens')] },
];

/** Recognises the server: a provider by its host, else the first with a matching mark. */
export function recognise(marks: Marks): Recognised {
  const headerOf = marks.headers['server'] ?? null;
  const found = SERVERS.map(({ name, marks: known }) => ({
    name,
    because: known.map((mark) => mark(marks)).filter((reason) => reason !== null),
  })).filter(({ because }) => because.length > 0);
  const provider = providerAt(marks.host);
  const byMarks = provider === null ? found[0] : found.find(({ name }) => name === provider.label);
  const because = [...(provider === null ? [] : [`its host is ${marks.host}`]), ...(byMarks?.because ?? [])];
  return { name: provider?.label ?? byMarks?.name ?? null, because, header: headerOf };
}
