import { type Browser, chromium } from 'playwright-core';

/** Starts the Chromium of `$CHROMIUM`, or Debian's. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
