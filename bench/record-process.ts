import { encodeSample, decodeSample } from '../src/record/samples-jsonl.ts';
import type { Sample } from '../src/sample.ts';
import { syntheticSample } from './synthetic.ts';

/** Measures the CPU time per output event that a sample takes between a worker and the disk. Prints one line of JSON. */
const [requestsText = '2000', eventsText = '100'] = process.argv.slice(2);
const requests = Number(requestsText);
const events = Number(eventsText);
const samples: Sample[] = Array.from({ length: requests }, (_, i) => syntheticSample(i, events));

function cost(work: () => void): number {
  work();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / (requests * events);
}

let lines: string[] = [];
const result = {
  clone: cost(() => {
    for (const sample of samples) structuredClone(sample);
  }),
  encode: cost(() => {
    lines = samples.map(encodeSample);
  }),
  decode: cost(() => {
    for (const line of lines) decodeSample(line);
  }),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
