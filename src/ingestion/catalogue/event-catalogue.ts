import { DOWNTIME_EVENTS } from '../rules/downtime-events';
import { type EventKeys } from '../rules/new-event';

/** What events of a name are about, and what they are for. */
export interface CatalogueEntry {
  readonly name: string;
  readonly about: 'payment' | 'order' | 'cart' | 'checkout' | 'kyc' | 'mandate' | 'customer' | 'rail';
  readonly description: string;
  /** A key of these makes it belong to a matter: one is enough. None: it is about nobody's matter. */
  readonly keys: readonly (keyof EventKeys)[];
  /** What makes it more useful when it is there. */
  readonly carries: readonly ('amount' | 'reason' | 'properties.due_date' | 'properties.itemIds' | 'properties.checkout_url')[];
}

type Row = readonly [name: string, description: string, carries?: CatalogueEntry['carries'], keys?: CatalogueEntry['keys']];

const rows = (about: CatalogueEntry['about'], keys: CatalogueEntry['keys'], all: readonly Row[]): CatalogueEntry[] =>
  all.map(([name, description, carries = [], own = keys]) => ({ name, about, description, keys: own, carries }));

/**
 * The names that sources of the tree, derived events and starter journeys speak. Any other name is taken, kept and counted all the same:
 * a catalogue says what to call a thing so that what is there already works with it, and forbids nothing.
 */
export const eventCatalogue: readonly CatalogueEntry[] = [
  ...rows(
    'payment',
    ['order', 'payment'],
    [
      ['Payment Failed', 'An attempt to pay did not go through. The order may still be paid.', ['amount', 'reason']],
      ['Payment Pending', 'An attempt is with the bank and nobody knows yet.', ['amount']],
      ['Payment Declined', 'The bank has said no to what was pending.', ['reason']],
      ['Payment Authorized', 'The money is reserved and not yet taken. Not paid, and not to be asked for again.', ['amount']],
      ['Payment Captured', 'The money was taken. The order is paid.', ['amount']],
      ['Payment Cancelled', 'The attempt was given up.', ['amount']],
      ['Payment Link Paid', 'A payment link was paid.', ['amount']],
      ['Payment Link Partially Paid', 'A part of a payment link was paid.', ['amount']],
      ['Payment Link Expired', 'A payment link can be paid no more.'],
      ['Payment Link Cancelled', 'A payment link was taken back.'],
      ['Refund Started', 'Money is on its way back.', ['amount']],
      ['Payment Refunded', 'Money went back; `amount` is what went back now.', ['amount']],
      ['Refund Failed', 'Money could not be sent back.', ['amount']],
      ['Dispute Opened', 'The customer disputes the payment or the debit.', ['amount'], ['payment', 'order', 'mandate']],
      ['Dispute Closed', 'A dispute has ended.', ['amount'], ['payment', 'order', 'mandate']],
    ],
  ),
  ...rows(
    'rail',
    [],
    [
      [
        DOWNTIME_EVENTS.started,
        'A method, bank, issuer or network is down; the properties name it, and the gateway where only one is meant.',
      ],
      [DOWNTIME_EVENTS.updated, 'It is still down, but otherwise.'],
      [DOWNTIME_EVENTS.resolved, 'It is up again.'],
    ],
  ),
  ...rows(
    'order',
    ['order', 'cart', 'checkout'],
    [
      ['Order Created', 'An order exists and is not paid yet.', ['amount', 'properties.itemIds']],
      ['Order Placed COD', 'An order will be paid on delivery.', ['amount', 'properties.itemIds']],
      ['Order Paid', 'The order is paid.', ['amount', 'properties.itemIds']],
      ['Order Completed', 'The order was placed or is done: nobody is asked to pay it any more.', ['amount']],
      ['Order Cancelled', 'The order was cancelled.'],
      ['Order Expired', 'The order can be paid no more.'],
      ['Price Changed', 'What is in the matter costs something else now.'],
      ['Out Of Stock', 'What is in the matter cannot be bought any more.'],
    ],
  ),
  ...rows(
    'cart',
    ['cart'],
    [
      ['Cart Created', 'A cart has its first item.', ['amount', 'properties.itemIds']],
      ['Cart Updated', 'Something in the cart has changed.', ['amount', 'properties.itemIds']],
      ['Cart Emptied', 'Nothing is left in the cart.'],
      ['Cart Abandoned', 'The cart was left alone. Derived from silence, unless you send it.', ['amount', 'properties.itemIds']],
    ],
  ),
  ...rows(
    'checkout',
    ['checkout', 'cart'],
    [
      ['Checkout Started', 'A customer has begun to check out.', ['amount', 'properties.checkout_url']],
      ['Checkout Updated', 'Something in the checkout has changed.', ['amount', 'properties.checkout_url']],
      ['Checkout Viewed', 'The checkout was looked at again.'],
      ['Checkout Completed', 'The checkout has become an order.', ['amount']],
      ['Checkout Cancelled', 'The checkout was given up or deleted.'],
      [
        'Checkout Abandoned',
        'The checkout was left. Derived from silence, or said by the gateway.',
        ['amount', 'properties.checkout_url'],
      ],
    ],
  ),
  ...rows(
    'kyc',
    ['kycApplication'],
    [
      ['KYC Started', 'An application was begun, or begun anew.'],
      ['KYC Step Completed', 'A step of it was done.'],
      [
        'KYC Incomplete',
        'It was begun and left, with the next step in `properties.next_step`. Derived from silence, or said by the vendor.',
        ['reason'],
      ],
      ['KYC Submitted', 'It was handed in.'],
      ['KYC Resubmitted', 'It was handed in once more after a rejection.'],
      ['KYC Needs Review', 'A person is looking at it.'],
      ['KYC Approved', 'It was approved.'],
      ['KYC Rejected', 'It was rejected, and may be tried again.', ['reason']],
      ['KYC Closed', 'It has ended, or was rejected for good. Never "try again".', ['reason']],
    ],
  ),
  ...rows(
    'mandate',
    ['mandate'],
    [
      ['Mandate Authorised', 'A mandate (UPI AutoPay, eNACH, card) was set up.'],
      ['Mandate Rejected', 'It could not be set up.', ['reason']],
      ['Mandate Paused', 'It rests.'],
      ['Mandate Resumed', 'It is in force again.'],
      ['Mandate Cancelled', 'It was cancelled.'],
      ['Mandate Completed', 'It has done all its debits.'],
      ['Subscription Activated', 'A subscription has begun.'],
      [
        'Mandate Debit Failed',
        'A debit (EMI, SIP, subscription) did not go through.',
        ['amount', 'reason', 'properties.due_date'],
      ],
      ['Mandate Debit Presented', 'The debit is tried again: what was said about the last try is out of date.'],
      ['Instalment Paid', 'The instalment of a due date was paid, by whatever route.', ['amount', 'properties.due_date']],
      ['Loan Restructured', 'The lender has changed the terms: nothing is to be collected by message.'],
      ['Hardship Declared', 'The borrower has declared hardship.'],
      ['Borrower Deceased', 'The borrower has died.'],
      ['Collections Handover', 'The matter went to collections.'],
    ],
  ),
  ...rows(
    'customer',
    [],
    [
      ['App Opened', 'The customer is in the app now.'],
      [
        'Support Ticket Opened',
        'The customer talks to support: machines are silent.',
        [],
        ['order', 'kycApplication', 'mandate'],
      ],
      ['Customer Identified', 'Who a customer is (tracking API `identify`).'],
      ['Customer Grouped', 'Which group they belong to (tracking API `group`).'],
      ['Customer Aliased', 'What they were known as before (tracking API `alias`).'],
      ['Page Viewed', 'A page was seen (tracking API `page`).'],
      ['Screen Viewed', 'A screen was seen (tracking API `screen`).'],
    ],
  ),
];

const names: ReadonlySet<string> = new Set(eventCatalogue.map(({ name }) => name));
export const isCatalogued = (name: string): boolean => names.has(name);
