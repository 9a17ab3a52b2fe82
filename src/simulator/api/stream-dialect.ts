/** How a server streams what its engine computes. */
export interface Dialect {
  /** What speaks so. */
  what: string;
  /** When a chat stream's role comes: as soon as the request is taken, or with the first token. */
  role: 'accepted' | 'first token';
  /** vLLM's extras: `stop_reason`, usage in every event, token ids. */
  vllm: boolean;
  /** Share of an answer's tokens that are reasoning, and whether they are streamed or only counted. */
  reasoning: { share: number; streamed: boolean } | null;
  /** Tokens of an event after the first, which comes alone. */
  tokensPerEvent: number;
}

const VLLM: Dialect = {
  what: 'vLLM: the role comes with the first token, the finish with the last one; usage in every event and token ids where asked for',
  role: 'first token',
  vllm: true,
  reasoning: null,
  tokensPerEvent: 1,
};

export const DIALECTS = {
  openai: {
    what: 'OpenAI: the role comes at once, the finish in an event of its own',
    role: 'accepted',
    vllm: false,
    reasoning: null,
    tokensPerEvent: 1,
  },
  vllm: VLLM,
  reasoning: {
    ...VLLM,
    what: 'vLLM with a reasoning parser: the first quarter of an answer is streamed as `reasoning`',
    reasoning: { share: 0.25, streamed: true },
  },
  'hidden-reasoning': {
    what: 'OpenAI with a model that reasons: the first quarter is counted and never streamed',
    role: 'accepted',
    vllm: false,
    reasoning: { share: 0.25, streamed: false },
    tokensPerEvent: 1,
  },
  bundled: {
    ...VLLM,
    what: 'vLLM with `--stream-interval 4`: four tokens an event after the first',
    tokensPerEvent: 4,
  },
} as const satisfies Record<string, Dialect>;

export type DialectName = keyof typeof DIALECTS;

/** How many of an answer's tokens are reasoning; at least one is left to answer with. */
export function reasoningTokens({ reasoning }: Dialect, tokens: number): number {
  return reasoning === null ? 0 : Math.min(Math.floor(tokens * reasoning.share), tokens - 1);
}
