import type { Message } from '../model/session.ts';
import { isRecord } from '../containers/container.ts';
import { turnsOf } from './conversation.ts';
import { type Fields, missing, orNull } from './fields.ts';
import type { Format } from './format.ts';

/** Keys of requests and preferences, which a conversation for fine-tuning does not have. */
const FOREIGN = ['chosen', 'max_tokens', 'output_tokens', 'session', 'delay_ms', 'timestamp_ms'];

const fits = (record: Fields): boolean => record.has('messages') && !FOREIGN.some((key) => record.has(key));

/** Returns true if the messages end with an answer. */
function endsWithAnswer(record: Fields): boolean {
  const last = record.listIfAny('messages')?.at(-1);
  return isRecord(last) && last['role'] === 'assistant';
}

/** Conversations as OpenAI takes them for fine-tuning. */
export const openaiChat: Format = {
  name: 'openai-chat',
  keys: ['messages', 'tools', 'parallel_tool_calls', 'functions'],
  recognises: (first) => fits(first) && endsWithAnswer(first),
  fits,
  needs: `"messages", without ${FOREIGN.map((key) => `"${key}"`).join(', ')}`,
  read(record) {
    const messages = record.messages('messages', true) ?? missing('messages');
    const body = orNull(
      Object.fromEntries(
        ['parallel_tool_calls', 'functions'].flatMap((key) =>
          record.has(key) ? [[key, record.get(key)] as const] : [],
        ),
      ),
    );
    const turns = turnsOf(messages.map(withoutWeight), { tools: record.someOf('tools'), body });
    if (turns === null) return null;
    const tags = record.textTags({ model: 'model', language: 'language' });
    return { session: { session: null, timestamp_ms: null, tags, turns }, isRow: false };
  },
};

/** The weight of a message in training is not part of a request. */
function withoutWeight(message: Message): Message {
  if (!('weight' in message)) return message;
  const { weight: _, ...rest } = message;
  return rest;
}
