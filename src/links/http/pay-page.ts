import { encode } from 'uqr';
import { type HandOver } from '@wapas/gateways';
import { assertNever, type Money, toMajorText } from '@wapas/kernel';
import { type PayView } from '../pay-by-link';
import { type Html, html, page, paragraph } from '../../http/page';

export interface PageContext {
  /** `/WAPAS/q3xTz0Vb1Lk`: this page's own address. */
  readonly path: string;
  readonly shopName: string;
  readonly isPhone: boolean;
}

/** The pay page in the state the gateway has just given. All buttons are forms and links. */
export function payPage(view: Exclude<PayView, { show: 'leave' }>, context: PageContext): { status: number; body: string } {
  switch (view.show) {
    case 'pay':
      return { status: 200, body: page(context.shopName, toPay(view, context)) };
    case 'upi':
      return { status: 200, body: page(context.shopName, byUpi(view, context)) };
    case 'paid':
      return {
        status: 200,
        body: page('Already paid', paragraph('Thank you, your payment has arrived. There is nothing left for you to do.')),
      };
    case 'confirming':
      return { status: 200, body: page('Your bank is confirming', confirming(context)) };
    case 'closed':
      return {
        status: 200,
        body: page(
          'This payment has expired',
          paragraph('It can no longer be paid here. Please open the app or the shop to order again; nothing was taken.'),
        ),
      };
    case 'unavailable':
      return { status: 503, body: page('One moment, please', unavailable(context)) };
    default:
      return assertNever(view);
  }
}

function toPay(view: Extract<PayView, { show: 'pay' }>, { path }: PageContext): Html {
  const byUpi = view.upi ? html`<form method="post" action="${path}/upi"><button class="act">Pay by UPI</button></form>` : null;
  const byLink = view.paymentLink
    ? html`<form method="post" action="${path}/link"><button class="act">Pay now</button></form>`
    : null;
  const note = html`<p>
    <small>You finish this order, you do not place a new one. Opening this page twice does no harm.</small>
  </p>`;
  return html`${amountOf(view.amount)}${byUpi}${byLink}${checkoutForm(view.checkout, view.upi ? 'Other ways to pay' : 'Pay now', view.upi)}${note}`;
}

/** On a phone the UPI app opens by a tap; on a desktop the phone's app scans. Both carry what the gateway gave for this order. */
function byUpi({ amount, intent, checkout }: Extract<PayView, { show: 'upi' }>, { isPhone, path }: PageContext): Html {
  const way = isPhone
    ? html`<a class="act" href="${intent}">Open your UPI app</a>`
    : html`${qrOf(intent)}
        <p>Scan it with any UPI app on your phone.</p>`;
  const done = html`<p><a href="${path}/status">I have paid</a></p>`;
  return html`${amountOf(amount)}${way}${done}${checkoutForm(checkout, 'Other ways to pay', true)}`;
}

const confirming = ({ path }: PageContext): Html =>
  html`<p>
      Please do not pay again. This usually takes a few minutes; if money left your account it will be confirmed or returned.
    </p>
    <p><a class="act other" href="${path}/status">Look again</a></p>`;

const unavailable = ({ path }: PageContext): Html =>
  html`<p>We cannot see right now how your payment stands, so we do not ask you to pay.</p>
    <p><a class="act other" href="${path}/status">Look again</a></p>`;

function checkoutForm(checkout: HandOver | null, text: string, isSecond: boolean): Html | null {
  if (checkout === null) return null;
  const fields = Object.entries(checkout.fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return html`<form method="post" action="${checkout.action}">
    ${fields}<button class="act${isSecond ? ' other' : ''}">${text}</button>
  </form>`;
}

function amountOf(amount: Money): Html {
  const [whole = '0', fraction] = toMajorText(amount).split('.');
  const grouped = BigInt(whole).toLocaleString(amount.currency === 'INR' ? 'en-IN' : 'en');
  const sign = amount.currency === 'INR' ? '₹' : `${amount.currency} `;
  return html`<p class="amount">${`${sign}${grouped}${fraction === undefined ? '' : `.${fraction}`}`}</p>`;
}

/** One stroke for each run of dark squares: a page with the longest address still weighs less than 30 KB. */
function qrOf(text: string): Html {
  const { data, size } = encode(text, { ecc: 'M', border: 2 });
  const at = { x: 0, y: 0 };
  const strokes = data.flatMap((row, y) =>
    runsIn(row).map(([x, length]) => {
      const stroke = `m${x - at.x} ${y - at.y}h${length}`;
      Object.assign(at, { x: x + length, y });
      return stroke;
    }),
  );
  const side = String(size);
  return html`<svg viewBox="0 0 ${side} ${side}" role="img" aria-label="UPI QR code" shape-rendering="crispEdges">
    <path stroke="#000" d="M0 .5${strokes.join('')}" />
  </svg>`;
}

/** Where each run of dark squares begins in a row, and how long it is. */
function runsIn(row: readonly boolean[]): [number, number][] {
  const runs: [number, number][] = [];
  row.forEach((dark, x) => {
    const last = runs.at(-1);
    if (!dark) return;
    if (last && last[0] + last[1] === x) last[1] += 1;
    else runs.push([x, 1]);
  });
  return runs;
}
