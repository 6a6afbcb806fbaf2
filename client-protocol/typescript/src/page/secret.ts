/**
 * The secret behind the `#` of an address: it reaches no server's log, and is not left in the address either.
 * Kept for this tab, so that reloading and signing in come back to it.
 */

export function secretInAddress(key: string): string {
  const given = location.hash.slice(1);
  if (given !== "") {
    sessionStorage.setItem(key, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(key) ?? "";
}
