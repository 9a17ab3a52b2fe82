import { type ChatChunk, type Reader, type Setting, isOutput, requestBody } from './variant.ts';

/** A client as a user would write it: the global fetch, a text decoder, split, JSON.parse. */
export function fetchReader({ url, events, stamps, now }: Setting): Reader {
  return {
    async read(id) {
      const response = await fetch(`${url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: requestBody(id),
      });
      let seen = 0;
      let text = '';
      for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
        const at = now();
        text += piece;
        const parts = text.split('\n\n');
        text = parts.pop()!;
        for (const part of parts) {
          const data = part.slice('data: '.length);
          if (data === '[DONE]' || !isOutput(JSON.parse(data) as ChatChunk)) continue;
          if (stamps !== null) stamps[id * events + seen] = at;
          seen++;
        }
      }
      return seen;
    },
    close: () => Promise.resolve(),
  };
}
