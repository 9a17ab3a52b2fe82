import type { Api, ApiPrompt } from './api.ts';
import { bearer } from '../http/headers.ts';
import { requestBody } from './request-body.ts';
import type { Pieces } from './choices.ts';
import { ChoicesReader } from './choices.ts';
import type { JsonObject } from '../http/json.ts';
import { asArray, asObject, asText } from '../http/json.ts';

/** `POST /completions`. */
export const completions: Api = {
  path: '/completions',
  headers: bearer,
  leastTokens: 1,
  body: (options) => requestBody(options, { prompt: promptText(options.prompt) }, 'max_tokens'),
  reader: (keepText) => new ChoicesReader(completionPieces, keepText),
};

/** Some servers repeat `text` as `delta.content`: it is one token. */
function completionPieces(choice: JsonObject): Pieces {
  const text = choice['text'];
  return {
    answer: typeof text === 'string' ? text : asText(asObject(choice['delta'])?.['content']),
    reasoning: '',
    reasoningIsRaw: false,
    other: false,
    calls: [],
  };
}

/** This API knows no roles: the texts of the messages, in order, with a blank line between them. */
function promptText(prompt: ApiPrompt): string {
  if (prompt.kind === 'text') return prompt.text;
  return prompt.messages.map((message) => contentText(message['content'])).join('\n\n');
}

function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return asArray(content)
    .map((part) => asText(asObject(part)?.['text']))
    .join('');
}
