import type { Message, Turn } from '../dataset/model/session.ts';
import { drawDuration } from '../durations.ts';
import { drawLength } from '../lengths.ts';
import { randomStream } from '../random.ts';
import type { DataChoice } from '../scenario/keys/scenario.ts';
import { type Calibration, lengthFor, textLength } from './calibration.ts';
import type { WorkloadData } from './data.ts';
import type { PlannedTurn, WorkloadSession } from './planned-turn.ts';
import { promptOf } from './prompt.ts';
import { recordOrder } from './record-order.ts';
import { SessionTable } from './session-table.ts';
import { withImages } from './synthetic-image.ts';
import { synthesize, synthesizeBlocks } from './synthetic.ts';
import type { WorkloadScenario, WorkloadSource } from './workload.ts';

/** Returns the sessions of data sets as a workload. The output length of a turn takes precedence over the scenario's. */
export function dataWorkload(
  { seed, workload, load }: WorkloadScenario,
  choice: DataChoice,
  { sessions, blockTokens }: WorkloadData,
  calibration: Calibration,
): WorkloadSource {
  const table = new SessionTable(sessions);
  const positions = load?.trace?.positions;
  const order =
    positions === undefined ? recordOrder(seed, table.length, choice) : (s: number) => positions[s]!;
  const endOf = (blocks: number): number => textLength(blocks * blockTokens, calibration);
  const { wordTokens } = calibration;
  return {
    count: positions?.length ?? (choice.cycle ? Infinity : table.length),
    hasTurns: sessions.mostTurns > 1,
    record: order,
    turnCount: (s) => table.turnCount(order(s)),
    session(s): WorkloadSession {
      const { tags, turns } = table.at(order(s));
      const outputs = randomStream(seed, 'output', s);
      const thinking = randomStream(seed, 'think', s);
      return {
        tags,
        turns: turns.map((turn, k): PlannedTurn => {
          // Drawn for every turn, so that the lengths of others do not depend on which turns have their own.
          const drawn = drawLength(workload.output, outputs);
          const think_us = choice.think === null ? 0 : drawDuration(choice.think, thinking);
          return {
            input: turn.input_tokens,
            output: Math.max(1, turn.output_tokens ?? drawn),
            delay_us: k === 0 ? 0 : turn.delay_ms === null ? think_us : Math.round(turn.delay_ms * 1000),
            tools: turn.tools,
            body: turn.body,
            reference: turn.reference,
            hash_ids: turn.hash_ids,
            isWhole: turn.messages === null,
            hasResults: turn.messages !== null && isToolResult(turn.messages[0]!),
            tags: turn.tags,
          };
        }),
      };
    },
    prompt(s, k, i) {
      const turn: Turn = table.at(order(s)).turns[k]!;
      if (turn.messages !== null) return promptOf(withImages(turn.messages, seed, i));
      const length = lengthFor(turn.input_tokens!, calibration);
      const asked = { seed, i, length, ...(wordTokens === undefined ? {} : { tokens: wordTokens }) };
      const { hash_ids: ids } = turn;
      const text = ids === null ? synthesize(asked) : synthesizeBlocks({ ...asked, ids, endOf });
      return { kind: 'text', text };
    },
    shared: () => null,
  };
}

const isToolResult = ({ role }: Message): boolean => role === 'tool' || role === 'function';
