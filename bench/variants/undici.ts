import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import { type ChatChunk, type Reader, type Setting, isOutput, requestBody } from './variant.ts';

/** Gets the bytes of one response; `end` returns its number of output events. */
interface BytesReader {
  data(chunk: Buffer): void;
  end(): number;
}

function undiciReader({ url }: Setting, readerOf: (id: number) => BytesReader): Reader {
  const { origin, pathname } = new URL(url);
  const agent = new Agent({ pipelining: 1, headersTimeout: 0, bodyTimeout: 0, allowH2: false });
  return {
    read: (id) =>
      new Promise((resolve, reject) => {
        const reader = readerOf(id);
        const handler: Dispatcher.DispatchHandler = {
          onRequestStart: () => undefined,
          onResponseStart: () => undefined,
          onResponseData: (_, chunk) => reader.data(chunk),
          onResponseEnd: () => resolve(reader.end()),
          onResponseError: (_, error) => reject(error),
        };
        const path = `${pathname}/chat/completions`;
        const headers = { 'content-type': 'application/json' };
        agent.dispatch({ origin, path, method: 'POST', headers, body: requestBody(id) }, handler);
      }),
    close: () => agent.close(),
  };
}

/** The cost of undici alone: a handler that does nothing. The number of events is the server's. */
export const bare = (setting: Setting): Reader =>
  undiciReader(setting, () => ({ data: () => undefined, end: () => setting.events }));

const NEWLINE = 10;

/** One stamp per read, and a scan for blank lines, which end events; nothing is decoded or parsed. */
export function scan(setting: Setting): Reader {
  const { events, stamps, now } = setting;
  return undiciReader(setting, (id) => {
    let seen = 0;
    let newline = false;
    const event = (at: number): void => {
      if (stamps !== null && seen < events) stamps[id * events + seen] = at;
      seen++;
    };
    return {
      data(chunk) {
        const at = now();
        if (newline && chunk[0] === NEWLINE) event(at);
        for (let k = chunk.indexOf(NEWLINE); k !== -1; k = chunk.indexOf(NEWLINE, k + 1)) {
          if (chunk[k + 1] !== NEWLINE) continue;
          event(at);
          k++;
        }
        newline = chunk.at(-1) === NEWLINE && chunk.at(-2) !== NEWLINE;
      },
      // The finish reason and [DONE] are events without output.
      end: () => seen - 2,
    };
  });
}

/** One stamp per read, events split on bytes, JSON.parse of each, the instants kept. */
export function parse(setting: Setting): Reader {
  const { events, stamps, now } = setting;
  return undiciReader(setting, (id) => {
    let seen = 0;
    let carry: Buffer | null = null;
    return {
      data(chunk) {
        const at = now();
        const bytes: Buffer = carry === null ? chunk : Buffer.concat([carry, chunk]);
        let from = 0;
        for (let k = bytes.indexOf(NEWLINE); k !== -1; k = bytes.indexOf(NEWLINE, k + 1)) {
          if (bytes[k + 1] !== NEWLINE) continue;
          const text = bytes.toString('utf8', from + 'data: '.length, k);
          from = k + 2;
          k++;
          if (text === '[DONE]' || !isOutput(JSON.parse(text) as ChatChunk)) continue;
          if (stamps !== null) stamps[id * events + seen] = at;
          seen++;
        }
        carry = from === bytes.length ? null : Buffer.from(bytes.subarray(from));
      },
      end: () => seen,
    };
  });
}
