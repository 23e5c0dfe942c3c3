import { hours } from '@wapas/kernel';
import { apiOf, personOf } from '../support/api';
import { World } from '../support/world';

let world: World;
let api: Awaited<ReturnType<typeof apiOf>>;
beforeAll(async () => {
  world = await World.start({ env: { WAPAS_SERVICE_OPT_IN: 'whatsapp' } });
  api = await apiOf(world);
});
afterAll(() => world?.stop());

let count = 0;
/** A customer with a phone, and their page. */
async function customerWithPage(): Promise<{ id: string; phone: string; url: string }> {
  count += 1;
  const [customerId, phone] = [`page_${count}`, `+9198123100${10 + count}`];
  await api('POST', '/v1/consents', { consents: [{ person: { customerId, phone }, purpose: 'service', channel: 'whatsapp', state: 'granted' }] }); // prettier-ignore
  const id = await personOf(api, customerId);
  const { body } = await api('POST', `/v1/people/${id}/preference-link`, {});
  return { id, phone, url: body.url as string };
}
const checked = (html: string): string[] => [...html.matchAll(/value="([a-z.]+)" checked/g)].map(([, name]) => name as string);
/** A page's own form as its browser would send it, once a further switch is on. */
function formOf(html: string): { with(name: string): string } {
  const hidden = [...html.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
  const on = checked(html).map((name) => ['on', name]);
  return {
    with: (name) => new URLSearchParams([...hidden, ...on, ['on', name], ['do', 'save']] as [string, string][]).toString(),
  };
}
async function saved(url: string, body: string): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body });
  expect(response.status).toBe(200);
  return response.text();
}
const save = async (url: string, body: string): Promise<string[]> => checked(await saved(url, body));
/** What the page says above its switches, without markup. */
const statusOf = (html: string): string =>
  (/<(p|div) role="status".*?<form/s.exec(html)?.[0] ?? '')
    .replace(/<form|<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
async function lastEntries(id: string): Promise<string[]> {
  const { body } = await api('GET', `/v1/people/${id}/consents`);
  return (body.entries as { purpose: string; channel: string; state: string; source: string }[])
    .filter(({ source }) => source === 'preference_page')
    .map(({ purpose, channel, state }) => `${purpose} ${channel} ${state}`);
}

test('a customer sees what they get and changes it, without a login and without JavaScript', async () => {
  await world.moveTo(0);
  const { id, url } = await customerWithPage();
  const page = await fetch(url);
  const html = await page.text();
  expect(checked(html)).toEqual(['service.whatsapp', 'service.sms']);
  expect(html).not.toMatch(/<script|\son\w+=/i);
  expect([page.headers.get('cache-control'), page.headers.get('referrer-policy')]).toEqual(['no-store', 'no-referrer']);
  expect(await save(url, 'on=service.whatsapp&on=marketing.whatsapp&do=save')).toEqual([
    'service.whatsapp',
    'marketing.whatsapp',
  ]);
  expect(await lastEntries(id)).toEqual(['service sms withdrawn', 'marketing whatsapp granted']);
  expect(checked(await (await fetch(url)).text())).toEqual(['service.whatsapp', 'marketing.whatsapp']);
});

test("the page speaks the person's language, else the browser's, and the ledger knows in which it was read", async () => {
  const { id, url } = await customerWithPage();
  const titleIn = async (language: string) => /<html lang="(\w+)"/.exec(await (await fetch(url, { headers: { 'accept-language': language } })).text())?.[1]; // prettier-ignore
  expect([await titleIn('fr'), await titleIn('ta-IN,en;q=0.5')]).toEqual(['en', 'ta']);
  await api('PATCH', `/v1/people/${id}`, { language: 'hi' });
  expect(await titleIn('ta-IN')).toBe('hi');
  await save(url, 'do=stop');
  expect((await api('GET', `/v1/people/${id}/consents`)).body.entries).toContainEqual(
    expect.objectContaining({ source: 'preference_page', state: 'withdrawn', noticeLanguage: 'hi' }),
  );
});

test('saving the same twice writes nothing new; stopping everything turns every switch off', async () => {
  await world.moveTo(hours(1));
  const { id, url } = await customerWithPage();
  await save(url, 'on=service.whatsapp&on=service.sms&do=save');
  expect(await lastEntries(id)).toEqual([]);
  expect(await save(url, 'on=service.whatsapp&on=service.sms&do=stop')).toEqual([]);
  expect(await lastEntries(id)).toEqual(['all all withdrawn']);
  expect(await save(url, 'do=stop')).toEqual([]);
  expect(await lastEntries(id)).toEqual(['all all withdrawn']);
});

test('who stopped everything gets nothing on a channel that comes later either, until they turn it on', async () => {
  const { id, url } = await customerWithPage();
  await save(url, 'do=stop');
  await world.moveTo(hours(1.5));
  expect((await api('PATCH', `/v1/people/${id}`, { email: 'later@example.com' })).status).toBe(204);
  expect(checked(await (await fetch(url)).text())).toEqual([]);
  expect(await save(url, 'on=service.email&do=save')).toEqual(['service.email']);
});

test('everything can be stopped before there is anywhere to write to', async () => {
  const { id, url } = await customerWithPage();
  await api('PATCH', `/v1/people/${id}`, { phone: null });
  expect(await (await fetch(url)).text()).toContain('value="stop"');
  await save(url, 'do=stop');
  expect(await lastEntries(id)).toEqual(['all all withdrawn']);
});

test('a page that was opened earlier changes what its reader changed on it, and nothing else', async () => {
  await world.moveTo(hours(1.6));
  const { id, phone, url } = await customerWithPage();
  const opened = formOf(await (await fetch(url)).text());
  await api('PATCH', `/v1/people/${id}`, { email: 'meanwhile@example.com' });
  await api('POST', '/v1/consents', { consents: [{ person: { phone }, purpose: 'service', channel: 'sms', state: 'withdrawn' }] }); // prettier-ignore
  await world.moveTo(hours(1.7));
  // The channel that came meanwhile is not taken back, and what was taken back elsewhere is not given again.
  expect(await save(url, opened.with('marketing.whatsapp'))).toEqual(['service.email', 'service.whatsapp', 'marketing.whatsapp']);
  expect(await lastEntries(id)).toEqual(['marketing whatsapp granted']);
});

test('who wrote STOP comes back to exactly what they turn on again', async () => {
  await world.moveTo(hours(2));
  const { phone, url } = await customerWithPage();
  await api('POST', '/v1/inbound-messages', { channel: 'sms', phone, text: 'stop', id: 'page-stop' });
  expect(checked(await (await fetch(url)).text())).toEqual([]);
  await world.moveTo(hours(3));
  expect(await save(url, 'on=service.sms&do=save')).toEqual(['service.sms']);
});

test("who wrote STOP under WhatsApp's own name for them comes back as well", async () => {
  await world.moveTo(hours(4));
  const { phone, url } = await customerWithPage();
  const whatsappId = 'IN.page0123';
  await api('POST', '/v1/events', { event: 'App Opened', person: { customerId: `page_${count}`, phone, whatsappId } });
  await world.settled();
  await api('POST', '/v1/inbound-messages', { channel: 'whatsapp', whatsappId, text: 'stop', id: 'page-stop-by-name' });
  expect(checked(await (await fetch(url)).text())).toEqual([]);
  await world.moveTo(hours(5));
  expect(await save(url, 'on=service.whatsapp&do=save')).toEqual(['service.whatsapp']);
});

const SAVED = 'Saved. It holds from now on.';
const OTHERWISE = 'Saved, but not everything is as you chose. This is different:';
const STOPPED =
  'Somebody said stop there in another way. Write START from that number, turn offers on again in WhatsApp, or ask us.';

test('a switch that a stop of somebody else on the same number keeps off is named, and the page does not say that it holds', async () => {
  await world.moveTo(hours(6));
  const { phone, url } = await customerWithPage();
  await api('POST', '/v1/events', { event: 'App Opened', person: { customerId: 'page_sharer', phone } });
  await world.settled();
  await api('POST', '/v1/inbound-messages', { channel: 'sms', phone, text: 'stop', id: 'page-stop-of-both' });
  await world.moveTo(hours(7));
  const html = await saved(url, 'shown=service.sms:off&shown=service.whatsapp:off&on=service.sms&do=save');
  expect([checked(html), statusOf(html)]).toEqual([[], `${OTHERWISE} About your orders and applications: SMS ${STOPPED}`]);
  await api('POST', '/v1/inbound-messages', { channel: 'sms', phone, text: 'start', id: 'page-start-of-both' });
  expect(statusOf(await saved(url, 'on=service.sms&do=save'))).toBe(SAVED);
});

test('a minor who asks for offers is told that there are none for minors', async () => {
  const { id, url } = await customerWithPage();
  await api('PATCH', `/v1/people/${id}`, { minor: true });
  const html = await saved(url, 'on=service.whatsapp&on=service.sms&on=marketing.sms&do=save');
  expect([checked(html), statusOf(html)]).toEqual([
    ['service.whatsapp', 'service.sms'],
    `${OTHERWISE} Offers and reminders: SMS Offers are not sent to people under 18.`,
  ]);
});

test('who takes back offers alone keeps the service messages that their yes to offers had allowed', async () => {
  await world.moveTo(hours(8));
  const [customerId, phone] = ['page_by_offers', '+919812319999'];
  await api('POST', '/v1/consents', { consents: [{ person: { customerId, phone }, purpose: 'marketing', channel: 'whatsapp', state: 'granted' }] }); // prettier-ignore
  const id = await personOf(api, customerId);
  const url = (await api('POST', `/v1/people/${id}/preference-link`, {})).body.url as string;
  expect(checked(await (await fetch(url)).text())).toEqual(['service.whatsapp', 'service.sms', 'marketing.whatsapp']);
  await world.moveTo(hours(9));
  const html = await saved(url, 'on=service.whatsapp&on=service.sms&do=save');
  expect([checked(html), statusOf(html)]).toEqual([['service.whatsapp', 'service.sms'], SAVED]);
  expect(await lastEntries(id)).toEqual(['marketing whatsapp withdrawn', 'service whatsapp granted']);
});

test('what was changed elsewhere since a page was opened is named when it is saved', async () => {
  await world.moveTo(hours(10));
  const { phone, url } = await customerWithPage();
  const opened = formOf(await (await fetch(url)).text());
  await api('POST', '/v1/consents', { consents: [{ person: { phone }, purpose: 'service', channel: 'sms', state: 'withdrawn' }] }); // prettier-ignore
  expect(statusOf(await saved(url, opened.with('marketing.whatsapp')))).toBe(
    `${OTHERWISE} About your orders and applications: SMS`,
  );
});

test('a page that opens nothing speaks the language of the browser', async () => {
  const response = await fetch(`${world.url}/preferences/nonsense`, { headers: { 'accept-language': 'hi-IN' } });
  expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('<html lang="hi">') as unknown]);
});

test.each([
  ['changed', (url: string) => `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`, 404],
  ['cut off', (url: string) => url.slice(0, -5), 404],
  ['of nobody', () => `${world.url}/preferences/${'A'.repeat(48)}`, 404],
])('a link that is %s opens nothing and changes nothing', async (_case, change, status) => {
  const { id, url } = await customerWithPage();
  for (const method of ['GET', 'POST']) {
    const response = await fetch(change(url), { method, ...(method === 'POST' ? { body: 'do=stop' } : {}) });
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
  }
  expect(await lastEntries(id)).toEqual([]);
});

test('a link expires after 30 days', async () => {
  const { url } = await customerWithPage();
  await world.moveTo(hours(24 * 31));
  expect((await fetch(url)).status).toBe(410);
  expect((await fetch(url, { method: 'POST', body: 'do=stop' })).status).toBe(410);
});
