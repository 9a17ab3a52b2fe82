import { Agent, request, type IncomingHttpHeaders } from 'node:http';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The connection had been used before. */
  reused: boolean;
  /** Events of a stream: their data and arrival, in ms after the send. */
  events: { at_ms: number; data: string }[];
}

export interface Call {
  method?: string;
  body?: unknown;
  agent?: Agent;
  headers?: Readonly<Record<string, string>>;
  /** Called with every event's data as it arrives; if it returns true, the connection is closed. */
  onEvent?: (data: string) => boolean;
}

/** Sends a request with node:http; an object body is sent as JSON. Rejects if the connection is cut off. */
export function call(
  url: string,
  { method = 'POST', body, agent, headers = {}, onEvent }: Call = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent_ms = performance.now();
    const outgoing = request(
      url,
      { method, headers, ...(agent === undefined ? { agent: false } : { agent }) },
      (incoming) => {
        const reply: Reply = {
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: '',
          reused: outgoing.reusedSocket,
          events: [],
        };
        let rest = '';
        incoming.setEncoding('utf8').on('data', (part: string) => {
          const at_ms = performance.now() - sent_ms;
          reply.text += part;
          const events = (rest + part).split('\n\n');
          rest = events.pop() ?? '';
          for (const event of events) {
            const data = event.replace(/^data: /, '');
            reply.events.push({ at_ms, data });
            if (onEvent?.(data) === true) outgoing.destroy();
          }
        });
        incoming.on('end', () => resolve(reply)).on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(typeof body === 'string' || body === undefined ? body : JSON.stringify(body));
  });
}
