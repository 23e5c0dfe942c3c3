import { assertNever } from '@wapas/kernel';
import { type LedgerEntry, type PushShown, type SmsShown, type WhatsAppShown } from '../ledger';
import { type SandboxOptions } from '../options';
import { type Answer } from '../wire';
import { Html, html } from './html';
import { type Acts, handsetOf, type Inbox } from './inbox';
import { linkOf, smsText } from './links';
import { REFRESH, STYLE } from './style';

export type PageOptions = Pick<SandboxOptions, 'whatsappButtonPrefix' | 'whatsappTemplates' | 'smsTemplates' | 'smsHeader'>;

const MOST_HANDSETS = 200;
const MOST_MESSAGES = 100;

/** All handsets, the latest message first. */
export function listPage(inbox: Inbox, lastSeq: number): Answer {
  const handsets = inbox.handsets();
  const rows = handsets.slice(0, MOST_HANDSETS).map(
    ({ handset, count, last }) =>
      html`<li>
        <a class="customer" href="/handset/${encodeURIComponent(handset)}"
          ><span>${shownAddress(handset)}<small>${CHANNELS[last.channel]}, ${timeOf(last)}</small></span
          ><b>${count}</b></a
        >
      </li>`,
  );
  const head = html`<p>Wapas sandbox</p>
    <h1>${handsets.length} ${handsets.length === 1 ? 'handset' : 'handsets'}</h1>`;
  return page('Handsets', head, rows, lastSeq);
}

/** What one customer sees, newest first. */
export function handsetPage(handset: string, inbox: Inbox, options: PageOptions, lastSeq: number): Answer {
  const messages = inbox.messagesOn(handset).slice(-MOST_MESSAGES).reverse();
  const rows = messages.map((entry) => html`<li>${card(entry, inbox.actsOn(entry), options)}</li>`);
  const head = html`<a href="/handset">‹ all handsets</a>
    <h1>${shownAddress(handset)}</h1>`;
  return page(shownAddress(handset), head, rows, lastSeq);
}

/** For links that only an app can open. */
export function appPage(entry: LedgerEntry, url: string | null): Answer {
  const said = url === null ? 'Nothing to open: this message has no link.' : `The app opens ${url}`;
  const back = html`<a href="/handset/${encodeURIComponent(handsetOf(entry))}">‹ back</a>
    <h1>The app</h1>`;
  return page(
    'The app',
    back,
    [
      html`<li>
        <article class="push"><p>${said}</p></article>
      </li>`,
    ],
    Number.MAX_SAFE_INTEGER,
  );
}

function page(title: string, head: Html, rows: readonly Html[], lastSeq: number): Answer {
  const list =
    rows.length > 0
      ? html`<ol>
          ${rows}
        </ol>`
      : html`<p class="empty">No messages yet. They appear here by themselves.</p>`;
  const body = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Wapas sandbox</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body data-seq="${lastSeq}">
        <main>
          <header>${head}</header>
          ${list}
        </main>
        <script>
          ${new Html(REFRESH)};
        </script>
      </body>
    </html>`;
  return { status: 200, type: 'text/html; charset=utf-8', headers: PAGE_HEADERS, body: body.text };
}

const PAGE_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'",
};

function card(entry: LedgerEntry, acts: Acts, options: PageOptions): Html {
  switch (entry.channel) {
    case 'push':
      return pushCard(entry, entry.content, acts);
    case 'whatsapp':
      return whatsappCard(entry, entry.content, acts, options);
    case 'sms':
      return smsCard(entry, entry.content, acts, options);
    default:
      return assertNever(entry);
  }
}

function pushCard(entry: LedgerEntry, { title, body }: PushShown, acts: Acts): Html {
  return html`<article class="push">
    ${from('Notification', entry)}
    <h2 dir="auto">${title}</h2>
    <p dir="auto">${body}</p>
    <div class="acts">${act(entry, 'open', 'Open', true)}${acts.isTapped ? '✓ opened' : null}</div>
  </article>`;
}

/** The bubble as WhatsApp draws it, its button along the lower edge; under it what else the customer may do. */
function whatsappCard(entry: LedgerEntry, shown: WhatsAppShown, acts: Acts, options: PageOptions): Html {
  const registered = options.whatsappTemplates?.find(
    ({ name, language }) => name === shown.template && language === shown.language,
  );
  const button =
    linkOf(entry, options) === null
      ? null
      : html`<div class="tap">${act(entry, 'open', `↗ ${registered?.button ?? 'Open link'}`)}</div>`;
  const { header, footer, body } = registered ?? {};
  return html`<article class="whatsapp" lang="${shown.language.replace('_', '-')}">
      ${from('WhatsApp', entry)} ${header === undefined ? null : html`<h2 dir="auto">${header}</h2>`}
      <p dir="auto">${whatsappText(shown, body)}</p>
      ${footer === undefined ? null : html`<p class="small" dir="auto">${footer}</p>`} ${button}
    </article>
    ${acts.said === undefined ? null : html`<article class="said">${acts.said}</article>`}
    <div class="acts">
      ${acts.isRead ? '✓✓ read' : act(entry, 'read', 'Open the chat')}${acts.said === undefined ? act(entry, 'stop', 'Reply STOP') : null}
    </div>`;
}

function whatsappText({ template, body }: WhatsAppShown, registered: string | undefined): string {
  if (registered === undefined) return `${template}\n${body.join('\n')}`;
  let next = 0;
  // Positional placeholders carry their number; named ones are filled in order.
  return registered.replace(/\{\{(\w+)\}\}/g, (_, name: string) => body[/^\d+$/.test(name) ? Number(name) - 1 : next++] ?? '');
}

function smsCard(entry: LedgerEntry, shown: SmsShown, acts: Acts, options: PageOptions): Html {
  const link = linkOf(entry, options);
  const button = link === null ? null : act(entry, 'open', acts.isTapped ? 'Open the link again' : 'Open the link', true);
  return html`<article class="sms">
    ${from(senderOf(shown.template, options), entry)}
    <p dir="auto">${withLink(smsText(shown, options.smsTemplates), link)}</p>
    ${button === null ? null : html`<div class="acts">${button}</div>`}
  </article>`;
}

function withLink(text: string, link: string | null): Html {
  const at = link === null ? -1 : text.indexOf(link);
  if (link === null || at < 0) return html`${text}`;
  return html`${text.slice(0, at)}<span class="link">${link}</span>${text.slice(at + link.length)}`;
}

/** The operator puts its own letters in front and the category behind: -P, -S, -T, -G (TRAI, since 6 May 2025, read 2026-11-28). */
function senderOf(template: string, { smsHeader, smsTemplates }: PageOptions): string {
  const registered = smsTemplates.find(({ id }) => id === template);
  const suffix = { promotional: 'P', transactional: 'T', government: 'G' }[registered?.category ?? ''] ?? 'S';
  return `VM-${registered?.header ?? smsHeader}-${suffix}`;
}

function from(sender: string, entry: LedgerEntry): Html {
  return html`<div class="from"><span>${sender}</span><time>${timeOf(entry)}</time></div>`;
}

const CHANNELS = { push: 'Notification', whatsapp: 'WhatsApp', sms: 'SMS' } as const;

const timeOf = ({ at, businessAt }: LedgerEntry): string =>
  INDIAN_TIME.format(businessAt === undefined ? at : Date.parse(businessAt));

const INDIAN_TIME = new Intl.DateTimeFormat('en-IN', {
  timeZone: 'Asia/Kolkata',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

function act({ vendorId, address }: LedgerEntry, action: string, label: string, isMain = false): Html {
  const target = `/handset/${encodeURIComponent(vendorId)}/${action}?address=${encodeURIComponent(address)}`;
  return html`<form method="post" action="${target}"><button class="${isMain ? 'main' : ''}">${label}</button></form>`;
}

/** Indian numbers as Indians write them. */
const shownAddress = (handset: string): string =>
  /^\d+$/.test(handset) ? `+${handset.replace(/^(91)(\d{5})(\d{5})$/, '$1 $2 $3')}` : handset;
