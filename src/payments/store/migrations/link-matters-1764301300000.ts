import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What a payment link was made for: hashed keys and names of events. Safe beside the version before, whose links are closed by their payment alone. */
export class LinkMatters1764301300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table gateway_link add column matter json`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
