import { hours, minutes } from '@wapas/kernel';
import { type SmsShown } from '@wapas/sandbox';
import { customer, endOfRun, failPayment, introduce, openPush, outcomes, pay, received } from '../support/stories';
import { paymentEvent, until, World } from '../support/world';

let world: World;
let next = 1;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.stop());

/** A customer nobody has used yet, in the treated arm: the arm is a hash, so some numbers are left out. */
async function somebody() {
  for (;;) {
    const candidate = customer(next++);
    await introduce(world, [candidate]);
    await world.moveTo(0);
    await failPayment(world, candidate);
    await world.settled();
    const [run] = await world.sql<{ arm: string }>(`select arm from run order by started_at desc, id desc limit 1`);
    if (run?.arm === 'treated') return candidate;
  }
}

test('a failed payment brings a push, then a WhatsApp, then an SMS, each in its minute', async () => {
  const asha = await somebody();
  expect(received(world, asha)).toEqual([]);
  await world.moveTo(minutes(1) - 1_000);
  expect(received(world, asha)).toEqual([]);
  await world.moveTo(minutes(1));
  expect(received(world, asha)).toEqual(['push']);
  await world.moveTo(minutes(15));
  expect(received(world, asha)).toEqual(['push', 'whatsapp']);
  await world.moveTo(hours(2));
  expect(received(world, asha)).toEqual(['push', 'whatsapp', 'sms']);
});

test('an order paid one second before T+2h gets no SMS', async () => {
  const asha = await somebody();
  await world.moveTo(minutes(1));
  await world.moveTo(minutes(15));
  await world.moveTo(hours(2) - 1_000);
  await pay(world, asha, hours(2) - 1_000);
  await world.moveTo(hours(2));
  expect(received(world, asha)).toEqual(['push', 'whatsapp']);
  const [run] = await world.sql<{ end_reason: string }>(`select end_reason from run order by started_at desc, id desc limit 1`);
  expect(run?.end_reason).toBe('goal_reached');
});

test('a goal whose webhook has its 2xx stops a send that is due in the same instant', async () => {
  const asha = await somebody();
  await world.clock.startAt((world.clock.now() + minutes(1)) as never, 0);
  await pay(world, asha, minutes(1));
  await world.settled();
  const rows = await world.sql<{ called_after: boolean }>(
    `select m.called_at > e.received_at as called_after from message m join run r on r.id = m.run_id join event e on e.id = r.end_event_id
     where m.called_at is not null and r.end_reason = 'goal_reached'`,
  );
  expect(rows.filter((row) => row.called_after)).toEqual([]);
});

test('a payment that arrives before its failure starts nothing, and the timeline says why', async () => {
  const asha = customer(next++);
  await introduce(world, [asha]);
  await world.moveTo(0);
  await pay(world, asha);
  await failPayment(world, asha, -60_000);
  await world.settled();
  await world.moveTo(hours(2));
  expect(received(world, asha)).toEqual([]);
  const key = await world.key(['read']);
  const headers = { authorization: `Bearer ${key}` };
  const found = (await (await fetch(`${world.url}/v1/people?customerId=${asha.id}`, { headers })).json()) as {
    people: { id: string }[];
  };
  const story = (await (await fetch(`${world.url}/v1/people/${found.people[0]?.id}/timeline`, { headers })).json()) as {
    timeline: { what: string; outcome: string; reason?: string; detail?: object }[];
  };
  expect(story.timeline.find(({ outcome }) => outcome === 'Payment Failed')?.detail).toMatchObject({
    amount: { value: expect.any(Number) as number, currency: 'INR' },
  });
  expect(story.timeline.filter(({ what }) => what === 'not_entered').map(({ reason }) => reason)).toEqual([
    'goal_already_reached',
  ]);
});

test('the same webhook ten times over eight connections makes one run', async () => {
  const asha = customer(next++);
  await introduce(world, [asha]);
  await world.moveTo(0);
  const body = paymentEvent('payment.failed', { order: asha.order, phone: asha.phone, customer: asha.id });
  const answers = await Promise.all(Array.from({ length: 10 }, () => world.razorpay(body, { eventId: `evt_${asha.id}` })));
  expect(answers.map((answer) => answer.status).sort()).toEqual([...Array<number>(9).fill(200), 202]);
  await world.settled();
  const [count] = await world.sql<{ runs: number }>(
    `select count(*)::int as runs from run r join event e on e.id = r.trigger_id where e.source_event_id = $1`,
    [`evt_${asha.id}`],
  );
  expect(count?.runs).toBe(1);
});

test('a further attempt that is refused as fraud ends the run, and the order starts none again', async () => {
  const asha = await somebody();
  await world.moveTo(minutes(1));
  const { id, phone, order } = asha;
  const again = (reason: string, payment: string, at: number) =>
    world.razorpay(paymentEvent('payment.failed', { order, phone, customer: id, reason, payment, at }));
  await again('payment_risk_check_failed', `pay_risk_${order}`, minutes(5));
  await world.settled();
  expect(await endOfRun(world, asha)).toBe('for_people');
  await again('incorrect_pin', `pay_again_${order}`, minutes(6));
  await world.moveTo(minutes(15));
  expect(received(world, asha)).toEqual(['push']);
  const refusals = await world.sql<{ reason: string }>(
    `select r.reason from refusal r join event e on e.id = r.event_id where r.journey_key = 'payment_failed' order by e.received_at desc, e.id desc limit 2`,
  );
  expect(refusals.map(({ reason }) => reason)).toEqual(['exit_already_reached', 'filter_not_met']);
});

test('a push opened at T+14m sends no WhatsApp', async () => {
  const asha = await somebody();
  await world.moveTo(minutes(1));
  await world.moveTo(minutes(14));
  await openPush(world, asha);
  await world.settled();
  await world.moveTo(minutes(15));
  expect(received(world, asha)).toEqual(['push']);
  expect((await outcomes(world, asha)).whatsapp).toBe('skip:push_engaged');
});

test('a WhatsApp that was read sends no SMS', async () => {
  const asha = await somebody();
  await world.moveTo(minutes(1));
  await world.moveTo(minutes(15));
  const shown = world.sandbox.ledger
    .entries()
    .find((entry) => entry.channel === 'whatsapp' && entry.address === asha.phone.slice(1));
  await fetch(`${world.sandbox.url}/sandbox/handset/${encodeURIComponent(shown?.vendorId ?? '')}/read`, { method: 'POST' });
  await world.settled();
  await world.moveTo(hours(2));
  expect(received(world, asha)).toEqual(['push', 'whatsapp']);
  expect((await outcomes(world, asha)).sms).toBe('skip:whatsapp_engaged');
});

test('a customer without the app gets the WhatsApp at its earliest minute instead of waiting for its hour', async () => {
  const asha = customer(next++);
  await world.moveTo(0);
  await failPayment(world, asha);
  await world.settled();
  await world.moveTo(minutes(1));
  await world.moveTo(minutes(5));
  const [run] = await world.sql<{ arm: string }>(`select arm from run order by started_at desc, id desc limit 1`);
  expect(received(world, asha)).toEqual(run?.arm === 'treated' ? ['whatsapp'] : []);
});

test('a link in a message leads to the order, counts the click, and says so kindly once the order is paid', async () => {
  const asha = await somebody();
  await world.moveTo(minutes(1));
  await world.moveTo(minutes(15));
  await world.moveTo(hours(2));
  const sms = world.sandbox.ledger.entries().find((entry) => entry.channel === 'sms' && entry.address === asha.phone.slice(1));
  const link = (sms?.content as SmsShown).variables.url as string;
  const browser = { redirect: 'manual' as const, headers: { 'user-agent': 'Mozilla/5.0 (Linux; Android 15) Mobile' } };
  const preview = await fetch(link, { redirect: 'manual', headers: { 'user-agent': 'WhatsApp/2.24' } });
  expect(preview.status).toBe(302);
  const click = await fetch(link, browser);
  expect([click.status, click.headers.get('location')]).toEqual([302, `https://shop.example/orders/${asha.order}/pay`]);
  await world.settled();
  const heard = await world.sql<{ kind: string; count: number }>(
    `select r.kind, count(*)::int as count from receipt r join message m on m.id = r.message_id join link l on l.message_id = m.id where l.token = $1 and r.kind = 'clicked' group by r.kind`,
    [link.split('/').pop()],
  );
  expect(heard).toEqual([{ kind: 'clicked', count: 1 }]);
  await pay(world, asha, hours(2));
  const after = await fetch(link, browser);
  expect([after.status, await after.text()]).toEqual([200, expect.stringContaining('settled already')]);
  expect((await fetch(`${world.url}/WAPAS/aaaaaaaaaaa`, browser)).status).toBe(404);
});

test('an outage of three hours sends nothing late: what was due expires and says so', async () => {
  const asha = await somebody();
  await world.moveTo(hours(8));
  expect(received(world, asha)).toEqual([]);
  await until(async () => Object.keys(await outcomes(world, asha)).length === 3, 'every step to be decided');
  expect(await outcomes(world, asha)).toEqual({ push: 'expire:too_late', whatsapp: 'expire:too_late', sms: 'expire:too_late' });
});

test('the report counts recoveries by the last channel and keeps the holdout apart', async () => {
  const response = await fetch(`${world.url}/v1/analytics/journeys/payment_failed`, {
    headers: { authorization: `Bearer ${await world.key(['read'])}` },
  });
  const report = (await response.json()) as {
    treated: { entered: number; recovered: number; recoveredByChannel: Record<string, number>; revenue: unknown[] };
  };
  expect(response.status).toBe(200);
  expect(report.treated.recoveredByChannel).toMatchObject({ whatsapp: 1, sms: 1 });
  expect(report.treated.revenue).toMatchObject([{ currency: 'INR', amount: report.treated.recovered * 149_900 }]);
});
