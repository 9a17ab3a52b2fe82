import { ApiError } from './api-error.ts';
import { type BatchingSettings, contextLength, refusalOf } from '../engine/batching.ts';
import type { EngineRequest } from '../engine/engine.ts';
import type { Api } from './api-paths.ts';

/** Returns the error for a request that exceeds the context, in the words that clients of its API match; `null` if it fits. */
export function contextRefusal(
  settings: BatchingSettings,
  api: Api,
  request: EngineRequest,
): ApiError | null {
  const refusal = refusalOf(settings, request);
  if (refusal === null) return null;
  const message = api === 'messages' ? `${anthropicWords(settings, request)} ${refusal}` : refusal;
  return new ApiError(400, message, { code: 'context_length_exceeded' });
}

function anthropicWords(settings: BatchingSettings, { prompt, output }: EngineRequest): string {
  const { tokens } = contextLength(settings);
  if (prompt > tokens) return `prompt is too long: ${prompt} tokens > ${tokens} maximum.`;
  return `input length and \`max_tokens\` exceed context limit: ${prompt} + ${output} > ${tokens}.`;
}
