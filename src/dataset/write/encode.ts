import { GoodputError } from '../../errors.ts';
import { shown } from '../model/record-error.ts';
import {
  answerMessage,
  contentText,
  conversationBefore,
  type Message,
  type Session,
  sessionName,
  type Turn,
} from '../model/session.ts';

/** The formats that can be written. `goodput` keeps everything. */
export const WRITABLE = ['goodput', 'openai-chat', 'sharegpt', 'mooncake'] as const;
export type WritableFormat = (typeof WRITABLE)[number];

/** Returns a session as one record of a format. */
export type Encode = (session: Session) => object;

/** The keys of a turn or a session that the other formats do not have. */
const LOST: ReadonlyMap<WritableFormat, readonly (keyof Turn | keyof Session)[]> = new Map([
  ['openai-chat', ['output_tokens', 'delay_ms', 'session', 'timestamp_ms']],
  ['sharegpt', ['output_tokens', 'delay_ms', 'tools', 'body', 'timestamp_ms']],
  ['mooncake', ['reference', 'tools']],
]);

/** Returns the keys that a session has, and that a format cannot have. */
export const lostKeys = (session: Session, format: WritableFormat): string[] =>
  (LOST.get(format) ?? []).filter((key) => {
    if (key === 'session' || key === 'timestamp_ms') return session[key] !== null;
    return session.turns.some((turn) => turn[key as keyof Turn] !== null);
  });

export const encoderOf = (format: WritableFormat): Encode => ENCODERS[format];

const ENCODERS = {
  goodput: canonical,
  'openai-chat': openaiChat,
  sharegpt,
  mooncake,
} satisfies Record<WritableFormat, Encode>;

/** Returns the canonical session (docs/data.md): every key, absent ones as null. */
function canonical({ session, timestamp_ms, tags, turns }: Session): object {
  return { session, timestamp_ms, tags, turns };
}

/** Returns all messages with the answers between them and after them. */
function conversation(session: Session, format: string): Message[] {
  const messages = conversationBefore(session, session.turns.length - 1);
  if (messages === null) throw unwritable(session, format, 'it is given by length, without text');
  const { reference } = session.turns.at(-1)!;
  return reference === null ? messages : [...messages, answerMessage(reference)];
}

function openaiChat(session: Session): object {
  const { tools, body } = session.turns[0]!;
  const { model, language } = { ...session.tags, ...session.turns[0]!.tags };
  return {
    messages: conversation(session, 'openai-chat'),
    ...(tools === null ? {} : { tools }),
    ...Object.fromEntries(
      ['parallel_tool_calls', 'functions'].flatMap((key) =>
        body !== null && key in body ? [[key, body[key]] as const] : [],
      ),
    ),
    ...(model === undefined ? {} : { model }),
    ...(language === undefined ? {} : { language }),
  };
}

const FROM = new Map(
  Object.entries({ user: 'human', assistant: 'gpt', system: 'system', developer: 'system', tool: 'tool' }),
);

function sharegpt(session: Session): object {
  const conversations = conversation(session, 'sharegpt').map((message) => {
    const { role, content } = message;
    const from = FROM.get(role);
    if (from === undefined) throw unwritable(session, 'sharegpt', `it has the role ${shown(role)}`);
    if ('tool_calls' in message || (Array.isArray(content) && contentText(content) === ''))
      throw unwritable(session, 'sharegpt', 'it has tool calls or images');
    return { from, value: contentText(content) };
  });
  const { model, language } = { ...session.tags, ...session.turns[0]!.tags };
  return {
    ...(session.session === null ? {} : { id: session.session }),
    conversations,
    ...(model === undefined ? {} : { model }),
    ...(language === undefined ? {} : { language }),
  };
}

function mooncake(session: Session): object {
  if (session.turns.length > 1)
    throw unwritable(session, 'mooncake', 'it has several turns, which would be several records');
  const [turn] = session.turns;
  const { messages, input_tokens, hash_ids, output_tokens, delay_ms, body } = turn!;
  const text = messages?.length === 1 && messages[0]!.role === 'user' ? messages[0]!['content'] : null;
  if (messages !== null && typeof text !== 'string')
    throw unwritable(session, 'mooncake', 'it has messages other than one text of the user');
  return {
    ...(session.session === null ? {} : { session_id: session.session }),
    ...(session.timestamp_ms === null ? {} : { timestamp: session.timestamp_ms }),
    ...(messages === null ? { input_length: input_tokens } : { text_input: text }),
    ...(output_tokens === null ? {} : { output_length: output_tokens }),
    ...(hash_ids === null ? {} : { hash_ids }),
    ...(delay_ms === null ? {} : { delay: delay_ms }),
    ...(body === null ? {} : { extra: body }),
  };
}

function unwritable(session: Session, format: string, reason: string): GoodputError {
  return new GoodputError(
    'usage',
    `the session ${shown(sessionName(session))} cannot be written as ${format}: ${reason}`,
    { hint: 'The format goodput keeps everything.' },
  );
}
