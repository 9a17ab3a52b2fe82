import type { CommandSpec } from './options/command-spec.ts';
import { batch } from './commands/batch.ts';
import { calibrate } from './commands/calibrate.ts';
import { capacity } from './commands/capacity.ts';
import { compare } from './commands/compare.ts';
import { completion } from './commands/completion.ts';
import { dataConvert } from './commands/data-convert.ts';
import { dataDedupe } from './commands/data-dedupe.ts';
import { dataFilter } from './commands/data-filter.ts';
import { dataFormat } from './commands/data-format.ts';
import { dataInspect } from './commands/data-inspect.ts';
import { dataSample } from './commands/data-sample.ts';
import { dataSize } from './commands/data-size.ts';
import { dataSynth } from './commands/data-synth.ts';
import { dataVerify } from './commands/data-verify.ts';
import { fit } from './commands/fit.ts';
import { hardware } from './commands/hardware.ts';
import { importCommand } from './commands/import.ts';
import { init } from './commands/init.ts';
import { merge } from './commands/merge.ts';
import { k8s } from './commands/k8s.ts';
import { plan } from './commands/plan.ts';
import { probe } from './commands/probe.ts';
import { report } from './commands/report.ts';
import { run } from './commands/run.ts';
import { serve } from './commands/serve.ts';
import { simulate } from './commands/simulate.ts';
import { sloPresets } from './commands/slo-presets.ts';
import { slurm } from './commands/slurm.ts';
import { sweep } from './commands/sweep.ts';
import { view } from './commands/view.ts';

/** Every command, in the order of the help. A new command is a file in `commands/`, one in `handlers/` and a line here. */
export const COMMANDS: readonly CommandSpec[] = [
  run,
  capacity,
  sweep,
  batch,
  report,
  merge,
  compare,
  importCommand,
  view,
  plan,
  simulate,
  probe,
  serve,
  calibrate,
  k8s,
  slurm,
  dataInspect,
  dataDedupe,
  dataFilter,
  dataConvert,
  dataFormat,
  dataSample,
  dataSize,
  dataSynth,
  dataVerify,
  fit,
  hardware,
  sloPresets,
  init,
  completion,
];
