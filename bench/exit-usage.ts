import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** Loaded before a program (`node --import`): when that ends, what it used goes into the file that BENCH_USAGE names. */
const path = process.env['BENCH_USAGE'];
if (isMainThread && path !== undefined) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const usage = { cpu_us: userCPUTime + systemCPUTime, rss_peak_kb: maxRSS, wall_ms: performance.now() };
    writeFileSync(path, JSON.stringify(usage));
  });
}
