import { readOptions } from './options';
import { type Sandbox, startSandbox } from './sandbox';

/** `node dist/libs/sandbox/main.js`: prints one line of JSON when it listens, then nothing. */
async function main(): Promise<void> {
  const read = readOptions(process.env);
  if (!read.ok) {
    for (const problem of read.problems) console.error(problem);
    process.exit(2);
  }
  const sandbox = await startSandbox(read.options);
  stopWith(sandbox);
  console.log(JSON.stringify({ listening: sandbox.url }));
}

/** A signal, or the end of a parent that started us with an IPC channel. */
function stopWith(sandbox: Sandbox): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    void sandbox.close().finally(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
