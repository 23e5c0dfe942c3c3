import { type RetentionRule, statement } from '@wapas/database';

/** A payment link that was made at a gateway is found again for as long as its payment may be asked about. */
export const paymentsRetention: readonly RetentionRule[] = [
  {
    name: 'payment links of gateways',
    keeps: 'log',
    // One that the gateway has not been told to close yet can still be paid by.
    leavesSome: true,
    sql: statement(
      'retire_gateway_links',
      `delete from gateway_link where key in (select key from gateway_link where made_at >= $1 and made_at < $2 and closed_at is not null order by made_at limit $3) returning made_at as at`,
    ),
  },
];
