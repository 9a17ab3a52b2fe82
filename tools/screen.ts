/** Reads the output of a terminal session from stdin and prints what stays on its screen. Usage: tools/screen.ts COLUMNS */
import { text } from 'node:stream/consumers';
import xterm from '@xterm/headless';

const columns = Number(process.argv[2]);
const terminal = new xterm.Terminal({ cols: columns, rows: 50, scrollback: 10_000, allowProposedApi: true });
terminal.write(await text(process.stdin), () => {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: active.length }, (_, at) => active.getLine(at)!);
  const shown = lines.map((line) => `${line.isWrapped ? '' : '\n'}${line.translateToString(true)}`).join('');
  process.stdout.write(`${shown.trim()}\n`);
});
