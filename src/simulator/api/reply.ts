import type { Answer } from './answer.ts';
import { planAnswer } from './answer.ts';
import type { GenerationRequest } from './generation-request.ts';
import { type Dialect, reasoningTokens } from './stream-dialect.ts';

export interface Reply {
  id: string;
  /** Seconds since 1970. */
  created: number;
  request: GenerationRequest;
  answer: Answer;
  dialect: Dialect;
  /** Reasoning tokens among `answer.tokens`. */
  reasoning: number;
  prompt: number;
  /** Input tokens found in the cache; known when the request was admitted. */
  cached: number;
}

/**
 * Plans the reply to a request.
 * @param contextTokens maximum length of prompt and output together
 */
export function planReply(
  request: GenerationRequest,
  given: { id: string; dialect: Dialect; naturalLength: number | null; contextTokens: number },
): Reply {
  const { id, dialect, naturalLength, contextTokens } = given;
  // A chat template is never empty, and a prompt without tokens cannot be computed.
  const prompt = Math.max(1, request.words.length);
  const answer = planAnswer(request, { naturalLength, tokensLeft: contextTokens - prompt });
  return {
    id,
    created: Math.floor(Date.now() / 1000),
    request,
    answer,
    dialect,
    reasoning: request.api === 'completions' ? 0 : reasoningTokens(dialect, answer.tokens),
    prompt,
    cached: 0,
  };
}
