import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { clockFrom } from '../src/health/monotonic-clock.ts';

/**
 * The load server without a C compiler: `c/server.c` describes the arguments. Its stamps are later than C's by its
 * own lag.
 */
const [mode = '', streamsText, eventsText, rateText = '1', groupsText = '0', log] = process.argv.slice(2);
const streams = Number(streamsText);
const events = Number(eventsText);
const rate = Number(rateText);
const groups = Number(groupsText);
const now = clockFrom(0n);
const written = new Float64Array(mode === 'paced' ? streams * events : 0);
const responses: ServerResponse[] = [];
let asked = 0;

const chunk = (id: string, delta: object, finish: string | null): string =>
  `data: ${JSON.stringify({
    id: `chatcmpl-${id}`,
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: 'bench',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  })}\n\n`;
const WORDS = [
  ' the',
  ' of',
  'ing',
  ' server',
  ',',
  ' and',
  '\n\n',
  ' measure',
  ' café',
  ' "so',
  ' rate',
  '!',
];
const ANY_ID = '0123456789abcdef';
const EVENTS = WORDS.map((content) => chunk(ANY_ID, { content }, null));
const TAIL = `${chunk(ANY_ID, {}, 'stop')}data: [DONE]\n\n`;

/** Like real servers, gives each answer an id, which is in all of its events. */
const signed = (text: string, id: number): string =>
  text.replaceAll(ANY_ID, String(id).padStart(ANY_ID.length, '0'));
const eventOf = (id: number, k: number): string => signed(EVENTS[k % EVENTS.length]!, id);

async function pour(response: ServerResponse, id: number): Promise<void> {
  const texts = EVENTS.map((_, k) => eventOf(id, k));
  for (let k = 0; k < events; k++) {
    if (!response.write(texts[k % texts.length]!))
      await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end(signed(TAIL, id));
}

function writeOne(id: number, j: number): void {
  const event = eventOf(id, id + j);
  written[id * events + j] = now();
  responses[id]!.write(event);
  if (j + 1 === events) responses[id]!.end(signed(TAIL, id));
}

function pace(): void {
  const perPeriod = groups > 0 ? groups : streams;
  const begin_us = now() + 100_000;
  let step = 0;
  const tick = (): void => {
    for (; step < perPeriod * events; step++) {
      const wait_us = begin_us + ((step / perPeriod) * 1e6) / rate - now();
      if (wait_us > 0) {
        setTimeout(tick, wait_us / 1000);
        return;
      }
      const slot = step % perPeriod;
      const j = Math.floor(step / perPeriod);
      if (groups === 0) writeOne(slot, j);
      else for (let id = slot; id < streams; id += groups) writeOne(id, j);
    }
  };
  tick();
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  request.on('end', () => {
    if (request.method === 'GET') {
      response.end('{"object":"list","data":[{"id":"bench","object":"model"}]}');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (mode === 'answer') {
      for (let k = 0; k < events; k++) response.write(eventOf(asked, k));
      response.end(signed(TAIL, asked++));
      return;
    }
    response.flushHeaders();
    responses[(JSON.parse(body) as { id?: number }).id ?? asked] = response;
    if (++asked < streams) return;
    if (mode === 'paced') pace();
    else for (const [id, each] of responses.entries()) void pour(each, id);
  });
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.resume().on('end', () => {
  if (log !== undefined) writeFileSync(log, new Uint8Array(written.buffer));
  process.exit(0);
});
