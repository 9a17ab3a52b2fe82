import { expect, test } from 'vitest';
import { buildExchange, type FlightFacts } from '../../src/client/exchange-builder.ts';
import { apiNamed } from '../../src/client/api/apis.ts';

const FACTS: FlightFacts = {
  sent: 100,
  headersAt: 100,
  ended: 140,
  events: [120, 10],
  status: 200,
  headers: {},
  reused: false,
  setUp: null,
  bytes: 9,
  isHttp2: false,
  failure: null,
  answer: apiNamed('chat').reader(false).answer(),
  epochMs: 0,
  redact: (text) => text,
};

test('instants are kept as they were stamped', () => {
  expect(buildExchange(FACTS)).toMatchObject({
    sent_us: 100,
    headers_us: 100,
    events_us: [120, 10],
    ended_us: 140,
  });
});

test.each<[Partial<FlightFacts>, string]>([
  [{ headersAt: 99 }, 'headers of a request was stamped 1 µs before'],
  [{ events: [0, 0] }, 'first event of a request was stamped 100 µs before'],
  [{ headersAt: null, events: [], ended: 0 }, 'end of a request was stamped 100 µs before'],
])('an instant before the send is a defect: %j', (facts, message) => {
  expect(() => buildExchange({ ...FACTS, ...facts })).toThrow(message);
});

test('a request that was never sent has only an end', () => {
  const unsent = { sent: null, headersAt: null, events: [], status: null, ended: 5 };
  expect(buildExchange({ ...FACTS, ...unsent })).toMatchObject({ sent_us: null, ended_us: 5 });
});
