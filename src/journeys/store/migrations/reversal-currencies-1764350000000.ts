import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * In which currency a refund was: money of another one cannot be set off against what was paid. Runs keep the reason they began with:
 * where further attempts had changed it, the reports still know. Safe beside the previous version, whose refunds are of the currency of
 * their goal as before.
 */
export class ReversalCurrencies1764350000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table run_reversal add column currency text`);
    await runner.query(
      `update run r set reason_class = o.reason_class from outcome o
       where o.run_id = r.id and o.reason_class is not null and r.reason_class is distinct from o.reason_class`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
