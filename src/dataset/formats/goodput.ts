import { isRecord } from '../containers/container.ts';
import { RecordError } from '../model/record-error.ts';
import { EMPTY_TURN, type Message, type Session, type Turn } from '../model/session.ts';
import { answerOf } from './conversation.ts';
import { type Fields, missing, wrong } from './fields.ts';
import type { Format } from './format.ts';
import { failedTag } from './length-turn.ts';

/** Keys of other formats, with the names that they have here. */
const OTHER_NAMES = {
  output_length: 'output_tokens',
  timestamp: 'timestamp_ms',
  delay: 'delay_ms',
  session_id: 'session',
};

/** Returns true if the record is a canonical session. */
function isCanonical(record: Fields): boolean {
  const turns = record.listIfAny('turns') ?? [];
  return turns.some(
    (turn) => isRecord(turn) && ['messages', 'input_tokens'].some((key) => record.inside(turn).has(key)),
  );
}

const fits = (record: Fields): boolean =>
  !record.has('chosen') && (record.has('prompt') || record.has('messages') || record.has('turns'));

/** goodput's own format: flat records and canonical sessions. */
export const goodput: Format = {
  name: 'goodput',
  keys: [
    'prompt',
    'messages',
    'max_tokens',
    'output_tokens',
    'session',
    'delay_ms',
    'timestamp_ms',
    'tags',
    'reference',
    'turns',
  ],
  recognises: (first) =>
    !first.has('chosen') && (first.has('prompt') || first.has('messages') || isCanonical(first)),
  fits,
  needs: '"prompt", "messages" or "turns"',
  read: (record) =>
    record.has('turns') && !record.has('prompt') && !record.has('messages')
      ? { session: canonicalSession(record), isRow: false }
      : { session: flatSession(record), isRow: true },
};

function flatSession(record: Fields): Session {
  record.refuse(OTHER_NAMES);
  refuseMisspeltLimit(record);
  if (record.has('prompt') && record.has('messages'))
    throw new RecordError('both "prompt" and "messages"; expected one');
  const messages: readonly Message[] = record.has('messages')
    ? record.messages('messages')!
    : [{ role: 'user', content: record.needText('prompt') }];
  const turn: Turn = {
    ...sharedKeys(record),
    messages,
    tags: { ...record.textTags({ model: 'model', language: 'language' }), ...record.tags('tags') },
  };
  return {
    session: record.id('session'),
    timestamp_ms: record.number('timestamp_ms'),
    tags: {},
    turns: [turn],
  };
}

/** Returns what flat records and canonical turns have in common. */
function sharedKeys(record: Fields): Turn {
  const [tokens, limit] = [record.length('output_tokens'), record.length('max_tokens')];
  if (tokens !== null && limit !== null && tokens !== limit)
    throw new RecordError(`"output_tokens" is ${tokens} and "max_tokens" is ${limit}; expected one`);
  if (limit === 0) wrong('max_tokens', 0, 'a whole number, at least 1');
  const rejected = record.text('rejected');
  return {
    ...EMPTY_TURN,
    output_tokens: tokens ?? limit,
    delay_ms: record.duration('delay_ms'),
    reference: referenceOf(record),
    tools: record.someOf('tools'),
    body: record.bodyOf('body'),
    ...(rejected === null ? {} : { rejected }),
  };
}

function referenceOf(record: Fields): Turn['reference'] {
  const value = record.get('reference');
  if (value === null || value === '') return null;
  if (typeof value === 'string') return value;
  return isRecord(value) && typeof value['role'] === 'string'
    ? answerOf(value as Message)
    : wrong('reference', value, 'a text or a message');
}

/** A misspelt limit would change the measurement unnoticed; any other unknown key has no effect. */
function refuseMisspeltLimit({ record }: Fields): void {
  const misspelt = Object.keys(record).find((key) => key !== 'max_tokens' && /max.*tok/i.test(key));
  if (misspelt !== undefined) throw new RecordError(`unknown key "${misspelt}"; did you mean "max_tokens"?`);
}

function canonicalSession(record: Fields): Session {
  record.refuse({ timestamp: 'timestamp_ms', session_id: 'session' });
  const turns = record.objects('turns') ?? missing('turns');
  if (turns.length === 0) throw new RecordError('"turns" is empty');
  return {
    session: record.id('session'),
    timestamp_ms: record.number('timestamp_ms'),
    tags: record.tags('tags'),
    turns: turns.map((turn, at) => {
      try {
        return canonicalTurn(record.inside(turn));
      } catch (error) {
        throw error instanceof RecordError ? new RecordError(`turns[${at}]: ${error.message}`) : error;
      }
    }),
  };
}

function canonicalTurn(record: Fields): Turn {
  record.refuse(OTHER_NAMES);
  refuseMisspeltLimit(record);
  const messages = record.messages('messages');
  const input_tokens = record.length('input_tokens');
  if (messages === null && input_tokens === null)
    throw new RecordError('no "messages" and no "input_tokens"');
  if (messages !== null && input_tokens !== null)
    throw new RecordError('both "messages" and "input_tokens"; expected one');
  const turn: Turn = { ...sharedKeys(record), messages, input_tokens, hash_ids: record.hashIds('hash_ids') };
  return { ...turn, tags: { ...failedTag(turn), ...record.tags('tags') } };
}
