import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import type { OtlpDocument } from '../../../src/render/export/otlp-document.ts';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  document: OtlpDocument;
}

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

/** A collector that keeps what it receives, and gives these answers in order, the last one again and again; `null`: none at all. */
export async function startCollector(
  ...answers: (Answer | null)[]
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const bytes = Buffer.concat(parts);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
      received.push({
        path: request.url ?? '',
        headers: request.headers,
        document: JSON.parse(text.toString()) as OtlpDocument,
      });
      const answer = answers[Math.min(received.length, answers.length) - 1];
      if (answer === null) return;
      const { status = 200, headers = {}, body = '{}' } = answer ?? {};
      response.writeHead(status, headers).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  // A server on a TCP port has such an address.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, received };
}
