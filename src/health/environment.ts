import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import type { RunHeader } from '../record/header.ts';

/** The machine that the load came from. Nothing here names the host, its user or its network. */
export function environment(): RunHeader['environment'] {
  return {
    node: process.version,
    os: `${type()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory_bytes: totalmem(),
  };
}
