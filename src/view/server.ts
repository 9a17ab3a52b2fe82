import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { GoodputError } from '../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import { refusalOf } from './guard.ts';
import { Routes } from './routes.ts';
import { type Response, textOf } from './response.ts';

// Not an `import`: see `client/http/headers.ts`.
const { createServer } = process.getBuiltinModule('node:http');

const HOST = '127.0.0.1';
/** Limits on slow and idle clients, in milliseconds, and on their number. */
const HEADERS_TIMEOUT = 5000;
const REQUEST_TIMEOUT = 10_000;
const CHECK_EVERY = 1000;
const MOST_CONNECTIONS = 100;

/** A server of the recorded runs below a folder. */
export interface View {
  /** Its address. */
  url: string;
  /** Stops at once; open connections are cut. */
  close(): Promise<void>;
}

/**
 * Serves the recorded runs below a folder on 127.0.0.1, for reading only.
 * @param port 0 picks a free one
 * @throws {GoodputError} kind `usage` if the folder cannot be read, or the port cannot be used
 */
export async function openView(folder: string, port: number): Promise<View> {
  const root = await rootOf(folder);
  // A path such as `.` names nothing.
  const routes = new Routes(root, /[^./\\]/.test(folder) ? folder : basename(root));
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    connectionsCheckingInterval: CHECK_EVERY,
    keepAliveTimeout: REQUEST_TIMEOUT,
  });
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, port);
  const { port: used } = server.address() as AddressInfo;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void answer(request, used, routes).then((found) => send(response, request.method === 'HEAD', found));
  });
  return {
    url: `http://${HOST}:${used}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function rootOf(folder: string): Promise<string> {
  try {
    const root = await realpath(folder);
    if ((await stat(root)).isDirectory()) return root;
  } catch (error) {
    throw new GoodputError('usage', `cannot read ${folder}: ${reasonOf(error)}`, {
      cause: error,
      ...(codeOf(error) === 'ENOENT'
        ? { hint: 'name the folder that holds the run folders: goodput view FOLDER' }
        : {}),
    });
  }
  throw new GoodputError('usage', `${folder} is a file, not a folder`);
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, resolve);
    });
  } catch (error) {
    throw new GoodputError('usage', `cannot listen on ${HOST}:${port}: ${reasonOf(error)}`, {
      cause: error,
      hint: 'omit --port to use a free one',
    });
  }
}

async function answer(request: IncomingMessage, port: number, routes: Routes): Promise<Response> {
  const refusal = refusalOf(request, port);
  if (refusal !== null) return textOf(refusal.status, refusal.text);
  try {
    return await routes.answer(request.url!);
  } catch (error) {
    if (error instanceof GoodputError) return textOf(422, error.message);
    return textOf(500, 'goodput could not make this page');
  }
}

function send(response: ServerResponse, isHead: boolean, { status, type, body, csp }: Response): void {
  const bytes = Buffer.from(body, 'utf8');
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': bytes.length,
    'content-security-policy': csp,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    // What follows a refused request on its connection is not read.
    ...(status === 400 || status === 405 ? { connection: 'close' } : {}),
  });
  response.end(isHead ? undefined : bytes);
}
