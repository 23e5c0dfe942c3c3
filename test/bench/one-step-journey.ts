/** A journey of one push after a failed payment, as YAML. `step`: when it is due and what else holds for it, a line each. */
export const oneStepJourney = (step: readonly string[]): string => `format: wapas.journey/1
key: bench
name: Bench
trigger: { event: Payment Failed }
correlateBy: [order, payment]
goal: { events: [Payment Captured, Order Paid], by: [order, payment] }
exits: [{ event: Order Cancelled, reason: order_cancelled }]
silence: [Payment Authorized]
window: 24h
holdoutPercent: 0
steps:
  - key: push
${step.map((line) => `    ${line}\n`).join('')}    channel: push
    messages:
      - template:
          title: Payment not completed
          body: Payment of {{amount|money}} didn't go through. Your items are saved. Tap to try again.
          deepLink: shop://orders/{{keys.order}}/pay
`;
