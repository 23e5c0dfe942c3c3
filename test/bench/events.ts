/** How many customers there are before anything is measured. */
export const CUSTOMERS = 5_000;

export const tokenOf = (customer: number): string => `bench-device-token-of-customer-${customer}-${'x'.repeat(120)}`;
const customerId = (customer: number): string => `cust_${customer}`;
const phoneOf = (customer: number): string => `+9198${String(10_000_000 + customer)}`;

/** What makes a customer known: a first event with the device's push token. */
export function introduction(customer: number): string {
  return JSON.stringify({
    event: 'App Opened',
    eventId: `hello-${customer}`,
    person: {
      customerId: customerId(customer),
      phone: phoneOf(customer),
      name: `Asha Rao ${customer}`,
      pushTokens: [{ token: tokenOf(customer), platform: 'android' }],
    },
  });
}

/** A failed payment as a shop's backend posts it: the trigger of a journey. Each is about an order that nobody has seen before. */
export function paymentFailed(run: string, number: number): string {
  const reason = { class: 'user_error', code: 'incorrect_pin' };
  return JSON.stringify({ event: 'Payment Failed', eventId: `pf-${run}-${number}`, ...contentOf(run, number), reason });
}

/** A payment that came in: the goal of a journey. It goes the way of every event and ends what it finds, but starts nothing. */
export function paymentCaptured(run: string, number: number): string {
  return JSON.stringify({ event: 'Payment Captured', eventId: `pc-${run}-${number}`, ...contentOf(run, number) });
}

const CARTS = 200_000;

/** Somebody does something to one of 200,000 carts: the first time each is new, from then on known. */
export function cartUpdated(run: string, number: number): string {
  return JSON.stringify({ event: 'Cart Updated', eventId: `cu-${run}-${number}`, ...cartOf(number, `cart_${number % CARTS}`) });
}

/** The last that was done to a cart of its own, nearly a minute ago: in two seconds that is a minute of silence. */
export function basketTouched(run: string, number: number): string {
  const occurredAt = new Date(Date.now() - 58_000).toISOString();
  return JSON.stringify({
    event: 'Basket Touched',
    eventId: `bt-${run}-${number}`,
    occurredAt,
    ...cartOf(number, `basket_${run}_${number}`),
  });
}

function cartOf(number: number, cart: string) {
  const customer = number % CUSTOMERS;
  return {
    person: { customerId: customerId(customer), phone: phoneOf(customer) },
    keys: { cart },
    amount: { value: 49_900 + (number % 1_000) * 100, currency: 'INR' },
    properties: { items: 1 + (number % 5), coupon_used: false },
  };
}

function contentOf(run: string, number: number) {
  const customer = number % CUSTOMERS;
  return {
    person: { customerId: customerId(customer), phone: phoneOf(customer) },
    keys: { order: `order_${run}_${number}`, payment: `pay_${run}_${number}` },
    amount: { value: 49_900 + (number % 1_000) * 100, currency: 'INR' },
    properties: {
      method: 'upi',
      bank: 'HDFC',
      items: 2,
      checkout_url: `https://shop.example/checkout/order_${run}_${number}`,
      coupon_used: false,
    },
  };
}

/** What the event table keeps of such an event as JSON, for whoever inserts the same row by hand. */
export const storedContent = (): string => JSON.stringify(contentOf('12345x6', 123_456));
