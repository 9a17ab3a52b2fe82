/** What a request says: a text (wrapped into one user message by the chat API), or messages as a prompt file gave them. */
export type Prompt =
  | { kind: 'text'; text: string }
  | { kind: 'messages'; messages: readonly Readonly<Record<string, unknown>>[] };
