import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * How far a failure reaches and for how long, which a parked receipt must not forget; and where failures can be counted by the address
 * that they are about. Safe beside the previous version.
 */
export class ReceiptReach1764300900000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table receipt add column reach jsonb`);
    await runner.query(
      `create index receipt_failed_of_address on receipt (address_key, received_at) where kind = 'failed' and address_key is not null`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
