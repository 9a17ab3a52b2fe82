import { apiNamed } from '../client/api.ts';
import type { Client, Exchange } from '../client/client.ts';
import type { ProbeResult } from '../record/header.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type Calibration, calibrate, probePrompts, UNCALIBRATED } from '../workload/calibration.ts';

/** The probe is a courtesy before the measurement: it never takes long, and never ends a run. */
const PROBE_TIMEOUT_MS = 30_000;

/**
 * Learns how many of this server's tokens a word of our prompts is, and how many tokens its chat template adds: two prompts of
 * different length, as few output tokens as the API allows, and the server's own count of input tokens.
 */
export async function probe(
  client: Client,
  scenario: Scenario,
  model: string,
): Promise<{ calibration: Calibration; result: ProbeResult }> {
  const api = apiNamed(scenario.endpoint.api);
  const points: { words: number; promptTokens: number }[] = [];
  let requests = 0;
  let why: string | null = null;
  for (const { words, text } of probePrompts(scenario.seed)) {
    const body = api.body({
      model,
      prompt: { kind: 'text', text },
      maxTokens: api.leastTokens,
      extra: scenario.endpoint.body,
    });
    const flight = client.send(new TextEncoder().encode(JSON.stringify(body)));
    const limit = setTimeout(() => flight.abort('the probe took too long'), PROBE_TIMEOUT_MS);
    const exchange = await flight.done;
    clearTimeout(limit);
    requests++;
    if (exchange.outcome !== 'ok') {
      why = `the probe request failed (${inWords(exchange)})`;
      break;
    }
    if (exchange.input_tokens === null) {
      why = 'the server reports no input tokens';
      break;
    }
    points.push({ words, promptTokens: exchange.input_tokens });
  }
  const learnt = why === null ? calibrate(points) : null;
  if (why === null && learnt === null)
    why = `its prompt token counts make no line (${JSON.stringify(points)})`;
  return {
    calibration: learnt ?? UNCALIBRATED,
    result: {
      tokens_per_word: learnt?.tokensPerWord ?? null,
      overhead_tokens: learnt?.overheadTokens ?? null,
      note:
        why === null
          ? null
          : `Prompt lengths are not calibrated to this server's tokenizer: ${why}; one word was taken for one token.`,
      requests,
    },
  };
}

function inWords({ outcome, status, error }: Exchange): string {
  const parts = [
    outcome.replaceAll('_', ' '),
    status === null ? null : `HTTP ${status}`,
    error?.message ?? null,
  ];
  return parts.filter((part) => part !== null).join(': ');
}
