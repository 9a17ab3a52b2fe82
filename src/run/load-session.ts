import type { Exchange } from '../client/client.ts';
import { type Api, type BodyOptions } from '../client/api/api.ts';
import { afterTurn } from '../load/session-rule.ts';
import type { Job } from '../load/job.ts';
import type { PlannedSession } from '../plan/plan.ts';
import type { Following } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';
import { Conversation } from '../workload/conversation.ts';
import type { Prompt } from '../workload/prompt.ts';
import { assistantMessage } from './assistant-message.ts';

/** A turn with its serialised body. */
export interface LoadJob extends Job {
  /** The session, which prepares the next turn when this one has ended. */
  of: LoadSession;
  turn: number;
  body: Uint8Array;
}

/** The settings that all bodies of a run share. */
export interface BodySettings extends Pick<BodyOptions, 'model' | 'profile' | 'extra'> {
  api: Api;
  following: Following;
}

const encoder = new TextEncoder();

/** A session of a load worker: the bodies of its turns, and the answers so far as long as it lives. */
export class LoadSession {
  readonly planned: PlannedSession;
  readonly #settings: BodySettings;
  readonly #conversation: Conversation;
  /** The messages of the user's side in the turn that is sent next or in flight; `null` in the last one. */
  #own: Prompt | null = null;

  constructor(planned: PlannedSession, settings: BodySettings) {
    this.planned = planned;
    this.#settings = settings;
    this.#conversation = new Conversation(settings.following.history);
  }

  /** Returns the first turn. */
  first(): LoadJob {
    return this.#job(0, this.planned.planned_us);
  }

  /** Returns true if the text of the answer to turn k is needed for the next turn. */
  needsAnswer(k: number): boolean {
    const next = this.planned.turns[k + 1];
    return next !== undefined && this.#conversation.needsAnswer(next);
  }

  /** Returns the turn after turn k, which has ended, with its body; `null` if the session has ended. */
  after(k: number, exchange: Exchange): LoadJob | null {
    const { turns } = this.planned;
    const ok = exchange.outcome === 'ok';
    const follows = afterTurn(
      turns,
      k,
      { ended_us: exchange.ended_us, ok },
      this.#settings.following.onError,
    );
    if (follows.kind === 'end') return null;
    this.#conversation.add(this.#own!, turns[k]!, ok ? assistantMessage(exchange, k) : null, turns[k + 1]!);
    return this.#job(k + 1, follows.due_us);
  }

  #job(k: number, planned_us: Microseconds | null): LoadJob {
    const { session, firstRequest, turns, phase, model } = this.planned;
    const turn = turns[k]!;
    const { api, extra, ...shared } = this.#settings;
    const own = this.planned.prompt(k);
    const isLast = k === turns.length - 1;
    this.#own = isLast ? null : own;
    const body = api.body({
      model: model ?? shared.model,
      prompt: this.#conversation.promptOf(own, turn),
      maxTokens: turn.output,
      tools: turn.tools,
      profile: shared.profile,
      extra: turn.body === null ? extra : { ...turn.body, ...extra },
    });
    return {
      of: this,
      i: firstRequest + k,
      session,
      turn: k,
      planned_us,
      phase,
      isLast,
      body: encoder.encode(JSON.stringify(body)),
    };
  }
}
