import { readData } from '../src/measure/read-data.ts';
import { planSessions } from '../src/plan/plan.ts';
import { withTrace } from '../src/plan/replay.ts';
import { resolveScenario } from '../src/scenario/resolve.ts';

/** Measures how long a trace takes until its first request could be sent. Prints one line of JSON. */
const [path = ''] = process.argv.slice(2);
const flags = { url: 'simulated', data: [path], arrivals: 'trace' };
const { scenario: resolved } = resolveScenario({ file: null, env: {}, flags }).resolved;

const begun = performance.now();
const data = await readData(resolved);
const read = performance.now();
const scenario = withTrace(resolved, data);
// A load worker receives them in this form.
const [first] = planSessions(structuredClone(scenario), { data: structuredClone(data) });
const text = first!.prompt(0);
const planned = performance.now();
process.stdout.write(
  `${JSON.stringify({
    read_s: (read - begun) / 1000,
    plan_s: (planned - read) / 1000,
    sessions: scenario.load.trace!.planned_us.length,
    words: text.kind === 'text' ? text.text.split(' ').length : 0,
  })}\n`,
);
