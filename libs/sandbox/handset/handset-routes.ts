import { type Ledger, type LedgerEntry } from '../ledger';
import { type Route } from '../router';
import { type Answer, type Call, json, parseObject } from '../wire';
import { type HandsetActions } from './actions';
import { handsetOf, type Inbox } from './inbox';
import { appPage, handsetPage, listPage, type PageOptions } from './page';

export interface HandsetParts {
  readonly inbox: Inbox;
  readonly ledger: Ledger;
  readonly actions: HandsetActions;
  readonly options: PageOptions;
}

/** The handset for people (pages and their buttons) and for programs (`/sandbox/handset/…`, JSON). */
export function handsetRoutes({ inbox, ledger, actions, options }: HandsetParts): readonly Route[] {
  const onMessage = (act: (entry: LedgerEntry, call: Call) => Promise<Answer> | Answer) => (call: Call) => {
    const entry = inbox.find(call.params.vendorId ?? '', call.query.get('address') ?? undefined);
    return entry ? act(entry, call) : json(404, { error: 'No accepted message has this vendor id' });
  };
  return [
    { method: 'GET', path: '/handset', handle: () => listPage(inbox, ledger.lastSeq) },
    {
      method: 'GET',
      path: '/handset/:address',
      handle: ({ params }) => handsetPage(digits(params.address), inbox, options, ledger.lastSeq),
    },
    { method: 'POST', path: '/handset/:vendorId/open', handle: onMessage((entry) => openOnPage(entry, actions)) },
    { method: 'POST', path: '/handset/:vendorId/read', handle: onMessage((entry) => readOnPage(entry, actions)) },
    {
      method: 'POST',
      path: '/handset/:vendorId/stop',
      handle: onMessage((entry) => stopOnPage(entry, actions)),
    },
    {
      method: 'POST',
      path: '/sandbox/handset/:vendorId/read',
      handle: onMessage((entry) => json(200, { reported: actions.read(entry) })),
    },
    {
      method: 'POST',
      path: '/sandbox/handset/:vendorId/tap',
      handle: onMessage(async (entry) => json(200, await actions.tap(entry))),
    },
    { method: 'POST', path: '/sandbox/handset/:vendorId/reply', handle: onMessage((entry, call) => reply(entry, call, actions)) },
  ];
}

/** On the page a link is tapped by somebody who has the chat open: that is reading, too. */
async function openOnPage(entry: LedgerEntry, actions: HandsetActions): Promise<Answer> {
  if (entry.channel === 'whatsapp') actions.read(entry);
  const { url } = await actions.tap(entry);
  return url !== null && /^https?:\/\//.test(url) && URL.canParse(url) ? seeOther(new URL(url).href) : appPage(entry, url);
}

const backTo = (entry: LedgerEntry): Answer => seeOther(`/handset/${encodeURIComponent(handsetOf(entry))}`);

function readOnPage(entry: LedgerEntry, actions: HandsetActions): Answer {
  actions.read(entry);
  return backTo(entry);
}

function stopOnPage(entry: LedgerEntry, actions: HandsetActions): Answer {
  actions.reply(entry, 'STOP');
  return backTo(entry);
}

/** `location` is encoded already: a URL's own text, or a path made with encodeURIComponent. */
const seeOther = (location: string): Answer => ({ status: 303, type: 'text/plain', body: '', headers: { location } });

function reply(entry: LedgerEntry, call: Call, actions: HandsetActions): Answer {
  const text = parseObject(call.body)?.text;
  if (typeof text !== 'string' || text === '') return json(400, { error: 'Give the reply as {"text": "STOP"}' });
  return json(200, { reported: actions.reply(entry, text) });
}

const digits = (address = ''): string => address.replace(/^\+(?=\d+$)/, '');
