import { BrowserForTests, browserIsAvailable, DESKTOP_SCREEN, PHONE_SCREEN, type Screen } from '@wapas/testing/browser';
import { minutes } from '@wapas/kernel';
import { apiOf, personOf } from '../support/api';
import { threeLinks } from '../support/journeys';
import { DESKTOP, PHONE } from '../support/links';
import { customer, failPayment, introduce, received } from '../support/stories';
import { until, World } from '../support/world';

const inABrowser = browserIsAvailable() ? test : test.skip;
const DARK: Screen = { ...PHONE_SCREEN, isDark: true };
const asha = customer(1);
const handset = (): string => `${world.sandbox.url}/handset/${asha.phone.slice(1)}`;

let world: World;
let browser: BrowserForTests;
beforeAll(async () => {
  if (!browserIsAvailable()) return;
  [world, browser] = await Promise.all([
    World.start({
      gateways: true,
      env: { WAPAS_PAY_URL: '', WAPAS_SHOP_NAME: 'Asha & Sons' },
      sandbox: {
        whatsappTemplates: [
          {
            name: 'payment_failed_v1',
            language: 'en',
            header: 'Payment not completed',
            body: 'Your payment {{1}} of {{2}} did not go through. If money left your account it comes back by itself.',
            footer: 'Asha & Sons',
            button: 'Complete payment',
          },
        ],
        smsTemplates: [
          {
            id: '64f0c0ffee00000000000001',
            text: 'Asha & Sons: your payment is not complete. Finish here: ##url##',
          },
        ],
      },
    }),
    BrowserForTests.start(),
  ]);
  await world.publish(threeLinks);
  await world.control('orders', {
    gateway: 'razorpay',
    id: asha.order,
    amount: 149_900,
    customer: { id: asha.id, phone: asha.phone },
  });
  await introduce(world, [asha]);
  await failPayment(world, asha);
  await world.settled();
  for (const minute of [1, 5, 10]) await world.moveTo(minutes(minute));
  expect(received(world, asha)).toEqual(['push', 'whatsapp', 'sms']);
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** Nothing runs out of the window, every line of text has somewhere to be seen, and the browser has nothing to complain of. */
async function expectSound(screen: Screen): Promise<void> {
  expect(await browser.read('document.documentElement.scrollWidth')).toBeLessThanOrEqual(screen.width);
  expect(await browser.read('innerWidth')).toBe(screen.width);
  expect(await browser.read(LEAST_CONTRAST)).toBeGreaterThanOrEqual(4.5);
  expect(browser.complaints()).toEqual([]);
}

/** Of all visible texts on what lies behind them, as WCAG 2.2 reckons it; 4.5 is what it asks for. */
const LEAST_CONTRAST = `(() => {
  const parts = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (it) => { for (; it; it = it.parentElement) { const [r, g, b, a = 1] = parts(getComputedStyle(it).backgroundColor); if (a > 0.5) return [r, g, b]; } return [255, 255, 255]; };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let least = 21;
  for (let node; (node = texts.nextNode());) {
    const it = node.parentElement;
    if (!node.data.trim() || ['SCRIPT', 'STYLE'].includes(it.tagName) || it.getClientRects().length === 0) continue;
    const [one, other] = [light(parts(getComputedStyle(it).color)), light(behind(it))].sort((a, b) => b - a);
    least = Math.min(least, (one + 0.05) / (other + 0.05));
  }
  return least;
})()`;

const SCREENS: readonly (readonly [name: string, screen: Screen, userAgent: string])[] = [
  ['phone', PHONE_SCREEN, PHONE],
  ['desktop', DESKTOP_SCREEN, DESKTOP],
  ['dark', DARK, PHONE],
];

inABrowser('the handset shows the three messages on a phone, on a desktop and in the dark', async () => {
  for (const [name, screen, userAgent] of SCREENS) {
    for (const [what, url] of [
      ['handsets', `${world.sandbox.url}/handset`],
      ['handset', handset()],
    ] as const) {
      await browser.open(url, screen, userAgent);
      await browser.picture(`${what}-${name}`);
      await expectSound(screen);
    }
    expect(await browser.read('[...document.querySelectorAll(".from span")].map((it) => it.textContent)')).toEqual([
      'VM-WAPASX-S',
      'WhatsApp',
      'Notification',
    ]);
  }
});

inABrowser('a tap on the button of a WhatsApp opens the pay page, and counts as read and clicked', async () => {
  await browser.open(handset(), PHONE_SCREEN, PHONE);
  await browser.press('.whatsapp .tap button');
  expect(await browser.read('location.href')).toMatch(new RegExp(`^${world.url}/WAPAS/[\\w-]{11}$`));
  expect(await browser.read('document.querySelector(".amount").textContent')).toBe('₹1,499.00');
  await browser.picture('pay-phone');
  await expectSound(PHONE_SCREEN);
  const kinds = async (): Promise<unknown[]> =>
    (await world.sql(`select r.kind from receipt r join message m on m.id = r.message_id where m.channel = 'whatsapp' and r.kind in ('read', 'clicked') order by 1`)).map(({ kind }) => kind); // prettier-ignore
  await until(async () => (await kinds()).length === 2, 'the receipts');
  expect(await kinds()).toEqual(['clicked', 'read']);
});

inABrowser('a push leads on, a reply stands under its message, and what comes later appears by itself', async () => {
  await browser.open(handset(), PHONE_SCREEN, PHONE);
  await browser.press('.whatsapp + .acts form[action*="/stop"] button');
  expect(await browser.read('document.querySelector(".said").textContent')).toBe('STOP');
  const before = await browser.read<number>('document.querySelectorAll("article").length');
  await fetch(`${world.sandbox.url}/msg91/api/v5/flow`, {
    method: 'POST',
    headers: { authkey: 'msg91-key', 'content-type': 'application/json' },
    body: JSON.stringify({
      template_id: '64f0c0ffee00000000000009',
      recipients: [{ mobiles: asha.phone.slice(1), text: `आपका भुगतान पूरा नहीं हुआ ${'x'.repeat(300)}` }],
    }),
  });
  await browser.until(`document.querySelectorAll("article").length === ${before + 1}`);
  await browser.picture('handset-long');
  await expectSound(PHONE_SCREEN);
  await browser.press('.push button');
  expect(await browser.read('document.querySelector(".amount").textContent')).toBe('₹1,499.00');
});

inABrowser('a customer pays from the link, and the page says so from then on', async () => {
  const link = await linkOfSms();
  await browser.open(link, DESKTOP_SCREEN, DESKTOP);
  await browser.picture('pay-desktop');
  await expectSound(DESKTOP_SCREEN);
  for (const [name, screen, userAgent] of SCREENS) {
    await browser.open(link, screen, userAgent);
    await browser.picture(`pay-${name}`);
    await expectSound(screen);
  }
  await world.control(`orders/razorpay/${asha.order}/pay`, { outcome: 'captured' });
  await world.settled();
  await browser.open(link, DARK, PHONE);
  await browser.picture('paid-dark');
  expect(await browser.read('document.querySelector("h1").textContent')).toBe('Already paid');
  await expectSound(DARK);
});

inABrowser('a customer changes what they get, in their language', async () => {
  const api = await apiOf(world);
  const id = await personOf(api, asha.id);
  for (const language of ['en', 'hi', 'ta', 'ur']) {
    await api('PATCH', `/v1/people/${id}`, { language });
    const { body } = await api('POST', `/v1/people/${id}/preference-link`, {});
    for (const [name, screen, userAgent] of SCREENS) {
      await browser.open(body.url as string, screen, userAgent);
      await browser.picture(`preferences-${language}-${name}`);
      await expectSound(screen);
    }
    await browser.press('button[value=save]');
    expect(await browser.read('document.querySelector("[role=status]") !== null')).toBe(true);
  }
});

inABrowser('Swagger shows the API, an operation opens, and nothing is complained of', async () => {
  await browser.open(`${world.url}/docs`, DESKTOP_SCREEN, DESKTOP);
  await browser.until('document.querySelectorAll(".opblock").length > 5');
  await browser.picture('docs-desktop');
  await browser.read('document.querySelector(".opblock-summary-control").click()');
  await browser.until('document.querySelector(".opblock .responses-table")');
  await browser.picture('docs-operation');
  expect(browser.complaints()).toEqual([]);
});

async function linkOfSms(): Promise<string> {
  await browser.open(handset(), PHONE_SCREEN, PHONE);
  return browser.read<string>('[...document.querySelectorAll(".sms .link")].at(-1).textContent');
}
