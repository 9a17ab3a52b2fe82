import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const LOOK_EVERY_MS = 250;

/** Loaded before a program (`node --import`): when it exits, writes its resource usage to the file in BENCH_USAGE. */
const path = process.env['BENCH_USAGE'];
if (isMainThread && path !== undefined) {
  const rss: { epoch_ms: number; kb: number }[] = [];
  setInterval(() => {
    rss.push({ epoch_ms: Date.now(), kb: process.memoryUsage.rss() / 1024 });
  }, LOOK_EVERY_MS).unref();
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const wall_ms = performance.now();
    const usage = { cpu_us: userCPUTime + systemCPUTime, rss_peak_kb: maxRSS, wall_ms, rss };
    writeFileSync(path, JSON.stringify(usage));
  });
}
