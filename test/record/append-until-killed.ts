/** Appends samples without end to the folder named by its argument; prints the number that the system has, after each append. */
import { createRunFolder } from '../../src/record/folder.ts';
import { headerOf, sampleOf } from './builders.ts';

const folder = await createRunFolder({ dir: process.argv[2]! }, headerOf());
const limit = Number(process.argv[3] ?? Infinity);
try {
  for (let count = 0; count < limit;) {
    const size = 1 + (count % 40);
    await folder.append(
      Array.from({ length: size }, (_, k) => sampleOf(count + k, { text: 't'.repeat(count % 700) })),
    );
    count += size;
    process.stdout.write(`${count}\n`);
  }
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
}
await folder.close(headerOf({ status: 'complete', window: { start_us: 0, end_us: 1 } }));
process.stdout.write('closed\n');
