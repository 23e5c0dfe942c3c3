import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Where a link leads, and the payment it is about, are sealed from here on. Links of before stay readable and are sealed by
 * `npm run rotate-keys`. Beside the version before: that one says "expired" to whoever follows a link that this one made.
 */
export class SealedLinks1764200000402 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table link add column sealed bytea`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
