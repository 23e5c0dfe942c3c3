import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Started } from './children';

/**
 * A journey that uses every rule there is, with limits that nothing meets: each is asked, none says no but the holdout.
 * `firstAfter`: when its first step is due, from T.
 */
export const fullRules = (firstAfter: string): string => `format: wapas.journey/1
key: bench
name: Bench
trigger:
  event: Payment Failed
  where:
    - { field: reason.class, notIn: [business] }
    - { field: amount.value, atLeast: 10000 }
  maxAge: 24h
hold: { when: [{ field: reason.class, in: [pending] }], for: 10m, confirmedBy: [Payment Declined] }
correlateBy: [order, payment]
reentryAfter: 30m
maxEntries: 5
attempts: restart_when_engaged
goal:
  events: [Payment Captured, Order Paid]
  by: [order, payment]
  or:
    - { events: [Order Placed], by: [customer], where: [{ field: properties.coupon_used, sameAs: properties.coupon_used }] }
exits:
  - { event: Order Cancelled, reason: order_cancelled }
  - { event: Support Ticket Opened, reason: support_ticket, by: [order, customer] }
silence: [Payment Authorized]
window: 24h
holdoutPercent: 10
postpone: { events: [Checkout Viewed] }
maxMessages: 3
steps:
  - key: push
    after: ${firstAfter}
    channel: push
    hours: { from: '00:00', to: '23:59', outside: hold }
    messages:
      - when: [{ field: reason.class, in: [timeout] }]
        template: { title: We are asking your bank, body: Nothing is lost. We write as soon as we know., deepLink: 'shop://orders/{{keys.order}}' }
      - variants:
          - key: plain
            percent: 50
            template:
              title: Payment not completed
              body: Payment of {{amount|money}} didn't go through. Your items are saved. Tap to try again.
              deepLink: shop://orders/{{keys.order}}/pay
          - key: short
            percent: 50
            template: { title: Your order is waiting, body: '{{amount|money}} is still to be paid.', deepLink: 'shop://orders/{{keys.order}}/pay' }
  - key: again
    after: 15m
    channel: push
    unless: [{ step: push, signal: engaged }]
    messages:
      - template: { title: Still waiting, body: Your items are saved., deepLink: 'shop://orders/{{keys.order}}/pay' }
  - key: last
    after: 2h
    channel: push
    when: [{ field: amount.value, atMost: 100000000 }]
    if: [{ step: push, signal: engaged, answer: unknown }]
    messages:
      - template: { title: One more try, body: Your items are saved until tonight., deepLink: 'shop://orders/{{keys.order}}/pay' }
`;

/** A folder with this journey alone, as `WAPAS_JOURNEYS_DIR` wants it. */
export function journeyFolder(journey: string, started: Started): string {
  const folder = mkdtempSync(join(tmpdir(), 'wapas-bench-journeys-'));
  started.toStop(async () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'bench.yaml'), journey);
  return folder;
}
