import type { Message } from './session.ts';

/** Returns a message with its texts replaced: its content, or the text parts of its content. */
export const mapTexts = (message: Message, replace: (text: string) => string): Message => ({
  ...message,
  content: mapContent(message['content'], replace),
});

function mapContent(content: unknown, replace: (text: string) => string): unknown {
  if (typeof content === 'string') return replace(content);
  if (!Array.isArray(content)) return content;
  return (content as readonly unknown[]).map((part) => {
    if (typeof part === 'string') return replace(part);
    return typeof part === 'object' && part !== null && typeof (part as { text?: unknown }).text === 'string'
      ? Object.assign({}, part, { text: replace((part as { text: string }).text) })
      : part;
  });
}
