import { minutes } from '@wapas/kernel';
import { apiOf } from '../support/api';
import { START, World } from '../support/world';

/** Bad input G over HTTP: what is wrong with a template is refused when it is saved, what is wrong with a value before the call. */

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start();
  api = await apiOf(world);
});
afterAll(() => world?.stop());

const EXPRESSIONS: readonly (readonly [string, string])[] = [
  ['G80 a loop', '{{#each items}}x{{/each}}'],
  ['G80 a loop of ten million', '{% for i in (1..10000000) %}{{name}}{% endfor %}'],
  ['G80 a format of nine digits', "{{amount|date:'%9999999d'}}"],
  ['G81 a constructor', '{{constructor}}'],
  ['G81 the environment', '{{env}}'],
  ['G81 a path into the process', '{{process.env.X}}'],
  ['G81 a prototype', '{{properties.__proto__}}'],
];
/** Where the text of a step stands, by its channel, and the template around it. */
const AROUND: Readonly<Record<string, (text: string) => { template: object; at: string }>> = {
  push: (text) => ({ template: { title: 'Seat', body: text }, at: '/body' }),
  whatsapp: (text) => ({ template: { name: 'payment_failed_v1', language: 'en', body: [text] }, at: '/body/0' }),
  sms: (text) => ({ template: { id: '64f0c0ffee00000000000009', variables: { x: text } }, at: '/variables/x' }),
};

interface Refused {
  readonly code: string;
  readonly faults: readonly { readonly at: string; readonly code: string }[];
}

let lines = 0;
const journeyOf = (key: string, event: string, channel: string, template: object): object => ({
  format: 'wapas.journey/1',
  key,
  name: 'One message',
  trigger: { event },
  correlateBy: ['order'],
  goal: { events: ['Seat Paid'], by: ['order'] },
  window: '24h',
  holdoutPercent: 0,
  steps: [{ key: 'only', after: '1m', channel, messages: [{ template }] }],
});
async function save(channel: string, template: object): Promise<{ status: number; body: Refused; event: string }> {
  const line = ++lines;
  const key = `line_${line}`;
  const event = `Line ${line}`;
  const draft = await api('PUT', `/v1/journeys/${key}/draft`, journeyOf(key, event, channel, template));
  expect(draft.status).toBe(200);
  const { status, body } = await api('POST', `/v1/journeys/${key}/versions`, {});
  return { status, body: body as unknown as Refused, event };
}

describe('at save, with 422, the place and a code', () => {
  test.each(EXPRESSIONS)('%s in a registered text', async (_line, text) => {
    const { status, body } = await api('PUT', '/v1/templates/texts/push/seat/en', {
      category: 'service',
      fields: { title: 'Seat', body: text },
    });
    expect(status).toBe(422);
    expect(body.faults).toContainEqual(expect.objectContaining({ at: '/fields/body', code: 'bad_placeholder' }));
    expect((await api('GET', '/v1/templates/texts')).body).toEqual({ texts: [] });
  });

  test.each(EXPRESSIONS.flatMap(([line, text]) => Object.keys(AROUND).map((channel) => [line, channel, text] as const)))(
    '%s in a step by %s',
    async (_line, channel, text) => {
      const { template, at } = (AROUND[channel] as (typeof AROUND)[string])(text);
      const { status, body } = await save(channel, template);
      expect(status).toBe(422);
      expect(body.faults).toContainEqual(
        expect.objectContaining({ at: `/steps/0/messages/0/template${at}`, code: 'bad_placeholder' }),
      );
    },
  );

  test('G88 a push that can never fit into 4,096 bytes', async () => {
    const fields = { title: 'Seat', body: 'क'.repeat(1_400) };
    const text = await api('PUT', '/v1/templates/texts/push/seat/en', { category: 'service', fields });
    expect([text.status, (text.body as unknown as Refused).faults.map(({ code }) => code)]).toEqual([422, ['too_long']]);
    const step = await save('push', fields);
    expect([step.status, step.body.faults.map(({ code }) => code)]).toEqual([422, ['too_long']]);
    expect((await save('push', { title: 'Seat', body: 'x'.repeat(3_000) })).status).toBe(201);
  });
});

/** What became of one message whose event carried these facts: its state, and what the vendor was shown, if anything. */
async function sent(
  channel: string,
  template: object,
  { name, properties = {} }: { name?: string; properties?: object },
): Promise<{ state: string; reason: string | null; shown: Record<string, unknown> | undefined }> {
  const { status, event } = await save(channel, template);
  expect(status).toBe(201);
  const before = world.sandbox.ledger.entries().length;
  await world.moveTo(0);
  const order = `order_${lines}`;
  const answer = await api('POST', '/v1/events', {
    event,
    occurredAt: new Date(START).toISOString(),
    person: {
      customerId: order,
      phone: `+9198123${String(45_600 + lines).padStart(5, '0')}`,
      pushTokens: [{ token: `token-${lines}`, platform: 'android' }],
      ...(name === undefined ? {} : { name }),
    },
    keys: { order },
    properties,
  });
  expect(answer.status).toBe(202);
  await world.settled();
  await world.moveTo(minutes(1));
  const [message] = await world.sql<{ state: string; reason: string | null }>(
    `select state, reason from message where journey_key = $1`,
    [`line_${lines}`],
  );
  const entry = world.sandbox.ledger.entries()[before];
  return {
    state: message?.state ?? 'none',
    reason: message?.reason ?? null,
    shown: entry?.content as unknown as Record<string, unknown> | undefined,
  };
}

describe('at send, before the call', () => {
  const whatsapp = { name: 'payment_failed_v1', language: 'en', body: ['{{properties.note}}'] };

  test('G82 a missing variable: the message is skipped by its name, and nothing says "undefined" to a customer', async () =>
    expect(await sent('push', { title: 'Hello {{name}}', body: 'x' }, {})).toEqual({
      state: 'skipped',
      reason: 'missing_name',
      shown: undefined,
    }));

  test.each([
    ['a line break', 'Asha\nRao', 'Asha Rao'],
    ['a tab', 'Asha\tRao', 'Asha Rao'],
    ['five blanks', 'Asha     Rao', 'Asha    Rao'],
  ])('G83 %s in a value is made fit for a WhatsApp parameter', async (_what, note, text) =>
    expect(await sent('whatsapp', whatsapp, { properties: { note } })).toMatchObject({ state: 'sent', shown: { body: [text] } }),
  );

  test.each([
    ['nothing but blanks', ' \n \t'],
    ['more than a body holds', 'x'.repeat(1_025)],
  ])('G83 a value of %s is refused before the call', async (_what, note) =>
    expect(await sent('whatsapp', whatsapp, { properties: { note } })).toEqual({
      state: 'rejected',
      reason: 'bad_content',
      shown: undefined,
    }),
  );

  test('G84 a value that looks like a placeholder is not expanded', async () =>
    expect(
      await sent(
        'push',
        { title: 'Hello {{name}}', body: '{{properties.note}}' },
        {
          name: '{{keys.order}}',
          properties: { note: '{{link}} {{name}}' },
        },
      ),
    ).toMatchObject({ state: 'sent', shown: { title: 'Hello {{keys.order}}', body: '{{link}} {{name}}' } }));

  test.each([
    ['../../evil', 'r/..%2F..%2Fevil'],
    ['?next=//evil', 'r/%3Fnext%3D%2F%2Fevil'],
    ['//evil.com', 'r/%2F%2Fevil.com'],
    ['a\\@evil.com', 'r/a%5C%40evil.com'],
  ])('G87 the value %j in a button address stays one part of the path', async (path, suffix) =>
    expect(
      await sent('whatsapp', { ...whatsapp, button: 'r/{{properties.path}}' }, { properties: { note: 'x', path } }),
    ).toMatchObject({ state: 'sent', shown: { buttonSuffix: suffix } }),
  );

  test('G88 a push that became too long by its values is refused before the call', async () =>
    expect(
      await sent('push', { title: 'Seat', body: '{{properties.note}}' }, { properties: { note: 'x'.repeat(5_000) } }),
    ).toEqual({
      state: 'rejected',
      reason: 'bad_content',
      shown: undefined,
    }));
});
