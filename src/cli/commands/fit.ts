import { SCENARIO, type CommandSpec } from '../options/command-spec.ts';
import { FIT_OPTIONS, FIT_SHARED } from '../options/fit-options.ts';

export const fit: CommandSpec = {
  name: 'fit',
  summary: 'compare machines for a model: does it fit, how fast, how much',
  description:
    'Compares accelerators for a model and a workload: whether the model fits, the lower limits of TTFT and TPOT, the capacity of the simulated engine within the SLOs, and its cost. Nothing is sent.',
  argument: SCENARIO,
  own: FIT_OPTIONS,
  shared: FIT_SHARED,
  after: `The shares of the peaks and the overhead are assumptions; --calibrate-from takes them from a measured run. docs/fit.md describes the figures.

Examples:
  $ goodput fit --model-config config.json --hardware h100-sxm,l40s,mi300x --count 1,2,4,8 --slo "ttft<=200ms,tpot<=50ms" --input-tokens 2000 --output-tokens 300
  $ goodput fit chat.yaml --model-config config.json,weightBytes=1 --hardware l40s:2 --prices prices.yaml
  $ goodput fit chat.yaml --calibrate-from reports/night --measured-on h100-sxm:4 --hardware h100-sxm:4,h200-sxm:2 --json

Exit codes:
  0    the comparison is complete
  104  bad usage or configuration
  105  interrupted: machines that were not simulated have no figures
  1    goodput itself failed (full disk, a defect)`,
  run: async ({ words: [scenario = null], flags, own }, io) =>
    (await import('../handlers/fit.ts')).fitCommand(scenario, flags, own, io),
};
