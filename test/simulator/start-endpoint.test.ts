/** @module-tag timed */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startEndpoint } from '../../src/simulator/index.ts';
import { call } from './http.ts';
import { linear } from './linear.ts';

const STREAM = { model: 'm', prompt: 'a b c', max_tokens: 3, stream: true };

const scratch = await mkdtemp(join(tmpdir(), 'goodput-endpoint-'));
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('startEndpoint', () => {
  it('serves from its own thread until it is closed', async () => {
    const endpoint = await startEndpoint({ cost: linear({ base: 20_000 }), engine: { maxNumSeqs: 3 } });
    expect(endpoint.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    expect(endpoint.said).toMatchObject({
      server: 'goodput-simulator',
      model: 'simulated',
      engine: { maxNumSeqs: 3, maxBatchedTokens: 8192 },
      cost: { kind: 'linear', base: 20_000 },
      dialect: 'openai',
    });
    const answered = await call(`${endpoint.url}/completions`, { body: STREAM });
    expect(answered.status).toBe(200);
    expect(answered.events).toHaveLength(5);
    expect(answered.events[0]!.at_ms).toBeGreaterThanOrEqual(20);
    const { totals, requests } = await endpoint.close();
    expect([totals.steps, totals.peak_running, requests]).toEqual([3, 1, 1]);
    await endpoint.close();
    await expect(call(`${endpoint.url}/completions`, { body: STREAM })).rejects.toThrow(/ECONNREFUSED/);
  });

  it('cuts off open streams when it is closed', async () => {
    const endpoint = await startEndpoint({ cost: linear({ base: 1000 }), engine: { kvBlocks: 100_000 } });
    const closed = Promise.withResolvers<unknown>();
    const open = call(`${endpoint.url}/completions`, {
      body: { ...STREAM, max_tokens: 1_000_000 },
      onEvent: () => {
        endpoint.close().then(closed.resolve, closed.reject);
        return false;
      },
    });
    await expect(open).rejects.toThrow(/aborted|ECONNRESET|socket hang up/);
    await closed.promise;
  });

  it('overwrites no existing log, and reports that at the end', async () => {
    const log = join(scratch, 'theirs.jsonl');
    await writeFile(log, 'theirs');
    const endpoint = await startEndpoint({ cost: linear({ base: 1000 }) });
    endpoint.begin(log, process.hrtime.bigint());
    expect((await call(`${endpoint.url}/completions`, { body: STREAM })).status).toBe(200);
    expect((await endpoint.close()).logProblem).toContain(`the log ${log} already exists`);
    expect(await readFile(log, 'utf8')).toBe('theirs');
  });

  it('reports all invalid settings of an engine at once', async () => {
    const settings = { cost: linear({ base: -1 }), engine: { maxNumSeqs: 0 } };
    await expect(startEndpoint(settings)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/maxNumSeqs is 0[^]*base is -1/),
    });
  });
});
