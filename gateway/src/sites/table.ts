import { pgTable, text } from 'drizzle-orm/pg-core';

/** The sites of the configuration file that this installation has known; everything else about them stays in the file. */
export const site = pgTable('site', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  location: text('location'),
});
