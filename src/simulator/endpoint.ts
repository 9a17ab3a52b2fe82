import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Driver } from './driver.ts';
import { ApiError, parseGeneration, type Api } from './request.ts';
import { errorBody, modelList, streamStart, streamToken, wholeAnswer, type Answer } from './wire.ts';

/** The one model that `/v1/models` names; any other name is answered too, under the name that was asked for. */
export const MODEL = 'simulated';

const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** Longer than any pause of a run, so that the endpoint never closes a connection the client is about to use. */
const KEEP_ALIVE_MS = 3_600_000;
/** A burst of an open loop opens hundreds of connections at once; the system may allow fewer. */
const BACKLOG = 4096;

type Handler = (request: IncomingMessage, response: ServerResponse, driver: Driver) => void;

const ROUTES: Record<string, { method: string; handle: Handler }> = {
  '/v1/chat/completions': { method: 'POST', handle: generation('chat') },
  '/v1/completions': { method: 'POST', handle: generation('completions') },
  '/v1/models': {
    method: 'GET',
    handle: (_request, response) => sendJson(response, 200, modelList(MODEL, seconds())),
  },
  '/health': { method: 'GET', handle: (_request, response) => void response.writeHead(200).end() },
};

/** An HTTP face of an engine, listening on a free port of 127.0.0.1. */
export interface Endpoint {
  /** Base URL with its `/v1`. */
  url: string;
  /** Stops listening and cuts every connection. */
  close(): Promise<void>;
}

export async function openEndpoint(driver: Driver): Promise<Endpoint> {
  const server = createServer(
    // Delayed writes would be the client's inter-token latency. Idle connections are the client's business.
    { noDelay: true, keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, headersTimeout: 0 },
    (request, response) => route(request, response, driver),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, backlog: BACKLOG }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { url: `http://127.0.0.1:${portOf(server)}/v1`, close: () => close(server, driver) };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function close(server: Server, driver: Driver): Promise<void> {
  driver.stop();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function route(request: IncomingMessage, response: ServerResponse, driver: Driver): void {
  response.setHeader('server', 'goodput-simulator');
  const path = (request.url ?? '/').split('?', 1)[0]!;
  const found = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (found === undefined) {
    sendError(response, new ApiError(404, `no such path: ${path}`, { code: 'not_found' }));
  } else if (request.method !== found.method) {
    response.setHeader('allow', found.method);
    sendError(
      response,
      new ApiError(405, `${path} takes ${found.method} only`, { code: 'method_not_allowed' }),
    );
  } else {
    found.handle(request, response, driver);
  }
}

function generation(api: Api): Handler {
  return (request, response, driver) => {
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      size += part.length;
      if (size <= MAX_BODY_BYTES) parts.push(part);
      else parts.length = 0;
    });
    request.on('end', () => {
      try {
        if (size > MAX_BODY_BYTES) throw new ApiError(413, 'the body is too large');
        const answer = { ...parseGeneration(api, Buffer.concat(parts).toString()), ...identity(api) };
        if (answer.stream) stream(answer, response, driver);
        else answerWhole(answer, response, driver);
      } catch (error) {
        sendError(
          response,
          error instanceof ApiError ? error : new ApiError(500, String(error), { type: 'server_error' }),
        );
      }
    });
  };
}

function stream(answer: Answer, response: ServerResponse, driver: Driver): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  response.flushHeaders();
  const start = streamStart(answer);
  if (start !== '') response.write(start);
  const cancel = driver.submit(answer, (k) => {
    response.write(streamToken(answer, k));
    if (k === answer.output - 1) response.end();
  });
  response.on('close', cancel);
}

function answerWhole(answer: Answer, response: ServerResponse, driver: Driver): void {
  const cancel = driver.submit(answer, (k) => {
    if (k === answer.output - 1) sendJson(response, 200, wholeAnswer(answer));
  });
  response.on('close', cancel);
}

let answers = 0;

function identity(api: Api): Pick<Answer, 'id' | 'created'> {
  return { id: `${api === 'chat' ? 'chatcmpl' : 'cmpl'}-${answers++}`, created: seconds() };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

function sendError(response: ServerResponse, error: ApiError): void {
  sendJson(response, error.status, errorBody(error));
}

function sendJson(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
