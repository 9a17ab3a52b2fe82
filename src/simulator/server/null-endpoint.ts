import { createServer, type Server, type Socket } from 'node:net';

/** Interval between events in ms, by model name; `null-flood` writes as fast as the socket accepts. */
const EVERY_MS = new Map(Object.entries({ 'null-flood': 0, 'null-paced': 20, 'null-slow': 1000 }));

/** The text of each event is the instant of its write: nanoseconds of the host's monotonic clock, with this many digits. */
export const INSTANT_DIGITS = 20;

/** Bytes written before waiting for the socket. */
const BLOCK_BYTES = 65_536;

const chunked = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nconnection: keep-alive\r\n\r\n';

const event = (choice: string, rest = ''): string =>
  chunked(
    `data: {"id":"null","object":"chat.completion.chunk","created":1,"model":"null","choices":[${choice}]${rest}}\n\n`,
  );

function token(): string {
  const instant = process.hrtime.bigint().toString().padStart(INSTANT_DIGITS, '0');
  return event(`{"index":0,"delta":{"content":"${instant}"},"finish_reason":null}`);
}

const end = (tokens: number): string =>
  event('{"index":0,"delta":{},"finish_reason":"length"}') +
  event('', `,"usage":{"prompt_tokens":1,"completion_tokens":${tokens},"total_tokens":${tokens + 1}}`) +
  chunked('data: [DONE]\n\n') +
  '0\r\n\r\n';

const MODELS = JSON.stringify({ object: 'list', data: [...EVERY_MS.keys()].map((id) => ({ id })) });
const LIST = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${MODELS.length}\r\n\r\n${MODELS}`;

/**
 * Starts an endpoint that only answers, for measuring goodput itself: HTTP/1.1 over plain sockets, limited to what goodput's client
 * sends. Lateness of its events arises in transit or in the client's stamps.
 */
export function openNullEndpoint(): Promise<{ url: string; server: Server }> {
  const server = createServer({ noDelay: true, highWaterMark: BLOCK_BYTES }, (socket) => {
    let pending = '';
    socket.setEncoding('latin1');
    socket.on('error', () => socket.destroy());
    socket.on('data', (text: string) => {
      pending += text;
      for (let body = takeRequest(); body !== null; body = takeRequest()) respond(socket, body);
    });

    /** Returns the body of the next complete request, or `null`. */
    function takeRequest(): string | null {
      const headEnds = pending.indexOf('\r\n\r\n');
      if (headEnds === -1) return null;
      const [, length = '0'] = /\r\ncontent-length: *(\d+)/i.exec(pending.slice(0, headEnds + 2)) ?? [];
      const ends = headEnds + 4 + Number(length);
      if (pending.length < ends) return null;
      const body = pending.slice(headEnds + 4, ends);
      pending = pending.slice(ends);
      return body;
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object')
        resolve({ url: `http://127.0.0.1:${address.port}/v1`, server });
    });
  });
}

function respond(socket: Socket, body: string): void {
  if (body === '') {
    socket.write(LIST);
    return;
  }
  const [, model = ''] = /"model":"([^"]*)"/.exec(body) ?? [];
  const [, asked = '1'] = /"max_(?:completion_)?tokens":(\d+)/.exec(body) ?? [];
  const tokens = Number(asked);
  const every_ms = EVERY_MS.get(model) ?? 0;
  if (every_ms === 0) flood(socket, tokens, tokens, HEAD);
  else pace(socket, tokens, every_ms);
}

function flood(socket: Socket, tokens: number, left: number, begun: string): void {
  let block = begun;
  let rest = left;
  while (rest > 0 && block.length < BLOCK_BYTES) {
    block += token();
    rest--;
  }
  if (rest === 0) block += end(tokens);
  const hasRoom = socket.write(block, 'latin1');
  if (rest === 0) return;
  const next = (): void => flood(socket, tokens, rest, '');
  if (hasRoom) setImmediate(next);
  else socket.once('drain', next);
}

function pace(socket: Socket, tokens: number, every_ms: number): void {
  socket.write(HEAD + token(), 'latin1');
  let left = tokens - 1;
  const step = (): void => {
    if (socket.destroyed) return;
    socket.write(left > 0 ? token() : end(tokens), 'latin1');
    if (left-- > 0) setTimeout(step, every_ms);
  };
  // Streams that began together must not write at the same instants: they would wait for each other.
  setTimeout(step, Math.random() * every_ms);
}
