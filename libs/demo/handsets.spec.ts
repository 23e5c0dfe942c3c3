import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { Handsets } from './handsets';

test('whoever follows the handsets for long listens once to what ends it, and ends with it at once', async () => {
  let polls = 0;
  const sandbox = createServer((_request, response) => {
    polls += 1;
    // The last one is kept waiting.
    if (polls <= 20) response.end(JSON.stringify({ entries: polls % 2 === 0 ? [{ seq: polls }] : [] }));
  });
  await new Promise<void>((resolve) => sandbox.listen(0, '127.0.0.1', resolve));
  const over = new AbortController();
  const handsets = new Handsets(`http://127.0.0.1:${(sandbox.address() as AddressInfo).port}`);
  const listeners: number[] = [];
  for await (const { seq } of handsets.received(over.signal)) {
    listeners.push(getEventListeners(over.signal, 'abort').length);
    if (seq === 20) setImmediate(() => over.abort());
  }
  expect([listeners.length, Math.max(...listeners)]).toEqual([10, 0]);
  sandbox.closeAllConnections();
  await new Promise((resolve) => sandbox.close(resolve));
});
