import type { Api, ApiPrompt } from './api.ts';
import { bearer } from '../http/headers.ts';
import { OPTIONAL_FIELDS } from './request-profile.ts';
import { requestBody } from './request-body.ts';
import { NO_PIECES, type Pieces } from './output-pieces.ts';
import { ChoicesReader } from './choices-reader.ts';
import type { JsonObject } from '../http/json-values.ts';
import { asArray, asObject, asText } from '../http/json-values.ts';

export const completions: Api = {
  path: '/completions',
  headers: bearer,
  minTokenLimit: 1,
  optionalFields: OPTIONAL_FIELDS,
  hasTwoLimitNames: false,
  body: (options) => requestBody(options, { prompt: promptText(options.prompt) }, 'max_tokens'),
  reader: (keeps) => new ChoicesReader(completionPieces, keeps),
};

/** Returns the output of one choice. Some servers repeat `text` as `delta.content`: it is the same token. */
function completionPieces(choice: JsonObject): Pieces {
  const text = choice['text'];
  return {
    ...NO_PIECES,
    answer: typeof text === 'string' ? text : asText(asObject(choice['delta'])?.['content']),
  };
}

/** Returns the texts of the messages, separated by blank lines, because this API has no roles. */
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
