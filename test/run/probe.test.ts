import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Probe, type Probed } from '../../src/run/probe.ts';
import type { Flags } from '../../src/scenario/keys/options.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';

type Body = Record<string, unknown> & { stream_options?: Record<string, unknown> };

/** A server as some are: which fields it refuses (with these words), which it understands, all others are ignored. */
interface Habits {
  refuse?(body: Body): string | null;
  status?: number;
  /** Of vLLM and its kin. */
  tokenIds?: boolean;
  continuous?: boolean;
  obfuscates?: boolean;
}

const servers: (() => void)[] = [];
afterEach(() => {
  for (const close of servers.splice(0)) close();
});

async function serverWith(habits: Habits): Promise<{ url: string; bodies: Body[] }> {
  const bodies: Body[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const body = JSON.parse(text) as Body;
      bodies.push(body);
      const refusal = habits.refuse?.(body) ?? null;
      if (refusal !== null) {
        response.writeHead(habits.status ?? 400, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: { message: refusal } }));
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        answer(body, habits)
          .map((event) => `data: ${JSON.stringify(event)}\n\n`)
          .join('') + 'data: [DONE]\n\n',
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, bodies };
}

/** As many tokens as are asked for, two an event; a prompt costs 1.5 tokens a word and 5 more. */
function answer(body: Body, { tokenIds, continuous, obfuscates }: Habits): object[] {
  const limit = Number(body['max_tokens'] ?? body['max_completion_tokens']);
  const content = (body['messages'] as { content: string }[])[0]!.content;
  const prompt_tokens = Math.round(content.split(/\s+/).length * 1.5 + 5);
  const wants = body.stream_options ?? {};
  const usage = (completion_tokens: number) => ({ usage: { prompt_tokens, completion_tokens } });
  const events: object[] = [];
  for (let sent = 0; sent < limit; sent += 2) {
    const now = Math.min(2, limit - sent);
    events.push({
      ...(obfuscates === true && wants['include_obfuscation'] !== false ? { obfuscation: 'xx' } : {}),
      ...(continuous === true && wants['continuous_usage_stats'] === true ? usage(sent + now) : {}),
      choices: [
        {
          index: 0,
          delta: { content: 'ab' },
          finish_reason: null,
          ...(tokenIds === true && body['return_token_ids'] === true
            ? { token_ids: [7, 8].slice(0, now) }
            : {}),
        },
      ],
    });
  }
  events.push({ choices: [{ index: 0, delta: {}, finish_reason: 'length' }] });
  if (wants['include_usage'] === true) events.push({ choices: [], ...usage(limit) });
  return events;
}

async function probed(habits: Habits, flags: Flags = {}): Promise<Probed & { bodies: Body[] }> {
  const { url, bodies } = await serverWith(habits);
  const { resolved } = resolveScenario({ file: null, env: {}, flags: { url, ...flags } });
  const { apiKey, headers, timeouts } = resolved.scenario.endpoint;
  const probe = new Probe(
    { url, apiKey, headers, timeouts, now: () => performance.now() * 1000 },
    resolved.scenario,
    'm',
  );
  try {
    return { ...(await probe.carryOut()), bodies };
  } finally {
    await probe.close();
  }
}

const STREAM_OPTIONS = 'Unrecognized request argument supplied: stream_options';
const optionsRefused = (body: Body): string | null => ('stream_options' in body ? STREAM_OPTIONS : null);

describe('what a server takes', () => {
  test('usage alone, of a server that ignores the rest', async () => {
    const { asking, result, notes, calibration } = await probed({});
    expect(asking).toEqual({ asks: ['include_usage'], limit: 'max_tokens' });
    expect(result).toMatchObject({
      asked: ['include_usage'],
      refused: {},
      ignored: ['continuous_usage_stats', 'return_token_ids'],
      requests: 2,
    });
    expect(notes).toEqual([]);
    expect(calibration.tokensPerWord).toBeCloseTo(1.5, 2);
    expect(calibration.overheadTokens).toBe(5);
  });

  test('token ids and usage in every event, where they come', async () => {
    const { asking, result } = await probed({ tokenIds: true, continuous: true });
    expect(asking.asks).toEqual(['include_usage', 'continuous_usage_stats', 'return_token_ids']);
    expect(result.ignored).toEqual([]);
    const ids = await probed({ tokenIds: true });
    expect(ids.asking.asks).toEqual(['include_usage', 'return_token_ids']);
    expect(ids.result.ignored).toEqual(['continuous_usage_stats']);
  });

  test('of a server that refuses what it does not know, each is tried by itself', async () => {
    const { asking, result, notes } = await probed({
      continuous: true,
      refuse: (body) => ('return_token_ids' in body ? 'Extra inputs are not permitted' : null),
      status: 422,
    });
    expect(asking.asks).toEqual(['include_usage', 'continuous_usage_stats']);
    expect(result.refused).toEqual({ return_token_ids: 'Extra inputs are not permitted' });
    // Nobody misses it: no note.
    expect(notes).toEqual([]);
    expect(result.requests).toBe(4);
  });

  test('usage is withdrawn once, before the measurement, where stream_options are refused', async () => {
    const { asking, result, notes, bodies } = await probed({ refuse: optionsRefused });
    expect(asking).toEqual({ asks: [], limit: 'max_tokens' });
    expect(result.refused).toEqual({ include_usage: STREAM_OPTIONS });
    expect(notes[0]).toBe(
      `The server refused stream_options.include_usage (${STREAM_OPTIONS}): it was not asked for usage.`,
    );
    // Nor are the options that stand beside it tried.
    expect(bodies.slice(1).every((body) => !('stream_options' in body))).toBe(true);
    expect(notes[1]).toContain('the server reports no input tokens');
  });

  test('max_completion_tokens takes the place of max_tokens where that is refused', async () => {
    const said =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    const { asking, result, notes, calibration } = await probed({
      refuse: (body) => ('max_tokens' in body ? said : null),
    });
    expect(asking).toEqual({ asks: ['include_usage'], limit: 'max_completion_tokens' });
    expect(result).toMatchObject({ limit: 'max_completion_tokens', refused: { max_tokens: said } });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('max_completion_tokens was sent in its place');
    expect(calibration.tokensPerWord).toBeCloseTo(1.5, 2);
  });

  test('of a refusal that names nothing only what made it goes, and what was innocent comes back', async () => {
    const { asking, result } = await probed({
      refuse: (body) => ('max_tokens' in body ? 'Bad Request' : null),
    });
    expect(asking).toEqual({ asks: ['include_usage'], limit: 'max_completion_tokens' });
    expect(result.refused).toEqual({ max_tokens: 'Bad Request' });
    const both = await probed({
      refuse: (body) => ('max_tokens' in body || 'stream_options' in body ? 'Bad Request' : null),
    });
    expect(both.asking).toEqual({ asks: [], limit: 'max_completion_tokens' });
  });

  test('a limit that is too low to answer at all is raised, and not taken for a refusal', async () => {
    const { asking, result, notes } = await probed({
      refuse: (body) =>
        Number(body['max_tokens']) < 4
          ? 'Could not finish the message because max_tokens or model output limit was reached. Please try again with higher max_tokens.'
          : null,
    });
    expect(asking.limit).toBe('max_tokens');
    expect(result.refused).toEqual({});
    expect(notes).toEqual([]);
  });

  test('a refusal that nothing cures is the measurement’s to show: all stays as it was', async () => {
    const { asking, notes, result } = await probed({ refuse: () => 'the model "m" does not exist' });
    expect(asking).toEqual({ asks: ['include_usage'], limit: 'max_tokens' });
    expect(result.refused).toEqual({});
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('the probe request failed (HTTP 400: the model "m" does not exist)');
    expect(result.requests).toBeLessThanOrEqual(6);
  });

  test('obfuscation is asked away where it is met', async () => {
    const { asking } = await probed({ obfuscates: true });
    expect(asking.asks).toEqual(['include_usage', 'include_obfuscation']);
  });

  test('exact output: min_tokens is withdrawn where ignore_eos alone is taken', async () => {
    const flags: Flags = { 'exact-output': true };
    const { asking, bodies } = await probed({}, flags);
    expect(asking.asks).toEqual(['include_usage', 'ignore_eos', 'min_tokens']);
    expect(bodies[0]).toMatchObject({ ignore_eos: true, min_tokens: 1, max_tokens: 1 });
    const one = await probed(
      { refuse: (body) => ('min_tokens' in body ? 'min_tokens: unknown field' : null) },
      flags,
    );
    expect(one.asking.asks).toEqual(['include_usage', 'ignore_eos']);
    expect(one.notes[0]).toContain('answers may be shorter than --exact-output asks for');
  });

  test('what the user says of a field is neither tried nor withdrawn', async () => {
    const { asking, bodies } = await probed(
      { tokenIds: true, continuous: true },
      { body: ['return_token_ids=false', 'stream_options=null'] },
    );
    expect(asking.asks).toEqual(['include_usage']);
    for (const body of bodies) {
      expect(body['return_token_ids']).toBe(false);
      expect(body).not.toHaveProperty('stream_options');
    }
  });
});
