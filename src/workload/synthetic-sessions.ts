import { drawDuration } from '../durations.ts';
import { drawLength } from '../lengths.ts';
import { randomStream } from '../random.ts';
import type { Scenario, SyntheticSessions } from '../scenario/keys/scenario.ts';
import { type Calibration, lengthFor, textLength } from './calibration.ts';
import { NO_TAGS, type PlannedTurn, type WorkloadSession } from './planned-turn.ts';
import { sharedText, synthesize } from './synthetic.ts';
import type { WorkloadSource } from './workload.ts';

/**
 * Returns synthetic conversations. Each draws its turns, lengths and pauses from streams of its own, so it is the same in every worker. The
 * planned input of a turn is its whole request: the system prompt, all messages of the user so far, and the planned answers between them.
 */
export function syntheticSessions(
  { seed, workload }: Pick<Scenario, 'seed' | 'workload'>,
  { turns, think, first, next, history }: SyntheticSessions,
  calibration: Calibration,
): WorkloadSource {
  const { prefix, output } = workload;
  const { wordTokens } = calibration;
  const words = wordTokens === undefined ? {} : { tokens: wordTokens };
  const groupOf = (s: number): number => randomStream(seed, 'prefix group', s).below(prefix!.groups);
  const prefixLength = prefix === null ? 0 : Math.max(0, textLength(prefix.tokens, calibration));

  const turnCount = (s: number): number => drawLength(turns, randomStream(seed, 'turns', s));

  /** Lengths of the user's messages in session s. */
  const messagesOf = (s: number): number[] => {
    const lengths = randomStream(seed, 'user messages', s);
    return Array.from({ length: turnCount(s) }, (_, k) => drawLength(k === 0 ? first : next, lengths));
  };

  return {
    count: Infinity,
    hasTurns: true,
    turnCount,
    record: () => null,
    session(s): WorkloadSession {
      const outputs = randomStream(seed, 'output', s);
      const pauses = randomStream(seed, 'think', s);
      let before = prefix?.tokens ?? 0;
      const planned = messagesOf(s).map((own, k): PlannedTurn => {
        const input = history === 'none' && k > 0 ? own : before + own;
        const answer = drawLength(output, outputs);
        before += own + answer;
        return {
          input,
          output: answer,
          delay_us: k === 0 ? 0 : drawDuration(think, pauses),
          tools: null,
          body: null,
          reference: null,
          hash_ids: null,
          isWhole: false,
          hasResults: false,
          tags: NO_TAGS,
        };
      });
      return { turns: planned, tags: NO_TAGS };
    },
    shared: (s) => (prefix === null ? null : { group: groupOf(s), length: prefixLength }),
    prompt(s, k, i) {
      const own = messagesOf(s)[k]!;
      // The chat template counts once, and is part of the first message.
      const length = k === 0 ? lengthFor(own, calibration) : Math.max(1, textLength(own, calibration));
      const text = synthesize({ seed, i, length, ...words });
      if (k > 0 || prefixLength === 0) return { kind: 'text', text };
      const system = sharedText({ seed, group: groupOf(s), length: prefixLength, ...words });
      return {
        kind: 'messages',
        messages: [
          { role: 'system', content: system },
          { role: 'user', content: text },
        ],
      };
    },
  };
}
