import { RecordError, shown, suggestion } from '../model/record-error.ts';
import type { Message } from '../model/session.ts';
import { turnsOf } from './conversation.ts';
import type { Fields } from './fields.ts';
import type { Format } from './format.ts';

const ROLES = new Map(
  Object.entries({
    human: 'user',
    user: 'user',
    gpt: 'assistant',
    assistant: 'assistant',
    system: 'system',
    tool: 'tool',
  }),
);

const fits = (record: Fields): boolean => record.has('conversations') || record.has('conversation');

/** Conversations of ShareGPT, also with the keys of SGLang. */
export const sharegpt: Format = {
  name: 'sharegpt',
  keys: ['id', 'conversations', 'conversation'],
  recognises: fits,
  fits,
  needs: '"conversations" or "conversation"',
  read(record) {
    const key = record.has('conversations') ? 'conversations' : 'conversation';
    const messages = (record.objects(key) ?? []).map((each, at) =>
      messageOf(record.inside(each), `${key}[${at}]`),
    );
    const turns = turnsOf(messages, { tools: null, body: null });
    if (turns === null) return null;
    const tags = record.textTags({ model: 'model', language: 'language' });
    return { session: { session: record.id('id'), timestamp_ms: null, tags, turns }, isRow: false };
  },
};

function messageOf(each: Fields, where: string): Message {
  const roleKey = each.has('from') ? 'from' : 'role';
  const from = each.get(roleKey);
  const role = typeof from === 'string' ? ROLES.get(from) : undefined;
  if (role === undefined)
    throw new RecordError(
      `"${where}.${roleKey}" is ${shown(from)}; expected one of ${[...ROLES.keys()].join(', ')}${typeof from === 'string' ? suggestion(from, ROLES.keys()) : ''}`,
    );
  const contentKey = each.has('value') || !('content' in each.record) ? 'value' : 'content';
  return { role, content: each.content(each.record, contentKey, where, role === 'assistant') };
}
