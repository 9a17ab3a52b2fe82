#!/usr/bin/env node
// Alone in its file and free of static imports: an older Node must get as far as the sentence below.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`goodput needs Node.js 22.19 or newer, and this is ${process.version}.\n`);
  process.exitCode = 104;
} else {
  const { main, endByDefect } = await import('./cli/main.ts');
  process.on('uncaughtException', endByDefect);
  process.exitCode = await main(process.argv.slice(2));
}
