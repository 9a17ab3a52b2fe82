import { openClient } from '../../src/client/open-client.ts';
import { type Reader, type Setting, requestBody } from './variant.ts';

const LIMIT_MS = 600_000;

/** goodput's own client, as a load worker uses it. */
export function goodput({ url, events, stamps, now }: Setting): Reader {
  const timeouts = {
    connect: LIMIT_MS,
    headers: LIMIT_MS,
    firstToken: LIMIT_MS,
    idle: LIMIT_MS,
    total: LIMIT_MS,
  };
  const client = openClient({ url, api: 'chat', apiKey: null, headers: {}, timeouts, keepText: false, now });
  return {
    async read(id) {
      const { outcome, error, events_us } = await client.send(Buffer.from(requestBody(id))).done;
      if (outcome !== 'ok') throw new Error(`stream ${id}: ${outcome} ${error?.message ?? ''}`);
      if (stamps !== null) {
        let at = 0;
        for (let k = 0; k < events; k++) stamps[id * events + k] = at += events_us[k]!;
      }
      return events_us.length;
    },
    close: () => client.close(),
  };
}
