import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import type { HostHealth, ProcessHealth } from '../record/header.ts';
import { monotonic_ns } from './monotonic-clock.ts';

/** The counters of the process and the machine at one instant. `null`: the system does not provide the value. */
export interface MachineReading {
  monotonic_ms: number;
  cpu: NodeJS.CpuUsage;
  /** Load average over 1 minute. */
  load: number | null;
  /** Ticks of all processors since boot. */
  ticks: { busy: number; stolen: number; all: number; processors: number } | null;
  /** Time during which some task waited for a processor. */
  waited_us: number | null;
  /** Time since boot, including suspension, during which the monotonic clock does not advance. */
  uptime_ms: number | null;
}

/** Reads a few small files of the system, in about 0.1 ms. Call it in the main thread, never in a load worker. */
export function readMachine(): MachineReading {
  const uptime = Number.parseFloat(read('/proc/uptime') ?? '');
  return {
    monotonic_ms: Number(monotonic_ns() / 1000n) / 1000,
    cpu: process.cpuUsage(),
    // Windows has no load average, and Node returns 0.
    load: process.platform === 'win32' ? null : loadavg()[0]!,
    ticks: ticksOf(read('/proc/stat')),
    waited_us: waitedOf(read('/proc/pressure/cpu')),
    uptime_ms: Number.isFinite(uptime) ? uptime * 1000 : null,
  };
}

/** Reads the first line of `/proc/stat`: user nice system idle iowait irq softirq steal guest guest_nice, in ticks. */
export function ticksOf(stat: string | null): MachineReading['ticks'] {
  const [, line] = /^cpu +([\d ]+)$/m.exec(stat ?? '') ?? [];
  if (line === undefined) return null;
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = line
    .split(' ')
    .map(Number);
  // The time of guests is part of user and nice.
  const busy = user + nice + system + irq + softirq;
  const processors = (stat!.match(/^cpu\d+ /gm) ?? []).length;
  return { busy, stolen: steal, all: busy + idle + iowait + steal, processors };
}

/** Reads `/proc/pressure/cpu` (PSI): the total of its `some` line, in µs. */
export function waitedOf(pressure: string | null): number | null {
  const [, total] = /^some .*\btotal=(\d+)$/m.exec(pressure ?? '') ?? [];
  return total === undefined ? null : Number(total);
}

/** The shortest suspension that is reported: the clocks have a resolution of 10 ms and are not read at the same instant. */
const MIN_SUSPENSION_MS = 100;

/** Returns the changes between two readings. */
export function betweenReadings(
  from: MachineReading,
  to: MachineReading,
): { process: ProcessHealth; host: HostHealth } {
  const over_ms = to.monotonic_ms - from.monotonic_ms;
  const ticks = from.ticks === null || to.ticks === null ? 0 : to.ticks.all - from.ticks.all;
  const ofTicks = (key: 'busy' | 'stolen'): number | null =>
    ticks > 0 ? round((to.ticks![key] - from.ticks![key]) / ticks) : null;
  const busy_share = ofTicks('busy');
  const cpu_user_ms = (to.cpu.user - from.cpu.user) / 1000;
  const cpu_system_ms = (to.cpu.system - from.cpu.system) / 1000;
  const processors = to.ticks?.processors || null;
  const others =
    busy_share === null || processors === null || over_ms <= 0
      ? null
      : Math.max(0, busy_share * processors - (cpu_user_ms + cpu_system_ms) / over_ms);
  const waited =
    from.waited_us === null || to.waited_us === null ? null : (to.waited_us - from.waited_us) / 1000;
  const slept =
    from.uptime_ms === null || to.uptime_ms === null ? null : to.uptime_ms - from.uptime_ms - over_ms;
  return {
    process: {
      over_ms: round(over_ms),
      cpu_user_ms: round(cpu_user_ms),
      cpu_system_ms: round(cpu_system_ms),
    },
    host: {
      load_before: from.load === null ? null : round(from.load),
      load_after: to.load === null ? null : round(to.load),
      busy_share,
      steal_share: ofTicks('stolen'),
      pressure_share: waited === null || over_ms <= 0 ? null : round(waited / over_ms),
      suspended_ms: slept === null ? null : slept < MIN_SUSPENSION_MS ? 0 : round(slept),
      processors,
      others_processors: others === null ? null : round(others),
    },
  };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
