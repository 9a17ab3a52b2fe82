/** @module-tag timed */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Preflight, type PreflightOutcome } from '../../src/preflight/preflight.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import { measureWords, ONE_EACH, type WordTokens } from '../../src/workload/word-tokens.ts';

type Body = Record<string, unknown> & { stream_options?: Record<string, unknown> };

/** A server that refuses some fields with a message and supports others; it ignores the rest. */
interface Habits {
  refuse?(body: Body): string | null;
  status?: number;
  /** Prompt tokens of a text; `null`: usage has none. Default: 1.5 tokens per word, plus 5. */
  promptTokens?(text: string): number | null;
  /** Supported by vLLM and similar servers. */
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

/** Returns the events of a response: the requested number of tokens, two per event; a prompt counts 1.5 tokens per word, plus 5. */
function answer(body: Body, { tokenIds, continuous, obfuscates, promptTokens }: Habits): object[] {
  const limit = Number(body['max_tokens'] ?? body['max_completion_tokens']);
  const content = (body['messages'] as { content: string }[])[0]!.content;
  const prompt_tokens = (promptTokens ?? ((text) => Math.round(text.split(/\s+/).length * 1.5 + 5)))(content);
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

async function probed(
  habits: Habits,
  flags: Flags = {},
  wordTokens: WordTokens | null = null,
): Promise<PreflightOutcome & { bodies: Body[] }> {
  const { url, bodies } = await serverWith(habits);
  const { resolved } = resolveScenario({ file: null, env: {}, flags: { url, ...flags } });
  const { apiKey, headers, timeouts } = resolved.scenario.endpoint;
  const preflight = new Preflight(
    { url, apiKey, headers, timeouts, now: () => performance.now() * 1000 },
    resolved.scenario,
    'm',
    { wordTokens, isGenerated: true },
  );
  try {
    return { ...(await preflight.carryOut()), bodies };
  } finally {
    await preflight.close();
  }
}

const STREAM_OPTIONS = 'Unrecognized request argument supplied: stream_options';
const optionsRefused = (body: Body): string | null => ('stream_options' in body ? STREAM_OPTIONS : null);

describe('the preflight requests', () => {
  test('agree on usage alone with a server that ignores the other fields', async () => {
    const { profile, result, notes, calibration } = await probed({});
    expect(profile).toEqual({ optionalFields: ['include_usage'], limit: 'max_tokens' });
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

  describe('with a tokenizer', () => {
    const letters = (text: string): number =>
      text.split(' ').reduce((sum, { length }) => sum + Math.ceil(length / 4), 0);
    const wordTokens = measureWords(letters)!;
    const flags = { tokenizer: 'model.json' };

    test('find the tokens that the chat template adds, if the server counts as the tokenizer does', async () => {
      const found = await probed({ promptTokens: (text) => letters(text) + 11 }, flags, wordTokens);
      expect(found.calibration).toMatchObject({ overheadTokens: 11, wordTokens });
      expect(found.result).toMatchObject({ overhead_tokens: 11, note: null });
      expect(found.notes).toEqual([]);
    });

    test.each([
      [
        'counts differently',
        { promptTokens: (text: string) => letters(text) * 2 },
        /tokenizer of this model\?/,
      ],
      ['counts fewer', { promptTokens: (text: string) => letters(text) - 1 }, /tokenizer of this model\?/],
      ['does not count', { promptTokens: () => null }, /model\.json.*chat template.*no input tokens/],
    ])('report a server that %s', async (_, habits, note) => {
      const found = await probed(habits, flags, wordTokens);
      expect(found.calibration).toMatchObject({ overheadTokens: 0, wordTokens });
      expect(found.result.overhead_tokens).toBeNull();
      expect(found.notes.join()).toMatch(note);
      expect(found.notes).toEqual([found.result.note]);
    });

    test('of one token per word', async () => {
      const found = await probed({ promptTokens: (text) => text.split(' ').length }, flags, ONE_EACH);
      expect(found.calibration.overheadTokens).toBe(0);
      expect(found.notes).toEqual([]);
    });
  });

  test('agree on token ids and usage in every event if the server sends them', async () => {
    const { profile, result } = await probed({ tokenIds: true, continuous: true });
    expect(profile.optionalFields).toEqual(['include_usage', 'continuous_usage_stats', 'return_token_ids']);
    expect(result.ignored).toEqual([]);
    const ids = await probed({ tokenIds: true });
    expect(ids.profile.optionalFields).toEqual(['include_usage', 'return_token_ids']);
    expect(ids.result.ignored).toEqual(['continuous_usage_stats']);
  });

  test('try each field separately on a server that refuses unknown fields', async () => {
    const { profile, result, notes } = await probed({
      continuous: true,
      refuse: (body) => ('return_token_ids' in body ? 'Extra inputs are not permitted' : null),
      status: 422,
    });
    expect(profile.optionalFields).toEqual(['include_usage', 'continuous_usage_stats']);
    expect(result.refused).toEqual({ return_token_ids: 'Extra inputs are not permitted' });
    // The run does not need it: no note.
    expect(notes).toEqual([]);
    expect(result.requests).toBe(4);
  });

  test('withdraw usage once, before the measurement, if stream_options is refused', async () => {
    const { profile, result, notes, bodies } = await probed({ refuse: optionsRefused });
    expect(profile).toEqual({ optionalFields: [], limit: 'max_tokens' });
    expect(result.refused).toEqual({ include_usage: STREAM_OPTIONS });
    expect(notes[0]).toContain(`refused stream_options.include_usage (${STREAM_OPTIONS})`);
    // The other options of stream_options are not tried either.
    expect(bodies.slice(1).every((body) => !('stream_options' in body))).toBe(true);
    expect(notes[1]).toContain('the server reports no input tokens');
  });

  test('send max_completion_tokens if max_tokens is refused', async () => {
    const said =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    const { profile, result, notes, calibration } = await probed({
      refuse: (body) => ('max_tokens' in body ? said : null),
    });
    expect(profile).toEqual({ optionalFields: ['include_usage'], limit: 'max_completion_tokens' });
    expect(result).toMatchObject({ limit: 'max_completion_tokens', refused: { max_tokens: said } });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/refused max_tokens .* sends max_completion_tokens/);
    expect(calibration.tokensPerWord).toBeCloseTo(1.5, 2);
  });

  test('withdraw only the refused field if the refusal does not name it', async () => {
    const { profile, result } = await probed({
      refuse: (body) => ('max_tokens' in body ? 'Bad Request' : null),
    });
    expect(profile).toEqual({ optionalFields: ['include_usage'], limit: 'max_completion_tokens' });
    expect(result.refused).toEqual({ max_tokens: 'Bad Request' });
    const both = await probed({
      refuse: (body) => ('max_tokens' in body || 'stream_options' in body ? 'Bad Request' : null),
    });
    expect(both.profile).toEqual({ optionalFields: [], limit: 'max_completion_tokens' });
  });

  test('raise a limit that is too low for any response, and do not count it as refused', async () => {
    const { profile, result, notes } = await probed({
      refuse: (body) =>
        Number(body['max_tokens']) < 4
          ? 'Could not finish the message because max_tokens or model output limit was reached. Please try again with higher max_tokens.'
          : null,
    });
    expect(profile.limit).toBe('max_tokens');
    expect(result.refused).toEqual({});
    expect(notes).toEqual([]);
  });

  test('keep all fields if the server refuses every request', async () => {
    const { profile, notes, result } = await probed({ refuse: () => 'the model "m" does not exist' });
    expect(profile).toEqual({ optionalFields: ['include_usage'], limit: 'max_tokens' });
    expect(result.refused).toEqual({});
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('the preflight request failed (HTTP 400: the model "m" does not exist)');
    expect(result.requests).toBeLessThanOrEqual(6);
  });

  test('disable obfuscation if the server sends it', async () => {
    const { profile } = await probed({ obfuscates: true });
    expect(profile.optionalFields).toEqual(['include_usage', 'include_obfuscation']);
  });

  test('withdraw min_tokens if the server accepts only ignore_eos for exact output', async () => {
    const flags: Flags = { 'exact-output': true };
    const { profile, bodies } = await probed({}, flags);
    expect(profile.optionalFields).toEqual(['include_usage', 'ignore_eos', 'min_tokens']);
    expect(bodies[0]).toMatchObject({ ignore_eos: true, min_tokens: 1, max_tokens: 1 });
    const one = await probed(
      { refuse: (body) => ('min_tokens' in body ? 'min_tokens: unknown field' : null) },
      flags,
    );
    expect(one.profile.optionalFields).toEqual(['include_usage', 'ignore_eos']);
    expect(one.notes[0]).toMatch(/refused min_tokens .*--exact-output/);
  });

  test('neither try nor withdraw a field that the user sets', async () => {
    const { profile, bodies } = await probed(
      { tokenIds: true, continuous: true },
      { body: ['return_token_ids=false', 'stream_options=null'] },
    );
    expect(profile.optionalFields).toEqual(['include_usage']);
    for (const body of bodies) {
      expect(body['return_token_ids']).toBe(false);
      expect(body).not.toHaveProperty('stream_options');
    }
  });
});
