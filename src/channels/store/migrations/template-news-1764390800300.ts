import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * When something was heard of a template, and of any of a provider's: a list that was begun before is older than that. Null: nothing was, since
 * this is kept. Safe beside the version before, which neither reads nor writes them.
 */
export class TemplateNews1764390800300 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table vendor_template add column heard_at timestamptz`);
    await runner.query(`alter table template_sync add column heard_at timestamptz`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
