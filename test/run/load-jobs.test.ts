import { expect, test } from 'vitest';
import { DEFAULT_PROFILE } from '../../src/client/api/request-profile.ts';
import { loadJobs } from '../../src/run/load-jobs.ts';
import type { LoadJob } from '../../src/run/load-session.ts';
import { plannedFields } from '../../src/plan/plan.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import { UNCALIBRATED } from '../../src/workload/calibration.ts';
import { dataOf, singleTurn } from '../workload/data-sessions.ts';

type Body = Record<string, unknown>;

const FUNCTION = { name: 'f', description: 'd', parameters: { type: 'object', properties: {} } };
const TOOL = { type: 'function', function: FUNCTION };

function bodiesOf(api: string, more = ''): { body: Body; tags: unknown }[] {
  const text = `endpoint: { url: simulated, api: ${api}${more} }\nload: { concurrency: 1, requests: 2 }\nworkload: { data: { file: p, order: file } }`;
  const { resolved } = resolveScenario({ file: { path: 's.yaml', text }, env: {}, flags: {} });
  const data = dataOf(
    singleTurn({ tools: [TOOL], body: { temperature: 0.5, top_p: 0.9 }, tags: { model: 'recorded' } }),
    singleTurn({}),
  );
  const jobs = loadJobs({
    scenario: resolved.scenario,
    model: 'm',
    calibration: UNCALIBRATED,
    profile: DEFAULT_PROFILE,
    worker: 0,
    workers: 1,
    data,
  });
  return [jobs.next().value as LoadJob, jobs.next().value as LoadJob].map(({ body, of }) => ({
    body: JSON.parse(new TextDecoder().decode(body)) as Body,
    tags: plannedFields(of.planned, 0).tags,
  }));
}

test.each([
  ['chat', [TOOL]],
  ['responses', [{ type: 'function', ...FUNCTION }]],
  ['messages', [{ name: 'f', description: 'd', input_schema: FUNCTION.parameters }]],
  ['completions', undefined],
])('the tools of a record in the shape of the %s API', (api, tools) => {
  const [first, second] = bodiesOf(api);
  expect(first!.body['tools']).toEqual(tools);
  expect(second!.body).not.toHaveProperty('tools');
});

test("the body of a record is merged into the request's, and the scenario's overrides it", () => {
  const [first, second] = bodiesOf('chat', ', body: { temperature: 0 }');
  expect(first!.body).toMatchObject({ temperature: 0, top_p: 0.9, model: 'm', stream: true });
  expect(second!.body).not.toHaveProperty('top_p');
  expect([first!.tags, second!.tags]).toEqual([{ model: 'recorded' }, undefined]);
});

test('the model of a session is drawn, and is its tag', () => {
  for (const { body, tags } of bodiesOf('chat', ', models: { a: 50%, b: 50% }')) {
    expect(['a', 'b']).toContain(body['model']);
    expect(tags).toEqual({ model: body['model'] });
  }
});
