import { DEFAULT_PROFILE } from '../client/api/request-profile.ts';
import { startRehearsalServer } from '../client/rehearsal-server.ts';
import { DIRECT } from '../client/connection/network-route.ts';
import { SharedCounters } from '../load/shared.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { Milliseconds } from '../units.ts';
import { UNCALIBRATED } from '../workload/calibration.ts';
import { monotonic_ns } from '../health/monotonic-clock.ts';
import { LoadThread } from './load-thread.ts';
import type { FromWorker, WorkerTask } from './worker-messages.ts';

/** They take 0.1 s of CPU time. After 200 or 500 requests the first ones of a run were not faster (docs/precision.md, "The first requests"). */
const REQUESTS = 100;
/** On a machine that is too busy for these requests the run begins after this time. */
const LIMIT_MS: Milliseconds = 1000;

/** Requests in flight. Few, because each response needs a new connection until a server is known to keep them (client/connection/pool.ts). */
const CONCURRENCY = 4;
/** Requests per second, in an open loop. */
const RATE = 1000;

const SHORT = { distribution: 'constant', tokens: 8 } as const;

/**
 * Runs a small load of the scenario's own kind against a server of this thread, and discards the results. Code that has not run yet is
 * slow: without this the first requests of a worker are sent and read late, the first encoding of the live histograms blocks the
 * worker for 2 to 5 ms, and V8's compiler threads compete with it for the CPU. Nothing from the scenario is sent. If no port can be
 * opened, the run starts cold.
 */
export async function rehearse(
  task: WorkerTask,
  listen: (message: FromWorker) => void = () => undefined,
): Promise<void> {
  const { scenario } = task;
  const server = await startRehearsalServer(scenario.endpoint.api);
  if (server === null) return;
  const thread = new LoadThread(
    {
      scenario: rehearsalOf(scenario),
      worker: 0,
      workers: 1,
      url: server.url,
      route: DIRECT,
      model: 'm',
      calibration: UNCALIBRATED,
      profile: DEFAULT_PROFILE,
      data: null,
      counters: new SharedArrayBuffer(SharedCounters.bytes(CONCURRENCY)),
      channel: 'rehearsal',
    },
    listen,
  );
  const limit = setTimeout(() => thread.cut(), LIMIT_MS);
  try {
    await thread.prepare();
    await thread.run(monotonic_ns());
  } finally {
    clearTimeout(limit);
    server.close();
  }
}

function rehearsalOf(scenario: Scenario): Scenario {
  const { endpoint, workload, load, run } = scenario;
  const isClosed = load.concurrency !== null;
  return {
    ...scenario,
    endpoint: {
      ...endpoint,
      replicas: [],
      models: null,
      apiKey: null,
      headers: {},
      body: {},
      secrets: [],
      timeouts: {
        connect: LIMIT_MS,
        headers: LIMIT_MS,
        firstToken: LIMIT_MS,
        idle: LIMIT_MS,
        total: LIMIT_MS,
      },
    },
    workload: { ...workload, input: SHORT, output: SHORT, prefix: null, sessions: null, data: null },
    load: {
      ...load,
      arrivals: 'poisson',
      burstiness: null,
      rate: isClosed ? null : RATE,
      stages: null,
      concurrency: isClosed ? CONCURRENCY : null,
      maxConcurrency: isClosed ? null : CONCURRENCY,
      warmup: 0,
      duration: null,
      requests: REQUESTS,
      sessions: null,
      drain: LIMIT_MS,
    },
    run: { ...run, preconnect: 0, tokenizer: null },
  };
}
