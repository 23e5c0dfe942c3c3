import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What a vendor said it charges for, kept with the receipt that said so. Safe beside the previous version. */
export class ReceiptBilling1764000000161 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table receipt add column billing jsonb`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
