/** Whether a query failed on a unique index; of this name, where one is given. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  for (let fault = error; fault instanceof Error; fault = fault.cause) {
    // postgres.js puts the SQLSTATE on its error, and drizzle wraps that error as `cause`.
    if (!('code' in fault) || fault.code !== '23505') continue;
    return constraint === undefined || ('constraint_name' in fault && fault.constraint_name === constraint);
  }
  return false;
}
