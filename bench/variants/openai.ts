import { pathToFileURL } from 'node:url';
import { openaiEntry } from '../openai-package.ts';
import { type ChatChunk, type Reader, type Setting, isOutput } from './variant.ts';

type Create = (request: Record<string, unknown>) => Promise<AsyncIterable<ChatChunk>>;
type OpenAI = new (options: Record<string, unknown>) => { chat: { completions: { create: Create } } };

/** The `openai` package's stream. */
export async function openai({ url, events, stamps, now }: Setting): Promise<Reader> {
  const { default: OpenAI } = (await import(pathToFileURL(openaiEntry()).href)) as { default: OpenAI };
  const { chat } = new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 });
  return {
    async read(id) {
      const messages = [{ role: 'user', content: 'hello' }];
      let seen = 0;
      for await (const chunk of await chat.completions.create({
        id,
        model: 'bench',
        stream: true,
        messages,
      })) {
        if (!isOutput(chunk)) continue;
        if (stamps !== null) stamps[id * events + seen] = now();
        seen++;
      }
      return seen;
    },
    close: () => Promise.resolve(),
  };
}
