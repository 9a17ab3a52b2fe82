// Compares two endpoints, measured alternately with the same requests:  node compare.ts http://base:8000/v1 http://new:8000/v1
// Without URLs it compares two simulated endpoints on a virtual clock.
import { measureRounds } from 'goodput';

const [base, next] = process.argv.slice(2);
const { dir, comparison } = await measureRounds({
  endpoints: [
    {
      name: 'base',
      url: base ?? 'simulated',
      ...(base === undefined ? { simulator: { preset: 'llama-3.1-8b-a100-80' } } : {}),
    },
    {
      name: 'new',
      url: next ?? 'simulated',
      ...(next === undefined ? { simulator: { preset: 'llama-3.1-8b-h100' } } : {}),
    },
  ],
  virtual: base === undefined,
  rounds: 3,
  workload: { input: { tokens: 512 }, output: { tokens: 64 } },
  load: { rate: '4/s', warmup: '5s', duration: '30s' },
  onStep: (text) => console.error(text),
});

if ('missing' in comparison) throw new Error(comparison.missing);
if ('ranking' in comparison) throw new Error('more than two endpoints');
console.log(`new is ${comparison.verdict.status}`);
for (const [name, figure] of Object.entries(comparison.metrics['ttft'] ?? {}))
  console.log(`TTFT ${name}: ${figure.base} → ${figure.new} ${figure.unit}, ${figure.verdict}`);
console.log(`goodput compare ${dir} shows it again`);
