import { type Instant } from '@wapas/kernel';
import { type HttpClient, SettingsReader } from '@wapas/provider-kit';
import { askJson, isId, type Json, minorMoney, NOT_FOUND, reasonOf, recordOf, textOf, UNREADABLE } from './ask';
import { type GatewayDefinition, type PaymentState, type PaymentSubject, type PaymentWord, type StatusAnswer } from './contract';

/**
 * Stripe (docs.stripe.com/api, payment intents, checkout sessions and invoices; read 2026-11-25). What plays the order is
 * whatever the events call so: a PaymentIntent (`pi_`, it survives several failed attempts), a Checkout Session (`cs_`) or an
 * invoice (`in_`). Look-ups only: the page a customer pays on is the shop's own.
 */
export const stripe: GatewayDefinition = {
  name: 'stripe',
  settings: [
    {
      name: 'STRIPE_SECRET_KEY',
      required: true,
      secret: true,
      description: 'A restricted key that may read payments is enough.',
    },
    { name: 'STRIPE_BASE_URL', required: false, secret: false, description: 'Default https://api.stripe.com/v1.' },
  ],
  read: (settings) => {
    const reader = new SettingsReader(settings);
    const key = reader.requiredToken('STRIPE_SECRET_KEY', 'copy a restricted or secret key from the Stripe dashboard');
    const baseUrl = reader.baseUrl('STRIPE_BASE_URL', 'https://api.stripe.com/v1');
    return reader.result(() => (http: HttpClient) => ({
      name: 'stripe',
      status: { ask: (subject: PaymentSubject) => ask(http, baseUrl, key, subject) },
    }));
  },
};

interface Kind {
  readonly path: string;
  read(body: Json): PaymentWord | undefined;
}

async function ask(http: HttpClient, baseUrl: string, key: string, { order, payment }: PaymentSubject): Promise<StatusAnswer> {
  const id = [order, payment].find((one) => isId(one) && KINDS.has(one.slice(0, 3)));
  const kind = KINDS.get(id?.slice(0, 3) ?? '');
  if (id === undefined || kind === undefined) return NOT_FOUND;
  const request = { method: 'GET', url: `${baseUrl}/${kind.path}/${id}`, headers: { authorization: `Bearer ${key}` } } as const;
  const asked = await askJson(http, request, (body) => textOf(recordOf(body.error)?.code));
  if (!asked.ok) return reasonOf(asked);
  const body = recordOf(asked.body) ?? {};
  const word = body.id === id ? kind.read(body) : undefined;
  return word ? { known: true, word: { ...word, order: id } } : UNREADABLE;
}

const INTENTS: Readonly<Record<string, PaymentState>> = {
  requires_payment_method: 'open',
  requires_confirmation: 'open',
  requires_action: 'open',
  processing: 'pending',
  requires_capture: 'authorised',
  succeeded: 'paid',
  canceled: 'cancelled',
};
const INVOICES: Readonly<Record<string, PaymentState>> = {
  draft: 'open',
  open: 'open',
  paid: 'paid',
  uncollectible: 'cancelled',
  void: 'cancelled',
};

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['pi_', { path: 'payment_intents', read: readIntent }],
  ['cs_', { path: 'checkout/sessions', read: readSession }],
  ['in_', { path: 'invoices', read: readInvoice }],
]);

function readIntent(body: Json): PaymentWord | undefined {
  const state = stateIn(INTENTS, body.status);
  return state && { state, amount: minorMoney(body.amount, body.currency), payment: textOf(body.latest_charge) };
}

function readSession(body: Json): PaymentWord | undefined {
  const amount = minorMoney(body.amount_total, body.currency);
  const isPaid = body.payment_status === 'paid' || body.payment_status === 'no_payment_required';
  if (isPaid) return { state: 'paid', amount, payment: textOf(body.payment_intent) };
  if (body.payment_status !== 'unpaid') return undefined;
  // Complete and unpaid: the customer has done everything, the bank has not yet (bank debits take days).
  const state = stateIn({ open: 'open', expired: 'expired', complete: 'pending' }, body.status);
  return state && { state, amount };
}

function readInvoice(body: Json): PaymentWord | undefined {
  const state = stateIn(INVOICES, body.status);
  const paidAt = recordOf(body.status_transitions)?.paid_at;
  return (
    state && {
      state,
      amount: minorMoney(state === 'paid' ? body.amount_paid : body.amount_remaining, body.currency),
      at: typeof paidAt === 'number' ? ((paidAt * 1_000) as Instant) : undefined,
    }
  );
}

function stateIn(states: Readonly<Record<string, PaymentState>>, status: unknown): PaymentState | undefined {
  return typeof status === 'string' && Object.hasOwn(states, status) ? states[status] : undefined;
}
