import { nextMessage, type Started, startProgram } from '../children';

/** Starts one of the tutorial builds and gives the address of its events route. */
export async function startTutorial(which: 'endpoint' | 'chain', args: readonly string[], started: Started): Promise<string> {
  const child = startProgram(`baselines/tutorial-${which}.process.js`, started, { args });
  const { port } = await nextMessage<{ port: number }>(child);
  return `http://127.0.0.1:${port}/events`;
}
