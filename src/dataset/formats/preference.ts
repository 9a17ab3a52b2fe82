import { RecordError } from '../model/record-error.ts';
import { contentText, EMPTY_TURN, type Message } from '../model/session.ts';
import { type Fields, missing } from './fields.ts';
import type { Format } from './format.ts';

const isPair = (record: Fields): boolean => record.has('chosen') && record.has('rejected');
const isOpenaiPair = (record: Fields): boolean =>
  record.has('preferred_output') && record.has('non_preferred_output');
const fits = (record: Fields): boolean => isPair(record) || isOpenaiPair(record);

/** Prompts with a chosen and a rejected answer. The prompt is sent. */
export const preference: Format = {
  name: 'preference',
  keys: ['prompt', 'chosen', 'rejected', 'preferred_output', 'non_preferred_output', 'input'],
  recognises: fits,
  fits,
  needs: '"chosen" and "rejected", or "preferred_output" and "non_preferred_output"',
  read(record) {
    const [prompt, chosen, rejected] = isPair(record)
      ? (['prompt', 'chosen', 'rejected'] as const)
      : (['input', 'preferred_output', 'non_preferred_output'] as const);
    const input = prompt === 'input' ? record.inside(record.object('input') ?? missing('input')) : null;
    const messages =
      input === null ? promptOf(record) : (input.messages('messages') ?? missing('input.messages'));
    const rejectedText = answerText(record, rejected);
    const turn = {
      ...EMPTY_TURN,
      messages,
      tools: (input ?? record).someOf('tools'),
      reference: answerText(record, chosen),
      tags: record.textTags({ model: 'model', language: 'language' }),
      ...(rejectedText === null ? {} : { rejected: rejectedText }),
    };
    return { session: { session: null, timestamp_ms: null, tags: {}, turns: [turn] }, isRow: false };
  },
};

/** Returns a prompt that is a text or messages. */
function promptOf(record: Fields): readonly Message[] {
  const prompt = record.get('prompt') ?? missing('prompt');
  if (typeof prompt === 'string' && !isJsonList(prompt, record)) return [{ role: 'user', content: prompt }];
  return record.messages('prompt')!;
}

/** Returns true for a list of messages in a container that has only text. */
const isJsonList = (text: string, { writing }: Fields): boolean =>
  writing.jsonAsText && /^\s*\[\s*\{/.test(text);

/** Returns the text of an answer: itself, or that of the last assistant message; `null` if it is empty. */
function answerText(record: Fields, key: string): string | null {
  const value = record.get(key);
  const text = typeof value === 'string' && !isJsonList(value, record) ? value : lastAnswer(record, key);
  return text === '' ? null : text;
}

function lastAnswer(record: Fields, key: string): string {
  const last = record.messages(key, true)?.findLast(({ role }) => role === 'assistant');
  if (last === undefined) throw new RecordError(`"${key}" has no assistant message`);
  return contentText(last['content']);
}
