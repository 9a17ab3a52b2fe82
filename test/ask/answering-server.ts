import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One response: an answer, or a failure. */
export type Scripted =
  | { text: string; reasoning?: string }
  | { status: number; error: string; headers?: Record<string, string> };

export interface AskedBody {
  model: string;
  messages: { role: string; content: string }[];
  [key: string]: unknown;
}

export interface AnsweringServer {
  /** Base URL with `/v1`. */
  url: string;
  /** The bodies of all requests, in order. */
  bodies: AskedBody[];
  close(): void;
}

/** Starts a server of the chat API that answers what `script` returns for a question and its number, from 0. */
export async function answeringServer(
  script: (question: string, number: number, body: AskedBody) => Scripted | Promise<Scripted>,
): Promise<AnsweringServer> {
  const bodies: AskedBody[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data: [{ id: 'scripted' }] }));
      return;
    }
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const body = JSON.parse(text) as AskedBody;
      const number = bodies.push(body) - 1;
      void Promise.resolve(script(body.messages[0]!.content, number, body)).then((answer) => {
        if ('status' in answer) {
          response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
          response.end(JSON.stringify({ error: { message: answer.error } }));
          return;
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const send = (event: object): void => void response.write(`data: ${JSON.stringify(event)}\n\n`);
        const delta = (delta: object, finish_reason: string | null = null): void =>
          send({ choices: [{ index: 0, delta, finish_reason }] });
        if (answer.reasoning !== undefined) delta({ reasoning_content: answer.reasoning });
        delta({ content: answer.text });
        delta({}, 'stop');
        send({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 3 } });
        response.end('data: [DONE]\n\n');
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    bodies,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
