/** One message of a chat, as an API takes it. Keys other than `role` and `content` are kept as they are. */
export interface Message {
  readonly role: string;
  readonly [key: string]: unknown;
}

/** Facts about a session or a turn, as texts. */
export type Tags = Readonly<Record<string, string>>;

/** One request of a session: messages, or only a length (traces), and what was recorded about its answer. */
export interface Turn {
  /** The messages that the user's side adds to the conversation; `null` for a turn given by length. */
  messages: readonly Message[] | null;
  /** The length of the whole request; `null` for a turn with messages. */
  input_tokens: number | null;
  /** The content of each block of the prompt, by id: equal ids are equal text. */
  hash_ids: readonly number[] | null;
  /** `null`: the scenario's length applies. */
  output_tokens: number | null;
  /** The time after the end of the previous answer; `null`: the scenario's distribution applies. */
  delay_ms: number | null;
  /** The recorded answer: its text, or the whole message if it has tool calls. */
  reference: string | Message | null;
  tools: readonly unknown[] | null;
  /** Merged into the body of the request. */
  body: Readonly<Record<string, unknown>> | null;
  tags: Tags;
  /** The rejected answer of a preference record. */
  rejected?: string;
}

/**
 * One user's conversation: the unit of a data set, whatever its format. It serialises to one line of the `goodput` format (docs/data.md).
 */
export interface Session {
  session: string | null;
  /** When it starts, to the microsecond. */
  timestamp_ms: number | null;
  tags: Tags;
  turns: readonly Turn[];
}

/** A turn in which everything is absent. */
export const EMPTY_TURN: Turn = {
  messages: null,
  input_tokens: null,
  hash_ids: null,
  output_tokens: null,
  delay_ms: null,
  reference: null,
  tools: null,
  body: null,
  tags: {},
};

/** Returns the text of a message's content: a text, or the text parts of a list, which are one text, concatenated as they are. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  const parts = (content as readonly unknown[]).flatMap((part) => {
    if (typeof part === 'string') return [part];
    const text = typeof part === 'object' && part !== null ? (part as { text?: unknown }).text : null;
    return typeof text === 'string' ? [text] : [];
  });
  return parts.join('');
}

/** The keys of what an assistant may say instead of `content`. */
const SAID = ['tool_calls', 'function_call', 'refusal', 'audio', 'reasoning_content', 'reasoning'];

/** Returns true if nothing is known of what a message says: its content is null or absent, and it is not an answer of another kind. */
export const hasNullContent = ({ role, content, ...message }: Message): boolean =>
  (content ?? null) === null &&
  !(role === 'assistant' && SAID.some((key) => (message[key] ?? null) !== null));

/** Returns true if a turn has messages, and none of them has text, other parts such as images, or tool calls. */
export const isEmptyTurn = ({ messages }: Pick<Turn, 'messages'>): boolean =>
  messages !== null && !messages.some(hasContent);

const hasContent = ({ content, tool_calls }: Message): boolean =>
  contentText(content).trim() !== '' ||
  (Array.isArray(content) && content.some((part) => typeof part === 'object' && !('text' in (part ?? {})))) ||
  Array.isArray(tool_calls);

/** Returns the text of a recorded answer; `null` if it has none (tool calls only). */
export function referenceText({ reference }: Pick<Turn, 'reference'>): string | null {
  if (reference === null || typeof reference === 'string') return reference;
  const text = contentText(reference['content']);
  return text === '' ? null : text;
}

/** Returns the text of a session: all its messages joined by blank lines, without references; `null` if no turn has messages. */
export function sessionText({ turns }: Pick<Session, 'turns'>): string | null {
  const [only] = turns;
  if (turns.length === 1 && only!.messages?.length === 1) return contentText(only!.messages[0]!['content']);
  const texts = turns.flatMap(({ messages }) => messages?.map(({ content }) => contentText(content)) ?? []);
  return texts.length === 0 ? null : texts.join('\n\n');
}

/** Returns the messages of a conversation up to the answer of a turn, with the recorded answers before it; `null` if a turn is given by length. */
export function conversationBefore({ turns }: Pick<Session, 'turns'>, turn: number): Message[] | null {
  const before: Message[] = [];
  for (const { messages, reference } of turns.slice(0, turn)) {
    if (messages === null) return null;
    before.push(...messages);
    if (reference !== null) before.push(answerMessage(reference));
  }
  const own = turns[turn]!.messages;
  return own === null ? null : [...before, ...own];
}

/** Returns a recorded answer as a message. */
export const answerMessage = (reference: string | Message): Message =>
  typeof reference === 'string' ? { role: 'assistant', content: reference } : reference;

/** Returns the name of a session for an error: its own, or its beginning. */
export function sessionName({ session, turns }: Session): string {
  const [first] = turns;
  const beginning =
    contentText(first?.messages?.[0]?.['content'] ?? '') || (first && referenceText(first)) || '';
  if (session !== null) return session;
  return beginning === '' ? `${first?.input_tokens ?? 0} tokens` : beginning.slice(0, 60);
}
