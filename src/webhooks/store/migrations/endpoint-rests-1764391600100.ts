import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * How often in a row an endpoint has rested and until when, apart from `rests_until`, which a post under way moves; which deliveries an
 * operator asked for; since when a delivery fails, and before when its endpoint asked not to be tried (`Retry-After`).
 *
 * Safe beside the version before, which neither reads nor writes any of it. An endpoint that rests meanwhile goes on with short rests.
 */
export class EndpointRests1764391600100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table webhook_endpoint
        add column rests        int not null default 0,
        add column rest_ends_at timestamptz`);
    await runner.query(`
      alter table webhook_delivery
        add column asked_for       boolean not null default false,
        add column first_failed_at timestamptz,
        add column not_before      timestamptz`);
    await runner.query(
      `create index webhook_delivery_asked_for on webhook_delivery (endpoint_id, due_at) where asked_for and due_at is not null`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
