/**
 * @module-tag timed
 * @module-tag study
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { build, native } from '../../bench/build.ts';
import { measureWith } from '../../bench/measure.ts';

const servers = ['c', 'node'] as const;
const programOf = (server: (typeof servers)[number]): Promise<string | null> =>
  server === 'c' ? native('server') : Promise.resolve(null);

beforeAll(build, 120_000);

describe.each(servers)('against the server in %s', (server) => {
  // `measureWith` itself fails where a client sees more or fewer events than were written.
  test.each(['undici', 'scan', 'parse', 'goodput', 'fetch'])(
    '%s sees every event of a flood',
    async (client) => {
      const load = { mode: 'flood', streams: 3, events: 700, rate: 1, groups: 0 } as const;
      const { events, cpu_us } = await measureWith(await programOf(server), client, load, false);
      expect(events).toBe(2100);
      expect(cpu_us).toBeGreaterThan(0);
    },
  );

  test.each(['scan', 'parse', 'goodput', 'fetch'])(
    '%s stamps no event before it was written',
    async (client) => {
      const load = { mode: 'paced', streams: 6, events: 10, rate: 100, groups: 2 } as const;
      const { error } = await measureWith(await programOf(server), client, load, true);
      // A stamp taken before its read may be too early for what came between the two; the others cannot be.
      if (client !== 'goodput') expect(error!.early).toBe(0);
      expect(error!.p50_us).toBeGreaterThan(0);
      expect(error!.p99_us).toBeGreaterThanOrEqual(error!.p50_us);
      expect(error!.steady_p99_us).toBeGreaterThan(0);
    },
  );
});
