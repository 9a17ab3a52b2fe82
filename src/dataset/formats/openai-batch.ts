import { RecordError } from '../model/record-error.ts';
import { OUTPUT_LIMITS, OWN_FIELDS } from '../model/own-fields.ts';
import { EMPTY_TURN, type Message } from '../model/session.ts';
import { type Fields, missing, orNull, wrong } from './fields.ts';
import type { Format } from './format.ts';

/** Keys of a body that a turn has elsewhere, or that a run decides. */
const NOT_KEPT = new Set(['tools', ...OWN_FIELDS]);

const fits = (record: Fields): boolean => record.has('custom_id') && record.has('body');

/** Requests of OpenAI's batch API. */
export const openaiBatch: Format = {
  name: 'openai-batch',
  keys: ['custom_id', 'method', 'url', 'body'],
  recognises: fits,
  fits,
  needs: '"custom_id" and "body"',
  read(record) {
    const body = record.inside(record.object('body') ?? missing('body'));
    const limit = OUTPUT_LIMITS.find((key) => body.has(key));
    const rest = Object.fromEntries(Object.entries(body.record).filter(([key]) => !NOT_KEPT.has(key)));
    const turn = {
      ...EMPTY_TURN,
      messages: messagesOf(body),
      output_tokens: limit === undefined ? null : body.length(limit),
      tools: body.someOf('tools'),
      body: orNull(rest),
      tags: {
        custom_id: record.id('custom_id') ?? missing('custom_id'),
        ...record.textTags({ language: 'language' }),
        ...body.textTags({ model: 'model' }),
      },
    };
    return { session: { session: null, timestamp_ms: null, tags: {}, turns: [turn] }, isRow: false };
  },
};

function messagesOf(body: Fields): readonly Message[] {
  if (body.has('messages')) return body.messages('messages')!;
  const key = body.has('prompt') ? 'prompt' : 'input';
  const value = body.get(key);
  if (value === null) throw new RecordError('"body" has no "messages", "prompt" or "input"');
  if (typeof value === 'string') return [{ role: 'user', content: value }];
  // The responses API takes messages too.
  return key === 'input' ? body.messages('input')! : wrong('body.prompt', value, 'a text');
}
