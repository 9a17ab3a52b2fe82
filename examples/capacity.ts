// Searches for the highest rate that meets an SLO:  node capacity.ts http://127.0.0.1:8000/v1
// Without a URL it searches on the simulated engine, on a virtual clock.
import { capacity } from 'goodput';

const [url] = process.argv.slice(2);
const controller = new AbortController();
process.once('SIGINT', () => controller.abort());

const { document, dir } = await capacity({
  endpoint: { url: url ?? 'simulated' },
  virtual: url === undefined,
  ...(url === undefined ? { simulator: { preset: 'tiny' } } : {}),
  workload: { input: { tokens: 100 }, output: { tokens: 20 } },
  slo: { ttft: '150ms' },
  target: '90%',
  budget: '4m',
  signal: controller.signal,
  onStep: (text) => console.error(text),
});

console.log(document.reason);
if (document.capacity_rps !== null)
  console.log(`${document.capacity_rps} req/s (90% interval: ${document.low_rps} to ${document.high_rps})`);
console.log(`search windows in ${dir}`);
