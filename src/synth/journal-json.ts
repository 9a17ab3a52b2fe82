import type { Message, Session, Turn } from '../dataset/model/session.ts';
import {
  any,
  type Definition,
  either,
  list,
  nullable,
  number,
  object,
  optional,
  record,
  string,
  whole,
} from '../document/definition.ts';

/** The sessions that were made of one record, or why none was. */
export interface JournalEntry {
  /** The number of the record, from 0. */
  record: number;
  /** Identifies the content of the record. */
  digest: string;
  sessions: readonly Session[];
  /** Why nothing was made of it; `null`: something was. */
  problem: string | null;
  questions: number;
  /** Tokens by the server's count; `null`: it did not count all. */
  input_tokens: number | null;
  output_tokens: number | null;
}

const TAGS = record(string('Text.'), 'Tags.');
/** Other keys than the role are kept as they are. */
const MESSAGE: Definition<Message> = object<{ role: string }>({ role: string('Role.') }, 'A message.');

const TURN = object<Turn>(
  {
    messages: nullable(list(MESSAGE, 'Messages.')),
    input_tokens: nullable(whole('Length of the request.')),
    hash_ids: nullable(list(number('Id.'), 'Blocks of the prompt.')),
    output_tokens: nullable(whole('Length of the answer.')),
    delay_ms: nullable(number('Time after the previous answer.', { min: 0 })),
    reference: nullable(either(string('Text.'), MESSAGE, 'The recorded answer.')),
    tools: nullable(list(any('Tool.'), 'Tools.')),
    body: nullable(record(any('Value.'), 'Merged into the body of the request.')),
    tags: TAGS,
    rejected: optional(string('The rejected answer.')),
  },
  'A turn.',
);

const SESSION = object<Session>(
  {
    session: nullable(string('Name.')),
    timestamp_ms: nullable(number('Start.')),
    tags: TAGS,
    turns: list(TURN, 'Turns.', 1),
  },
  'A session.',
);

/** The first line of a journal: what the command does. */
export const WORK = record(any('Value.'), 'What distinguishes the command from others.');

export const ENTRY = object<JournalEntry>(
  {
    record: whole('Number of the record, from 0.'),
    digest: string('Identifies its content.'),
    sessions: list(SESSION, 'What was made of it.'),
    problem: nullable(string('Why nothing was.')),
    questions: whole('Questions to the endpoint.'),
    input_tokens: nullable(whole('Input tokens.')),
    output_tokens: nullable(whole('Output tokens.')),
  },
  'What was made of a record.',
);
