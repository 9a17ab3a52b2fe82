import { type CommandSpec, SCENARIO } from '../options/command-spec.ts';
import { BATCH_FLAGS } from '../options/batch-options.ts';

export const batch: CommandSpec = {
  name: 'batch',
  summary: 'send the workload through the Batch API',
  description:
    "Sends the planned requests through OpenAI's Batch API, or Anthropic's for the messages API, waits for the results and reports makespan, throughput, failures and cost. There are no latencies, and no verdict.",
  argument: SCENARIO,
  own: [
    {
      name: 'batch-requests',
      value: 'N',
      help: 'requests of a batch at most (default: the limit of the protocol)',
    },
    { name: 'batch-bytes', value: 'SIZE', help: 'size of the input of a batch at most, like 100MB' },
    {
      name: 'upload-again',
      value: null,
      help: 'upload again a batch of which an interrupted upload may have reached the endpoint',
    },
  ],
  shared: BATCH_FLAGS,
  after: `The ids of the batches are stored as soon as they are known: the same command with the same --out continues after Ctrl-C or a crash, and uploads nothing twice.

Examples:
  $ goodput batch chat.yaml --url https://api.example.com/v1 --api-key-env A_KEY --out reports/night
  $ goodput batch chat.yaml --url http://127.0.0.1:8000/v1 --price input=0.15,output=0.60,batch=0.5
  $ goodput compare reports/online reports/night

Exits with 0 if every batch has ended, whatever its requests; 105 if interrupted, 104 for bad usage, 98 if the endpoint cannot be used, 1 for other failures.`,
  run: async ({ words: [scenario = null], flags, own }, io) =>
    (await import('../handlers/batch.ts')).batchCommand(scenario, own, flags, io),
};
