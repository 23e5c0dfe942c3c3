import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { after, assertNever, minutes, toMajorText } from '@wapas/kernel';
import { type Customer } from './customers';
import { type StoryClock } from './story-clock';
import { type Wapas } from './wapas';

/**
 * The shop behind the links: pages on loopback where an order is paid or a photo retaken. Players and people at a browser
 * come through the same `pay`.
 */
export class Shop {
  private readonly served = new Set<string>();

  private constructor(
    readonly url: string,
    private readonly server: Server,
    private readonly wapas: Wapas,
    private readonly clock: StoryClock,
  ) {}

  static async open(port: number, customers: readonly Customer[], wapas: Wapas, clock: StoryClock): Promise<Shop> {
    const byPath = new Map(customers.flatMap((one) => pathsOf(one).map((path) => [path, one])));
    const server = createServer();
    const shop = new Shop(`http://127.0.0.1:${port}`, server, wapas, clock);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      shop.serve(byPath.get(request.url ?? ''), request, response).catch(() => {
        // The customer sees that it failed and may press again; there is nobody else to tell.
        send(response, 502, page('That did not work', 'Please try again.'));
      });
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    return shop;
  }

  /** For WAPAS_PAY_URL. */
  static payUrl(port: number): string {
    return `http://127.0.0.1:${port}/orders/{order_id}/pay`;
  }

  retakeUrl(application: string): string {
    return `${this.url}/kyc/${application}`;
  }

  /** The customer pays, or retakes the photo; the second time nothing happens. The gateway tells Wapas in its own way. */
  async pay(customer: Customer): Promise<void> {
    if (this.served.has(customer.id)) return;
    this.served.add(customer.id);
    const { matter } = customer;
    if (matter.kind === 'cart') return;
    if (matter.kind === 'kyc') return this.wapas.kycApproved(customer, matter);
    const payment = { payment: `pay_${customer.id.replace('cust_', 'Demo')}9` };
    if (!matter.toldInThreeSteps) return this.wapas.gatewayTells('payment.captured', customer, matter, payment);
    await this.wapas.gatewayTells('payment.authorized', customer, matter, payment);
    await pause(this.clock.msUntil(after(this.clock.now(), minutes(1))));
    await this.wapas.gatewayTells('payment.captured', customer, matter, payment);
    await this.wapas.gatewayTells('order.paid', customer, matter, payment);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async serve(customer: Customer | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    if (!customer) return send(response, 404, page('Nothing here', 'The demo shop knows no such order.'));
    if (request.method === 'POST') await this.pay(customer);
    const [title, call] = offerOf(customer);
    if (this.served.has(customer.id)) return send(response, 200, page(title, 'Thank you. There is nothing left to do.'));
    send(response, 200, page(title, `<form method="post"><button>${call}</button></form>`));
  }
}

function pathsOf({ matter }: Customer): string[] {
  switch (matter.kind) {
    case 'payment':
      return [`/orders/${matter.order}/pay`];
    case 'kyc':
      return [`/kyc/${matter.application}`];
    case 'cart':
      return [];
    default:
      return assertNever(matter);
  }
}

/** Title of the page and text of its button. All words are the demo's own: nothing here needs escaping. */
function offerOf({ matter }: Customer): [title: string, call: string] {
  if (matter.kind !== 'payment') return ['Your ID photo', 'Retake it'];
  return [`Order ${matter.order}`, `Pay ₹${toMajorText({ amount: matter.amount, currency: 'INR' })}`];
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(body);
}

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title>
<style>body{font:18px/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:100vh;margin:0;background:#f6f5f1}button{font:inherit;padding:.6rem 1.4rem}</style></head>
<body><main><p>Demo shop</p><h1>${title}</h1><p>${content}</p></main></body></html>
`;
