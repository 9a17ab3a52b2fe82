import { randomStream } from '../../src/random.ts';

const SEED = 7;
/** Requests that begin within this many seconds are part of the trace. */
const SPAN_S = 120;
const CONVERSATIONS_PER_S = 0.6;
/** The block size of the ids (`blockTokens`). */
const BLOCK = 64;
/** Blocks of the system prompt, which all conversations share. */
const SYSTEM_BLOCKS = 3;
const TURNS = { mean: 3, most: 8 };
const THINK_S = 9;
const QUESTION = { least: 10, mean: 70 };
const ANSWER = { least: 4, mean: 30, most: 120 };

interface TraceRecord {
  timestamp: number;
  input_length: number;
  output_length: number;
  hash_ids: number[];
}

/**
 * Returns scenarios/trace.jsonl, the trace of `trace-replay.yaml`: conversations start as a Poisson process. Each has a geometric number of
 * turns with exponential gaps, questions and answers of exponential length, and a prompt that begins with the prompt and the answer of the turn
 * before.
 */
export function traceFile(): string {
  const starts = randomStream(SEED, 'trace starts');
  const records: TraceRecord[] = [];
  let nextId = SYSTEM_BLOCKS;
  for (let at = starts.exponential() / CONVERSATIONS_PER_S, i = 0; at < SPAN_S; i++) {
    nextId = addConversation(records, at, i, nextId);
    at += starts.exponential() / CONVERSATIONS_PER_S;
  }
  records.sort((a, b) => a.timestamp - b.timestamp);
  const first = records[0]!.timestamp;
  return records
    .map((record) => `${JSON.stringify({ ...record, timestamp: record.timestamp - first })}\n`)
    .join('');
}

/** Adds the turns of a conversation; returns the first unused id. */
function addConversation(records: TraceRecord[], start_s: number, i: number, firstId: number): number {
  const random = randomStream(SEED, 'trace conversation', i);
  const ids = Array.from({ length: SYSTEM_BLOCKS }, (_, id) => id);
  let id = firstId;
  let tokens = SYSTEM_BLOCKS * BLOCK;
  let promptTokens = 0;
  for (let at = start_s, turn = 0; at < SPAN_S && turn < TURNS.most; turn++) {
    // A block that was partial has other content now, so it has another id.
    if (turn > 0 && promptTokens % BLOCK > 0) ids.pop();
    tokens += Math.round(QUESTION.least + QUESTION.mean * random.exponential());
    const answer = Math.min(ANSWER.most, Math.round(ANSWER.least + ANSWER.mean * random.exponential()));
    while (ids.length * BLOCK < tokens) ids.push(id++);
    promptTokens = tokens;
    const timestamp = Math.round(at * 1000);
    records.push({ timestamp, input_length: tokens, output_length: answer, hash_ids: [...ids] });
    tokens += answer;
    at += THINK_S * random.exponential();
    if (random.uniform() < 1 / TURNS.mean) break;
  }
  return id;
}
