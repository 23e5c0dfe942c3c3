import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Names are sealed. Those from before stay readable until `npm run rotate-keys` has sealed them. Safe beside the previous version. */
export class SealedNames1764100000705 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table person add column sealed_name bytea`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
