import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * The price category that was known of a message before its vendor said one, and when the vendor said its latest: reports price by the one
 * until there is the other. Marketing messages whose vendor has said nothing were counted as utility, and are counted again. Safe beside
 * the version before, which neither reads nor writes these.
 */
export class PriceCategories1764391500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table touch add column sent_as text, add column category_at timestamptz`);
    await runner.query(`alter table earlier_touch add column sent_as text`);
    await runner.query(
      `with marketing as (
         update touch t set sent_as = 'marketing' from message m
         where m.id = t.message_id and t.channel = 'whatsapp' and t.category is null and m.guard ->> 'purpose' = 'marketing' returning t.run_id)
       insert into outcome_stale (journey_key, slot)
       select distinct o.journey_key, date_bin('15 minutes', o.entered_at, timestamptz '2000-01-01Z')
       from marketing join outcome o on o.run_id = marketing.run_id where not o.test`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
