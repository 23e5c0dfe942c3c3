import { type Customer } from './stories';
import { type World } from './world';

export const PHONE =
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36';
export const DESKTOP = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

/** A page as a browser without JavaScript sees it. */
export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly forms: readonly Form[];
}

export interface Form {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly buttons: readonly string[];
}

export async function open(url: string, init: RequestInit = {}, userAgent = PHONE): Promise<Seen> {
  const response = await fetch(url, { redirect: 'manual', ...init, headers: { 'user-agent': userAgent, ...init.headers } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, forms: formsIn(text, url) };
}

/** Presses a button of a form: the fields travel as a browser sends them. */
export function press(form: Form, extra: Readonly<Record<string, string>> = {}, userAgent = PHONE): Promise<Seen> {
  return open(form.action, { method: 'POST', body: new URLSearchParams({ ...form.fields, ...extra }) }, userAgent);
}

/** The form with this button. */
export function formWith(page: Seen, button: string): Form {
  const form = page.forms.find(({ buttons }) => buttons.includes(button));
  if (!form) throw new Error(`There is no button "${button}" on: ${page.text.replace(/<style>.*?<\/style>/s, '')}`);
  return form;
}

function formsIn(text: string, base: string): Form[] {
  return [...text.matchAll(/<form method="post" action="([^"]+)">(.*?)<\/form>/gs)].map(([, action = '', inner = '']) => ({
    action: new URL(plain(action), base).href,
    fields: Object.fromEntries(
      [...inner.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)" ?\/?>/g)].map(([, name = '', value = '']) => [
        plain(name),
        plain(value),
      ]),
    ),
    buttons: [...inner.matchAll(/<button[^>]*>([^<]*)<\/button>/g)].map(([, words = '']) => plain(words)),
  }));
}

const plain = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** The short links that reached a customer, in the order of their messages. */
export function linksOf(world: World, { phone }: Customer): string[] {
  return world.sandbox.ledger
    .entries()
    .filter((entry) => entry.accepted && entry.address.endsWith(phone.slice(1)))
    .flatMap((entry) => {
      if (entry.channel === 'sms') return entry.content.variables.url ?? [];
      if (entry.channel === 'push') return entry.content.data.deep_link ?? [];
      const suffix = entry.content.buttonSuffix;
      return suffix === undefined ? [] : `${world.url}/WAPAS/${suffix}`;
    });
}
