import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiName } from './api/api.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

const CLOSING_BRACE = 125;

const EVENTS = 12;

const data = (payload: object): string => `data: ${JSON.stringify(payload)}\n\n`;
const named = (type: string, rest: object): string => `event: ${type}\n${data({ type, ...rest })}`;

const DONE = 'data: [DONE]\n\n';
const USAGE = { prompt_tokens: 8, completion_tokens: EVENTS, total_tokens: 8 + EVENTS };
const COUNTS = { input_tokens: 8, output_tokens: EVENTS };

/** Returns one output event, or the end of an answer, in each API. */
const FORMATS: Record<ApiName, { event(id: number, text: string): string; end(id: number): string }> = {
  chat: {
    event: (id, content) => data(chunk(id, { index: 0, delta: { content }, finish_reason: null })),
    end: (id) =>
      data(chunk(id, { index: 0, delta: {}, finish_reason: 'stop' })) +
      data({ ...chunk(id), usage: USAGE }) +
      DONE,
  },
  completions: {
    event: (id, text) => data(chunk(id, { index: 0, text, finish_reason: null })),
    end: (id) =>
      data(chunk(id, { index: 0, text: '', finish_reason: 'stop' })) +
      data({ ...chunk(id), usage: USAGE }) +
      DONE,
  },
  responses: {
    event: (id, delta) => named('response.output_text.delta', { item_id: `i${id}`, output_index: 0, delta }),
    end: (id) =>
      named('response.completed', { response: { id: `r${id}`, status: 'completed', usage: COUNTS } }),
  },
  messages: {
    event: (_, text) => named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    end: () =>
      named('message_delta', { delta: { stop_reason: 'end_turn' }, usage: COUNTS }) +
      named('message_stop', {}),
  },
};

function chunk(id: number, ...choices: object[]): object {
  return { id: `c${id}`, object: 'chunk', created: 1_700_000_000, model: 'm', choices };
}

export interface RehearsalServer {
  url: string;
  close(): void;
}

/**
 * Starts a server on the loopback interface that answers every request with a short stream, one event per iteration of the event loop.
 * @returns `null` if no port can be opened
 */
export async function startRehearsalServer(api: ApiName): Promise<RehearsalServer | null> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    // A request ends with the closing brace of its JSON; its head may arrive in an earlier read.
    socket.on('data', (bytes) => {
      if (bytes.at(-1) === CLOSING_BRACE) answer(socket, api, requests++);
    });
  });
  const port = await new Promise<number | null>((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  if (port === null) return null;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function answer(socket: Socket, api: ApiName, id: number): void {
  const { event, end } = FORMATS[api];
  const write = (k: number): void => {
    if (socket.destroyed) return;
    if (k === EVENTS) {
      socket.write(`${chunked(end(id))}0\r\n\r\n`);
      return;
    }
    socket.write((k === 0 ? HEAD : '') + chunked(event(id, ` word${k}`)));
    setImmediate(write, k + 1);
  };
  write(0);
}

const chunked = (bytes: string): string => `${bytes.length.toString(16)}\r\n${bytes}\r\n`;
