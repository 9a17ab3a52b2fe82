/** The prompt of a request: a text (the content of one user message in the chat API), or the messages of a prompt file. */
export type Prompt =
  | { kind: 'text'; text: string }
  | { kind: 'messages'; messages: readonly Readonly<Record<string, unknown>>[] };
