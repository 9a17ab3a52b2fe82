import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Check, check } from '../real/check.ts';
import { freePort } from '../real/free-port.ts';
import { command, output } from './command.ts';
import { Daemons } from './daemons.ts';
import { goodputOnPath } from './goodput-on-path.ts';
import { RUNS } from './paths.ts';
import {
  KEY,
  KEY_VARIABLE,
  mergedExit,
  NAME,
  processOf,
  rankedChecks,
  startEndpoint,
  untilSampled,
  writeScenario,
} from './ranked-run.ts';

/** One on each node. */
const RANKS = 4;
const SIGKILL = 9;
const FOLDER = join(RUNS, 'slurm');

/**
 * Submits the printed batch script to a real slurmctld with a slurmd for each of several nodes, all on this host: once as it is, and once
 * with a rank that is killed.
 */
export async function checkSlurm(): Promise<Check[]> {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const daemons = new Daemons();
  try {
    const cluster = await startCluster(daemons);
    const endpoint = await startEndpoint(daemons, FOLDER);
    const env = { ...process.env, ...cluster, PATH: await goodputOnPath(FOLDER), [KEY_VARIABLE]: KEY };
    const scenario = await writeScenario(FOLDER, endpoint.url);
    const words = ['goodput', 'slurm', 'scenario.yaml', '--nodes', String(RANKS), '--partition', 'cpu'];
    await writeFile(join(FOLDER, 'job.sbatch'), await output(words, { cwd: FOLDER, env }));
    const lint = await command(['shellcheck', 'job.sbatch'], { cwd: FOLDER });
    const results: Check[] = [
      check(
        'shellcheck has no remark',
        lint.code === 0,
        lint.code === null ? 'not installed' : lint.stdout.trim(),
      ),
    ];
    for (const killed of [null, 2]) {
      const job = await submit(env, killed);
      const folder = join(FOLDER, 'reports', `${NAME}-${job.id}`);
      const run = { folder, merged: join(folder, 'merged'), ranks: RANKS, scenario, env, killed };
      const name = killed === null ? '' : `rank ${killed} killed: `;
      const verdict = await mergedExit(run.merged);
      const checks = [
        check(
          'the job ends by the verdict of the merged run, or with the signal of a killed rank',
          job.code === (killed === null ? verdict : 128 + SIGKILL),
          `exit code ${job.code}, verdict ${verdict}`,
        ),
        check(
          'its log has the report',
          /rank 2 of 4 was killed/i.test(job.log) === (killed !== null) && job.log.includes('Requests '),
          `job ${job.id}`,
        ),
        ...(await rankedChecks(run)),
      ];
      for (const each of checks) results.push(check(`${name}${each.name}`, each.ok, each.detail));
    }
    return results;
  } finally {
    await daemons.stop();
  }
}

/** Submits the job and waits for its end; kills one rank with SIGKILL during its run. */
async function submit(
  env: Record<string, string | undefined>,
  killed: number | null,
): Promise<{ id: string; code: number | null; log: string }> {
  const submitted = command(['sbatch', '--wait', '--parsable', 'job.sbatch'], { cwd: FOLDER, env });
  if (killed !== null) {
    await untilSampled(newestFolder, killed);
    process.kill(
      await processOf({ SLURM_PROCID: String(killed), SLURM_CONF: env['SLURM_CONF']! }),
      'SIGKILL',
    );
  }
  const { code, stdout, stderr } = await submitted;
  const id = stdout.trim();
  return { id, code, log: await readFile(join(FOLDER, `${NAME}-${id}.log`), 'utf8').catch(() => stderr) };
}

/** Returns the folder of the job that was submitted last, once it has begun. */
async function newestFolder(): Promise<string | null> {
  const folders = await readdir(join(FOLDER, 'reports')).catch(() => []);
  const jobs = folders.filter((name) => /-\d+$/.test(name)).sort();
  return jobs.length < 2 ? null : join(FOLDER, 'reports', jobs.at(-1)!);
}

/** Starts munged, slurmctld and the slurmds, and returns the environment of Slurm's commands. */
async function startCluster(daemons: Daemons): Promise<{ SLURM_CONF: string }> {
  for (const name of ['state', 'spool']) await mkdir(join(FOLDER, name));
  const key = join(FOLDER, 'munge.key');
  await writeFile(key, randomBytes(1024));
  await chmod(key, 0o400);
  const at = (name: string): string => join(FOLDER, name);
  const files = ['pid', 'log', 'seed'].map((name) => `--${name}-file=${at(`munged.${name}`)}`);
  const socket = `--socket=${at('munge.socket')}`;
  const words = ['munged', '--foreground', '--force', `--key-file=${key}`, socket, ...files];
  const munged = daemons.start('munged', words);
  await munged.until(
    async () => ((await command(['munge', socket, '-n'])).code === 0 ? true : undefined),
    'start',
    20_000,
  );
  const ports = await Promise.all(Array.from({ length: RANKS + 1 }, freePort));
  const conf = at('slurm.conf');
  await writeFile(conf, configuration(ports));
  const env = { SLURM_CONF: conf };
  daemons.start('slurmctld', ['slurmctld', '-D'], env);
  for (let node = 0; node < RANKS; node++)
    daemons.start(`slurmd ${node}`, ['slurmd', '-D', '-N', `n${node}`], env);
  await munged.until(
    async () => {
      const { stdout } = await command(['sinfo', '--noheader', '--states=idle', '--format=%D'], {
        env: { ...process.env, ...env },
      });
      return stdout.trim() === String(RANKS) ? true : undefined;
    },
    'see all nodes idle',
    60_000,
  );
  return env;
}

function configuration([controller, ...nodes]: readonly number[]): string {
  const host = hostname();
  return `ClusterName=goodput
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${FOLDER}/munge.socket
CryptoType=crypto/munge
StateSaveLocation=${FOLDER}/state
SlurmdSpoolDir=${FOLDER}/spool/%n
SlurmctldPidFile=${FOLDER}/slurmctld.pid
SlurmdPidFile=${FOLDER}/slurmd-%n.pid
SlurmctldLogFile=${FOLDER}/slurmctld.log
SlurmdLogFile=${FOLDER}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
MpiDefault=none
${nodes.map((port, node) => `NodeName=n${node} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port} CPUs=2 State=UNKNOWN`).join('\n')}
PartitionName=cpu Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}
