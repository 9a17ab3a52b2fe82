import { type Api, apiNamed } from '../client/api/api.ts';
import { type Asking, hasTwoLimits, PLAIN_ASKING } from '../client/api/asking.ts';
import type { Client, ClientOptions, Exchange } from '../client/client.ts';
import { type Agreed, Negotiation, type Trial } from '../client/negotiate.ts';
import { StreamFacts } from '../client/observer.ts';
import { openClient } from '../client/transport.ts';
import type { PreflightResult } from '../record/header.ts';
import { providerNamed } from '../scenario/keys/providers.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import {
  type Calibration,
  calibrate,
  type ProbePoint,
  type ProbePrompt,
  probePrompts,
  UNCALIBRATED,
} from '../workload/calibration.ts';
import { failureText } from './unusable.ts';

/** The probe is a courtesy before the measurement: no request of it takes long, and none ends a run. */
const PROBE_TIMEOUT_MS = 30_000;

/** Output tokens of a request that has to show what its events carry: several, so that one of them is in the middle. */
const SEVERAL = 16;

/** A server's refusal, in notes. */
const LONGEST_SAID = 160;

export interface Probed {
  calibration: Calibration;
  asking: Asking;
  result: PreflightResult;
  /** What the reader of the report should know, in whole sentences. */
  notes: string[];
  /** The request that was not answered; `null`: all were. */
  failed: Exchange | null;
}

/** What is asked where nothing is found out first: of a provider, what it is known to take. */
export function askingOf({ workload, endpoint }: Pick<Scenario, 'workload' | 'endpoint'>): Asking {
  const { asks, limit } = providerNamed(endpoint.provider) ?? PLAIN_ASKING;
  return { limit, asks: workload.exactOutput ? [...asks, 'ignore_eos', 'min_tokens'] : asks };
}

/** What the probe begins with: what only makes a measurement finer is tried later. */
function startOf(scenario: Scenario): Asking {
  const { limit, asks } = askingOf(scenario);
  return {
    limit,
    asks: asks.filter((ask) => ask !== 'continuous_usage_stats' && ask !== 'return_token_ids'),
  };
}

/**
 * Learns before the measurement what this server takes (`client/negotiate.ts`), how many of its tokens a word of our prompts is,
 * and how many tokens its chat template adds: two prompts of different length, few output tokens, and the server's own count
 * of input tokens. A prompt file needs no calibration, and gets none.
 */
export class Probe {
  readonly #scenario: Scenario;
  readonly #model: string;
  readonly #api: Api;
  readonly #client: Client;
  readonly #points: ProbePoint[] = [];
  #facts = new StreamFacts();
  #requests = 0;

  constructor(
    client: Omit<ClientOptions, 'observe' | 'keepText' | 'api'>,
    scenario: Scenario,
    model: string,
  ) {
    const { api } = scenario.endpoint;
    this.#scenario = scenario;
    this.#model = model;
    this.#api = apiNamed(api);
    this.#client = openClient({
      ...client,
      api,
      secrets: scenario.endpoint.secrets,
      keepText: false,
      observe: (payload, reading) => this.#facts.observe(payload, reading),
    });
  }

  async carryOut(): Promise<Probed> {
    const { endpoint, seed } = this.#scenario;
    const [short, long] = probePrompts(seed) as [ProbePrompt, ProbePrompt];
    let prompt = short;
    const negotiation = new Negotiation(
      endpoint.api,
      startOf(this.#scenario),
      endpoint.body,
      (asking, room) => this.#send(prompt, asking, room),
    );
    const basics = await negotiation.basics();
    if (basics.failed !== null) return this.#probed([basics], basics.failed);
    prompt = long;
    const extras = await negotiation.extras();
    let failed: Exchange | null = null;
    if (this.#calibrates && !this.#points.some(({ words }) => words === long.words)) {
      const { exchange } = await this.#send(long, extras.asking, false);
      if (exchange.outcome !== 'ok') failed = exchange;
    }
    return this.#probed([basics, extras], failed);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  get #calibrates(): boolean {
    return this.#scenario.workload.prompts === null;
  }

  async #send({ words, text }: ProbePrompt, asking: Asking, room: boolean): Promise<Trial> {
    const facts = (this.#facts = new StreamFacts());
    const body = this.#api.body({
      model: this.#model,
      prompt: { kind: 'text', text },
      maxTokens: room ? Math.max(SEVERAL, this.#api.leastTokens) : this.#api.leastTokens,
      asking,
      extra: this.#scenario.endpoint.body,
    });
    const flight = this.#client.send(new TextEncoder().encode(JSON.stringify(body)));
    const limit = setTimeout(() => flight.abort('the probe took too long'), PROBE_TIMEOUT_MS);
    const exchange = await flight.done;
    clearTimeout(limit);
    this.#requests++;
    if (exchange.outcome === 'ok' && !this.#points.some((point) => point.words === words))
      this.#points.push({ words, promptTokens: exchange.input_tokens ?? Number.NaN });
    return { exchange, facts };
  }

  /** @param agreed of each round; the last holds */
  #probed(agreed: readonly Agreed[], failed: Exchange | null): Probed {
    const { asking } = agreed.at(-1)!;
    const refused = agreed.flatMap((round) => round.refused);
    const learnt = failed === null && this.#calibrates ? calibrate(this.#points) : null;
    const note =
      learnt !== null || (failed === null && !this.#calibrates)
        ? null
        : `${this.#calibrates ? "Prompt lengths are not calibrated to this server's tokenizer" : 'What this server takes is not known'}: ${this.#why(failed)}${this.#calibrates ? '; one word was taken for one token' : ''}.`;
    return {
      calibration: learnt ?? UNCALIBRATED,
      asking,
      result: {
        tokens_per_word: learnt?.tokensPerWord ?? null,
        overhead_tokens: learnt?.overheadTokens ?? null,
        note,
        requests: this.#requests,
        asked: [...asking.asks],
        limit: hasTwoLimits(this.#scenario.endpoint.api) ? asking.limit : null,
        refused: Object.fromEntries(refused.map(({ what, said }) => [what, said])),
        ignored: agreed.flatMap((round) => round.ignored),
      },
      notes: [...withdrawn(agreed[0]!), ...(note === null ? [] : [note])],
      failed,
    };
  }

  #why(failed: Exchange | null): string {
    if (failed !== null) return `the probe request failed (${failureText(failed)})`;
    return this.#points.some(({ promptTokens }) => Number.isNaN(promptTokens))
      ? 'the server reports no input tokens'
      : `its prompt token counts make no line (${JSON.stringify(this.#points)})`;
  }
}

/** What a run does without because the server refused it; the finer things that were only tried are in `run.json`. */
function withdrawn({ refused, asking }: Agreed): string[] {
  return refused.map(({ what, said }) => {
    const words = said.length > LONGEST_SAID ? `${said.slice(0, LONGEST_SAID)}…` : said;
    switch (what) {
      case 'include_usage':
        return `The server refused stream_options.include_usage (${words}): it was not asked for usage.`;
      case 'ignore_eos':
      case 'min_tokens':
        return `The server refused ${what} (${words}): answers may be shorter than --exact-output asks for.`;
      default:
        return `The server refused ${what} (${words}): ${asking.limit} was sent in its place.`;
    }
  });
}
