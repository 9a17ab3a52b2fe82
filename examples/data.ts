// Shows the lengths of a data set and its longest request:  node data.ts prompts.jsonl
import { inspectData, openDataSet } from 'goodput';

const files = process.argv.slice(2);
const { format, sessions, turns, unit, input } = await inspectData(files);
console.log(`${Math.round(sessions * (turns.mean ?? 0))} requests of the format ${format}`);
console.log(`input p50 ${input.p50}, p95 ${input.p95} ${unit}`);

let longest = '';
for await (const session of (await openDataSet(files)).sessions())
  for (const { messages } of session.turns)
    for (const { content } of messages ?? [])
      if (typeof content === 'string' && content.length > longest.length) longest = content;
console.log(`longest request: ${longest}`);
