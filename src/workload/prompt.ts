import type { Message } from '../dataset/model/session.ts';

/** The prompt of a request: a text (the content of one user message in the chat API), or messages. */
export type Prompt = { kind: 'text'; text: string } | { kind: 'messages'; messages: readonly Message[] };

/** Returns messages as a prompt: a single text of the user as a text. */
export function promptOf(messages: readonly Message[]): Prompt {
  const [only] = messages;
  return messages.length === 1 &&
    only!.role === 'user' &&
    typeof only!['content'] === 'string' &&
    Object.keys(only!).length === 2
    ? { kind: 'text', text: only!['content'] }
    : { kind: 'messages', messages };
}
