import { MEET_TOKEN_VARIABLE } from '../scenario/keys/option-table.ts';
import { clean } from '../render/layout/clean.ts';
import { quote } from '../render/layout/quote.ts';
import type { Milliseconds } from '../units.ts';
import type { Variables } from './variables.ts';

/** The choices of the batch script. */
export interface SlurmJob {
  /** A name without spaces: the name of the job. */
  name: string;
  nodes: number;
  partition: string | null;
  /** The time limit as Slurm writes it. */
  time: string;
  cores: number;
  /** The path of the scenario, from the folder where the job is submitted. */
  scenario: string;
  variables: Variables;
}

/** The time that a job gets in addition to its run: to start, to meet, and to merge. */
const MARGIN_MS: Milliseconds = 15 * 60_000;
/** The time of a job whose run has no known end. */
const UNKNOWN_MS: Milliseconds = 60 * 60_000;

/** Returns the time limit of a job as Slurm writes it, rounded up to minutes: `00:20:00`, `1-02:00:00`. */
export function slurmTime(longest: Milliseconds | null): string {
  const minutes = Math.ceil((longest === null ? UNKNOWN_MS : longest + MARGIN_MS) / 60_000);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${days === 0 ? '' : `${days}-`}${two(hours)}:${two(minutes % 60)}:00`;
}

/** Returns the batch script of a run: one rank on each node, started by one `srun`. */
export function slurmScript(job: SlurmJob): string {
  const { name, nodes, partition, time, cores, scenario, variables } = job;
  const options = [
    `--job-name=${name}`,
    `--nodes=${nodes}`,
    `--ntasks=${nodes}`,
    '--ntasks-per-node=1',
    `--cpus-per-task=${cores}`,
    `--time=${time}`,
    ...(partition === null ? [] : [`--partition=${partition}`]),
    `--output=${name}-%j.log`,
    // The job goes on without a node that failed, and never starts a second time.
    '--no-kill',
    '--no-requeue',
  ];
  const keys = variables.required.map(
    (variable) => `: "\${${variable}:?set it before sbatch: the scenario refers to it}"`,
  );
  return [
    '#!/bin/bash',
    ...options.map((option) => `#SBATCH ${option}`),
    '',
    `# goodput run ${quote(clean(scenario))} as ${nodes} ${nodes === 1 ? 'rank' : 'ranks'}, with one merged result. Submit: sbatch FILE`,
    '# This folder must be shared by all nodes, and goodput must be on their path.',
    '',
    'set -u',
    `scenario=${quote(scenario)}`,
    `out=reports/${name}-$SLURM_JOB_ID`,
    '',
    ...(keys.length === 0 ? [] : ['# The keys come from the environment of sbatch.', ...keys, '']),
    '# The ranks meet at rank 0, which runs on this node, the first of the job.',
    `export ${MEET_TOKEN_VARIABLE}`,
    `${MEET_TOKEN_VARIABLE}=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')`,
    'meet=http://$(hostname):$((20000 + SLURM_JOB_ID % 10000))',
    '',
    'mkdir -p "$out"',
    '# A rank that failed does not end the others. Rank 0 exits by the verdict on all ranks.',
    'status=0',
    `srun --cpus-per-task=${cores} --kill-on-bad-exit=0 --wait=0 --output="$out/rank-%t.log" \\`,
    '  goodput run "$scenario" --meet "$meet" --meet-timeout 5m --out "$out" || status=$?',
    '',
    '# Rank 0 has merged the runs, unless it was lost. This prints the report into the log of the job. It exits by the verdict, like rank 0.',
    'goodput merge "$out" -o "$out/merged" || { merged=$?; [ "$status" -ne 0 ] || status=$merged; }',
    'exit "$status"',
    '',
  ].join('\n');
}
