import { QuestionClient } from '../ask/question-client.ts';
import { startEmbeddedEndpoint } from '../measure/embedded-endpoint.ts';
import { readRoute } from '../preflight/read-route.ts';
import type { SingleRun } from '../scenario/runs.ts';

/**
 * Runs `work` with a client for the endpoint of a scenario, and closes it. The embedded endpoint runs until then.
 * @throws {GoodputError} kind `usage` before anything is sent; kind `endpoint` if the endpoint does not answer
 */
export async function withQuestionClient<T>(
  { resolved }: SingleRun,
  work: (client: QuestionClient) => Promise<T>,
): Promise<T> {
  const { endpoint } = resolved.scenario;
  const route = await readRoute(endpoint);
  const embedded = endpoint.simulated ? await startEmbeddedEndpoint(resolved.scenario) : null;
  try {
    const client = await QuestionClient.open({ endpoint, url: embedded?.url ?? endpoint.url!, route });
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  } finally {
    await embedded?.close();
  }
}
