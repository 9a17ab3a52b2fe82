/** How a server formats its streams. */
export interface Dialect {
  description: string;
  /** When a chat stream sends the role: when the request is accepted, or with the first token. */
  role: 'accepted' | 'first token';
  /** vLLM's extras: `stop_reason`, usage in every event, token ids. */
  vllm: boolean;
  /** Share of an answer's tokens that are reasoning; they are streamed, or only counted. */
  reasoning: { share: number; streamed: boolean } | null;
  /** Tokens per event after the first event, which has one. */
  tokensPerEvent: number;
}

const VLLM: Dialect = {
  description:
    'vLLM: the role comes with the first token, the finish with the last one; usage in every event and token ids where asked for',
  role: 'first token',
  vllm: true,
  reasoning: null,
  tokensPerEvent: 1,
};

export const DIALECTS = {
  openai: {
    description: 'OpenAI: the role comes at once, the finish in an event of its own',
    role: 'accepted',
    vllm: false,
    reasoning: null,
    tokensPerEvent: 1,
  },
  vllm: VLLM,
  reasoning: {
    ...VLLM,
    description: 'vLLM with a reasoning parser: the first quarter of an answer is streamed as `reasoning`',
    reasoning: { share: 0.25, streamed: true },
  },
  'hidden-reasoning': {
    description: 'OpenAI with a model that reasons: the first quarter is counted and never streamed',
    role: 'accepted',
    vllm: false,
    reasoning: { share: 0.25, streamed: false },
    tokensPerEvent: 1,
  },
  bundled: {
    ...VLLM,
    description: 'vLLM with `--stream-interval 4`: four tokens an event after the first',
    tokensPerEvent: 4,
  },
} as const satisfies Record<string, Dialect>;

export type DialectName = keyof typeof DIALECTS;

/** Returns the number of an answer's tokens that are reasoning; at least one token is left for the answer. */
export function reasoningTokens({ reasoning }: Dialect, tokens: number): number {
  return reasoning === null ? 0 : Math.min(Math.floor(tokens * reasoning.share), tokens - 1);
}
