import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { controlRoutes } from './control';
import { type Books, Exchange } from './exchange';
import { behave } from './failure-modes';
import { Fcm } from './fcm';
import { FcmTokens } from './fcm-tokens';
import { Gateways } from './gateways/gateways';
import { HandsetActions } from './handset/actions';
import { handsetRoutes } from './handset/handset-routes';
import { Inbox } from './handset/inbox';
import { Ledger, type LedgerEntry, type VendorName } from './ledger';
import { ModeBook, seededRandom } from './mode-book';
import { Msg91 } from './msg91';
import { msg91Reports } from './msg91-reports';
import { type SandboxOptions, withDefaults } from './options';
import { ReceiptDesk } from './receipts';
import { type Handler, type Route, Router } from './router';
import { SandboxClock } from './sandbox-clock';
import { Subscription } from './subscription';
import { type PlannedReceipt, type Vendor } from './vendor';
import { WhatsApp, type WhatsAppSettings } from './whatsapp';
import { AccountDesk } from './whatsapp-account';
import { NumberDesk } from './whatsapp-numbers';
import { PortfolioDesk, PortfolioLimit } from './whatsapp-portfolio';
import { TemplateDesk } from './whatsapp-template-desk';
import { TemplateBook } from './whatsapp-templates';
import { whatsappReceipts } from './whatsapp-webhooks';
import { json, readBody, sendAnswer } from './wire';

export interface Sandbox {
  /** `http://127.0.0.1:PORT`; the vendors are under `/fcm`, `/whatsapp` and `/msg91`, the gateways under `/razorpay`, `/cashfree` and `/stripe`. */
  readonly url: string;
  readonly ledger: { entries(): readonly LedgerEntry[] };
  /** Receipts and gateway webhooks that are planned and have not been taken yet. */
  pendingReceipts(): number;
  /** Ends connections, timers and the ledger file; receipts that are not yet out never come. */
  close(): Promise<void>;
}

export async function startSandbox(given: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const options = withDefaults(given);
  const inbox = new Inbox();
  const ledger = await Ledger.open({ file: options.ledgerFile, fsync: options.fsync, keep: options.keepEntries }, inbox);
  const parts = assemble(options, ledger, inbox);
  const server = serve(new Router(parts.routes));
  await listen(server, options.port);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ledger: { entries: () => ledger.entries() },
    pendingReceipts: () => parts.pendingReceipts(),
    close: async () => {
      parts.close();
      await stop(server);
      await ledger.close();
    },
  };
}

function assemble(
  options: SandboxOptions,
  ledger: Ledger,
  inbox: Inbox,
): { routes: readonly Route[]; pendingReceipts(): number; close(): void } {
  const clock = SandboxClock.from(options);
  const agent = new Agent({ keepAlive: true });
  const sendModes = new ModeBook(seededRandom(options.seed));
  const receiptModes = new ModeBook(seededRandom(options.seed));
  const vendorTime = (realMs: number): number => clock.vendorTime(realMs);
  const desk = new ReceiptDesk({ isQuiet: options.quiet, retryMs: options.receiptsRetryMs, vendorTime }, receiptModes);
  const tokens = fcmTokens(options);
  const gateways = new Gateways(options, { calls: sendModes, webhooks: receiptModes }, () => vendorTime(Date.now()));
  const templates = new TemplateBook(options.whatsappTemplates, options.whatsappButtonPrefix);
  const templateDesk = new TemplateDesk(templates, agent, options);
  const portfolio = new PortfolioLimit(options.whatsappPortfolioLimit);
  const portfolioDesk = new PortfolioDesk(portfolio, agent, {
    webhookUrl: options.whatsappWebhookUrl,
    appSecret: options.whatsappAppSecret,
    vendorTime,
  });
  const accountDesk = new AccountDesk(agent, { webhookUrl: options.whatsappWebhookUrl, appSecret: options.whatsappAppSecret });
  const numberDesk = new NumberDesk(agent, {
    url: options.whatsappWebhookUrl,
    appSecret: options.whatsappAppSecret,
    phoneNumberId: phoneNumberIdOf(options),
    vendorTime,
  });
  const vendors = {
    fcm: new Fcm(tokens, options.fcmProjectId, options.fcmRatePerSecond),
    whatsapp: whatsappOf(options, { templates, portfolio, account: accountDesk, numbers: numberDesk, vendorTime }),
    msg91: msg91Of(options, vendorTime),
  };
  if (options.refuseAll) refuseAll(sendModes);

  const faults = { count: 0, last: '' };
  const books: Books = {
    ledger,
    stamp: (realMs) => clock.stamp(realMs),
    accepted: (vendor, entries) => desk.messagesAccepted(vendor, entries),
    failed: (error) => {
      faults.count += 1;
      faults.last = error instanceof Error ? `${error.message}: ${String(error.cause)}` : String(error);
    },
  };
  const sendTo = (vendor: Vendor): Handler => sendHandler(vendor, books, sendModes);
  const subscription = new Subscription(agent, options.whatsappWebhookUrl, options.whatsappVerifyToken);
  const actions = new HandsetActions(inbox, desk, vendors, options, agent);
  return {
    routes: [
      { method: 'POST', path: '/fcm/v1/projects/:project/messages:send', handle: sendTo(vendors.fcm) },
      { method: 'POST', path: '/whatsapp/:version/:phoneNumberId/messages', handle: sendTo(vendors.whatsapp) },
      { method: 'POST', path: '/msg91/api/v5/flow', handle: sendTo(vendors.msg91) },
      { method: 'POST', path: '/fcm/token', handle: (call) => tokens.issue(call) },
      { method: 'GET', path: '/whatsapp/:version/:phoneNumberId', handle: (call) => vendors.whatsapp.describeNumber(call) },
      {
        method: 'GET',
        path: '/whatsapp/:version/:accountId/message_templates',
        handle: (call) => vendors.whatsapp.listTemplates(call),
      },
      { method: 'POST', path: '/sandbox/whatsapp/templates', handle: (call) => templateDesk.change(call) },
      { method: 'GET', path: '/sandbox/whatsapp/portfolio', handle: () => portfolioDesk.show() },
      { method: 'POST', path: '/sandbox/whatsapp/portfolio', handle: (call) => portfolioDesk.change(call) },
      { method: 'POST', path: '/sandbox/whatsapp/number', handle: (call) => numberDesk.change(call) },
      { method: 'POST', path: '/sandbox/whatsapp/name', handle: (call) => Promise.resolve(numberDesk.name(call)) },
      { method: 'POST', path: '/sandbox/whatsapp/account', handle: (call) => accountDesk.tell(call) },
      ...controlRoutes({ ledger, sendModes, receiptModes, desk, clock, subscription, faults }),
      ...handsetRoutes({ inbox, ledger, actions, options }),
      ...gateways.routes(),
    ],
    pendingReceipts: () => desk.pending() + gateways.pending(),
    close: () => {
      gateways.close();
      desk.close();
      agent.destroy();
    },
  };
}

const fcmTokens = (options: SandboxOptions): FcmTokens =>
  new FcmTokens({
    publicKey: options.fcmPublicKey,
    clientEmail: options.fcmClientEmail,
    lifetimeSeconds: options.fcmTokenSeconds,
  });

const phoneNumberIdOf = (options: SandboxOptions): string => options.whatsappPhoneNumberId ?? '106540352242922';

function whatsappOf(
  options: SandboxOptions,
  parts: Pick<WhatsAppSettings, 'templates' | 'portfolio' | 'account' | 'vendorTime'> & { readonly numbers: NumberDesk },
): WhatsApp {
  const automatic: readonly PlannedReceipt[] = options.receiptsAutomatic
    ? [
        { kind: 'sent', afterMs: options.receiptsSentAfterMs },
        { kind: 'delivered', afterMs: options.receiptsDeliveredAfterMs },
      ]
    : [];
  return new WhatsApp(
    {
      token: options.whatsappToken,
      phoneNumberId: options.whatsappPhoneNumberId,
      businessAccountId: options.whatsappBusinessAccountId,
      ...parts,
      ratePerSecond: options.whatsappRatePerSecond,
      pairBurst: options.whatsappPairBurst,
      pairEveryMs: options.whatsappPairEveryMs,
    },
    whatsappReceipts({
      url: options.whatsappWebhookUrl,
      appSecret: options.whatsappAppSecret,
      phoneNumberId: phoneNumberIdOf(options),
      automatic,
      nameOf: parts.numbers.nameOf,
      pricedAs: (template, language) => parts.templates.pricedAs(template, language),
    }),
  );
}

function msg91Of(options: SandboxOptions, vendorTime: (realMs: number) => number): Msg91 {
  const reports = msg91Reports({
    url: options.msg91WebhookUrl,
    version: options.msg91Reports,
    echoesReference: options.msg91EchoesReference,
    deliveredAfterMs: options.receiptsDeliveredAfterMs,
    isAutomatic: options.receiptsAutomatic,
    senderId: options.smsHeader,
    templates: options.smsTemplates,
  });
  const { msg91AuthKey: authKey, msg91RatePerSecond: ratePerSecond, smsTemplates: templates } = options;
  return new Msg91({ authKey, ratePerSecond, templates, vendorTime }, reports);
}

function refuseAll(modes: ModeBook): void {
  const vendors: readonly VendorName[] = ['fcm', 'whatsapp', 'msg91'];
  for (const vendor of vendors) modes.set({ vendor, mode: 'refused', share: 1 }, false);
}

function sendHandler(vendor: Vendor, books: Books, modes: ModeBook): Handler {
  return async (call, response) => {
    const exchange = new Exchange(vendor, call, response, books);
    try {
      await behave(exchange, modes.pick(vendor.name));
    } catch (error) {
      // The ledger cannot be written: not accepted, and said so.
      books.failed(error);
      exchange.answer(vendor.troubles.brokenDown());
    }
    return null;
  };
}

function serve(router: Router): Server {
  const server = createServer((request, response) => {
    answer(router, request, response).catch(() => {
      // A connection that breaks while its body is read is the caller's business; anything else would be ours, and visible as this 500.
      sendAnswer(response, json(500, { error: 'The sandbox failed on this request' }));
    });
  });
  // Longer than any sender keeps an idle connection: a connection closed by us in the wrong moment would look like a vendor's fault.
  server.keepAliveTimeout = 300_000;
  server.requestTimeout = 0;
  return server;
}

async function answer(router: Router, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = '/', search = ''] = splitOnce(request.url ?? '/', '?');
  const method = request.method ?? 'GET';
  const body = await readBody(request);
  if (body === null) return sendAnswer(response, json(413, { error: 'Body too large' }, { connection: 'close' }));
  const match = router.match(method, path);
  if (!match.found) return sendAnswer(response, json(match.status, { error: `No such address: ${method} ${path}` }));
  const query = new URLSearchParams(search);
  const call = { method, path, params: match.params, query, headers: request.headers, body, receivedAt: Date.now() };
  const reply = await match.handle(call, response);
  if (reply !== null) sendAnswer(response, reply);
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', 4_096, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
