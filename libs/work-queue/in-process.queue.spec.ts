import { InProcessQueue } from './in-process.queue';
import { InProcessTokenBucket } from './token-bucket';
import { describeWorkQueue, Gate, someIds, until } from './work-queue.contract';

describeWorkQueue('in-process', async (lanes, log) => ({
  queue: new InProcessQueue(lanes, log),
  bucket: new InProcessTokenBucket(),
}));

describe('the in-process queue', () => {
  it('starts a worker only after the offer has returned to its caller', async () => {
    const queue = new InProcessQueue(['sms'], () => undefined);
    const order: string[] = [];
    queue.work('sms', async () => void order.push('worker'), { jobsAtOnce: 1 });
    const offered = queue.offer('sms', ['a']);
    order.push('caller');
    await offered;
    await until(() => order.length === 2);
    expect(order).toEqual(['caller', 'worker']);
  });

  it('works jobs in the order in which they were offered', async () => {
    const queue = new InProcessQueue(['sms'], () => undefined);
    const seen: string[] = [];
    queue.work('sms', async (ids) => void seen.push(...ids), { jobsAtOnce: 1 });
    await queue.offer('sms', someIds(170));
    await queue.offer('sms', ['last']);
    await until(() => seen.length === 171);
    expect(seen).toEqual([...someIds(170), 'last']);
  });

  it('drops what waits when it closes', async () => {
    const queue = new InProcessQueue(['sms'], () => undefined);
    const gate = new Gate();
    queue.work('sms', () => gate.pass(), { jobsAtOnce: 1 });
    await queue.offer('sms', someIds(500));
    await until(() => gate.inside === 1);
    gate.open();
    await queue.close();
    expect(queue.finishedJobs).toBe(1);
    expect(await queue.waiting('sms')).toBe(0);
  });
});
