import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import type { RunHeader } from '../record/header.ts';

/** Returns the machine that sends the load. No value names the host, its user or its network. */
export function environment(): NonNullable<RunHeader['environment']> {
  return {
    node: process.version,
    os: `${type()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory_bytes: totalmem(),
  };
}
