import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, startEndpoint } from '../../src/simulator/index.ts';
import { call } from './http.ts';

const STREAM = { model: 'm', prompt: 'a b c', max_tokens: 3, stream: true };

describe('startEndpoint', () => {
  it('serves from a thread of its own until it is closed', async () => {
    const endpoint = await startEndpoint({ ttftBase: 20, tpot: 1 });
    expect(endpoint.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    expect(endpoint.said).toMatchObject({
      server: 'goodput-simulator',
      model: 'simulated',
      settings_ms: { ...DEFAULT_SETTINGS, ttftBase: 20, tpot: 1 },
    });
    const answered = await call(`${endpoint.url}/completions`, { body: STREAM });
    expect(answered.status).toBe(200);
    expect(answered.events).toHaveLength(4);
    expect(answered.events[0]!.at_ms).toBeGreaterThanOrEqual(20 + 0.6);
    await endpoint.close();
    await endpoint.close();
    await expect(call(`${endpoint.url}/completions`, { body: STREAM })).rejects.toThrow(/ECONNREFUSED/);
  });

  it('cuts the streams that are open when it is closed', async () => {
    const endpoint = await startEndpoint({ ttftBase: 0, tpot: 1 });
    const closed = Promise.withResolvers<void>();
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

  it('refuses settings that are no durations, all at once', async () => {
    const settings = { tpot: -1, ttftBase: Number.NaN };
    await expect(startEndpoint(settings)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/ttftBase is NaN[^]*tpot is -1/),
    });
  });
});
