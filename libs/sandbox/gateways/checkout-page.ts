import { Html, html } from '../handset/html';
import { type Answer } from '../wire';
import { type PlayedOrder, rupees } from './payment-book';

const STYLE = new Html(
  'body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem}button{display:block;width:100%;margin:.5rem 0;padding:.8rem;font:inherit}small{color:#666}',
);

const page = (status: number, body: Html): Answer => ({
  status,
  type: 'text/html; charset=utf-8',
  body: html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Sandbox checkout</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html>`.text,
});

/** The gateway's checkout: what a customer can do with an order. A plain form, so a test can press its buttons. */
export function checkoutPage(
  gateway: string,
  payUrl: string,
  what: Pick<PlayedOrder, 'id' | 'amount' | 'currency'>,
  hidden: Readonly<Record<string, string>>,
): Answer {
  const fields = Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`);
  const button = (outcome: string, text: string): Html => html`<button name="outcome" value="${outcome}">${text}</button>`;
  return page(
    200,
    html`<small>The sandbox plays ${gateway}</small>
      <h1>${what.currency} ${rupees(what.amount)}</h1>
      <p>Order ${what.id}</p>
      <form method="post" action="${payUrl}">
        ${fields}${button('captured', 'Pay')}${button('authorised', 'Pay, and the bank takes its time')}${button('failed', 'Let it fail')}
      </form>`,
  );
}

/** The form that brings the customer back; null: nobody said where to. */
export type Back = { readonly url: string; readonly fields: Readonly<Record<string, string>> } | null;

/** After the attempt: the way back to whoever sent the customer. */
export function donePage(text: string, back: Back, status = 200): Answer {
  const fields = Object.entries(back?.fields ?? {}).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  const form =
    back === null ? null : html`<form method="post" action="${back.url}">${fields}<button>Back to the shop</button></form>`;
  return page(
    status,
    html`<h1>${text}</h1>
      ${form}`,
  );
}
